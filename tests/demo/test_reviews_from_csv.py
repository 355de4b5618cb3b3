"""`scripts/reviews_from_csv.py`: rows to events, the same every time."""

import gzip
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from scripts.reviews_from_csv import Form, NotAReview, main, reviews, rows_of
from streams.contracts.codec import decode
from streams.contracts.events import Review
from streams.contracts.topics import REVIEWS

ROOT = Path(__file__).parents[2]
HEADER = "Clothing ID,Title,Review Text,Rating\n"
ROWS = """\
767,,"Silky, sexy
and comfortable",4
1080,A title,Love this dress!,5
7,,,3
8,  ,  Same text  ,nine
8,,Same text,2.0
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.csv"
    path.write_text(HEADER + ROWS, encoding="utf-8-sig")
    return path


def events(path: Path, form: Form | None = None) -> list[Review | NotAReview]:
    form = form or Form()
    return list(reviews(rows_of(path, form), form))


def test_every_row_with_text_becomes_an_event(table: Path) -> None:
    found = [one for one in events(table) if isinstance(one, Review)]
    assert [one.id for one in found] == [f"clothing-{number:06d}" for number in (1, 2, 4, 5)]
    assert [one.rating for one in found] == [4, 5, None, 2]
    assert [one.product_id for one in found] == ["clothing-767", "clothing-1080", "clothing-8", "clothing-8"]
    assert found[0].text.reveal() == "Silky, sexy\nand comfortable"
    assert [one.title is None for one in found] == [True, False, True, True]
    assert found[2].text == found[3].text


def test_the_same_file_gives_the_same_events_gzipped_or_not(table: Path) -> None:
    packed = table.with_suffix(".csv.gz")
    packed.write_bytes(gzip.compress(table.read_bytes()))
    assert events(table) == events(table) == events(packed)


def test_times_are_spaced_by_row(table: Path) -> None:
    times = [one.time for one in events(table) if isinstance(one, Review)]
    assert times[0] == datetime(2024, 1, 1, tzinfo=UTC)
    assert [(time - times[0]).total_seconds() for time in times] == [0, 60, 180, 240]


def test_columns_and_prefix_are_options(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = tmp_path / "other.csv"
    path.write_text("sku,body\na,Good\n")
    options = [
        "--text-column",
        "body",
        "--product-column",
        "sku",
        "--title-column",
        "",
        "--rating-column",
        "",
    ]
    assert main([str(path), *options, "--prefix", "x"]) == 0
    line = orjson.loads(capfdbinary.readouterr().out)
    assert (line["id"], line["product_id"], line["text"]) == ("x-000001", "x-a", "Good")


def test_a_missing_column_is_named_with_those_that_are_there(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "other.csv"
    path.write_text("sku,body\na,Good\n")
    assert main([str(path)]) == 1
    said = capfd.readouterr()
    assert "Review Text" in said.err
    assert "sku, body" in said.err
    assert not said.out


def test_a_row_that_the_contract_refuses_is_named_and_left_out(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "long.csv"
    path.write_text(f"{HEADER}1,,{'secret ' * 30_000},5\n2,,Fine,5\n")
    assert main([str(path)]) == 1
    said = capfd.readouterr()
    assert said.out.count("\n") == 1
    assert "row 1: text" in said.err
    assert "secret" not in said.err


def test_the_program_writes_what_the_contract_takes(table: Path) -> None:
    done = subprocess.run(
        [sys.executable, "scripts/reviews_from_csv.py", table, "--limit", "3"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    for line in lines:
        decode(REVIEWS, line, now=datetime.now(UTC))
    assert b"3 reviews written" in done.stderr
