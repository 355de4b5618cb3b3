"""`scripts/bench reviews`: what can be said without running it for minutes."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from privacy.plaintext import Plaintext
from scripts.benchmarks.reviews import Answers, parts_of, texts_of
from streams.contracts.events import Review

ROOT = Path(__file__).parents[2]


def reviews(count: int) -> list[Review]:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        Review(id=f"r{number}", time=moment, product_id="p", user_id="u", text=Plaintext(f"text {number}"))
        for number in range(count)
    ]


def test_without_the_data_it_says_where_to_get_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.benchmarks.reviews", "--data", tmp_path / "none.csv"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "kaggle.com" in done.stderr
    assert "SHOPSTREAM_REVIEWS" in done.stderr
    assert not done.stdout


def test_a_rate_leaves_out_what_came_with_the_first_answer() -> None:
    answers = Answers({"r0": 1_000, "r1": 1_000, "r2": 2_000, "r3": 3_000, "r4": None})
    assert answers.rate(reviews(5)) == pytest.approx(1.0)


def test_parts_are_quarters_and_lose_nothing() -> None:
    events = reviews(4_001)
    parts = list(parts_of(events))
    assert [review for part in parts for review in part] == events
    assert len(parts) == 4


def test_the_peer_reads_what_the_worker_reads() -> None:
    titled = reviews(1)[0].model_copy(update={"title": Plaintext("Lovely")})
    assert texts_of([titled, *reviews(1)]) == ["Lovely. text 0", "text 0"]
