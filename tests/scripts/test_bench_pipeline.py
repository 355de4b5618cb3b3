"""`scripts/bench pipeline`: its parts."""

import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from privacy.detect.span import Span
from privacy.plaintext import Plaintext
from scripts.benchmarks._pipeline_by_hand import labelled, masked_text
from scripts.benchmarks._pipeline_job import Answers, texts_of
from scripts.benchmarks._pipeline_profile import Profiler, spent_between, stage_of
from scripts.benchmarks._pipeline_workers import workers_of
from scripts.benchmarks.pipeline import PARTS, Plan, figures
from streams.contracts.events import Review
from streams.settings import ModelSettings, Settings


def reviews(count: int) -> list[Review]:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        Review(id=f"r{number}", time=moment, product_id="p", user_id="u", text=Plaintext(f"text {number}"))
        for number in range(count)
    ]


def test_a_rate_counts_insights_from_the_first_sending_to_the_last_insight() -> None:
    answers = Answers({"r0": 1_500, "r1": 2_000, "r2": 5_000, "r3": None})
    assert answers.rate(reviews(4), started=1.0) == pytest.approx(3 / 4)


def test_no_review_is_in_two_parts() -> None:
    events = reviews(2_000)
    plan = Plan.of(events, 1_000, 200)
    used = [event.id for part in (*plan.parts, plan.warm, plan.profiled) for event in part]
    assert len(plan.parts) == PARTS
    assert len(used) == len(set(used)) == 1_250
    with pytest.raises(SystemExit, match="too few"):
        Plan.of(events, 1_900, 200)


def test_the_bare_encoder_reads_what_the_worker_reads() -> None:
    titled = reviews(1)[0].model_copy(update={"title": Plaintext("Lovely")})
    assert texts_of([titled, *reviews(1)]) == ["Lovely. text 0", "text 0"]


def test_by_hand_findings_are_replaced_and_overlaps_are_not_cut_twice() -> None:
    spans = [Span(7, 10, "B", 0.5, "x"), Span(3, 8, "A", 0.5, "x"), Span(11, 12, "C", 0.5, "x")]
    assert masked_text("abcdefghijklm", spans) == "abc<A>ijk<C>m"


def test_by_hand_the_head_learns_from_stars() -> None:
    training = orjson.loads(labelled(["bad", "so so", "good", "none"], [1, 3, 5, None]))
    assert training == {"texts": ["bad", "so so", "good"], "labels": ["negative", "neutral", "positive"]}


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's thread clocks")
def test_the_profiler_charges_a_threads_time_to_where_it_is(tmp_path: Path) -> None:
    source = "def work(stop):\n    while not stop.is_set():\n        sum(range(1000))\n"
    space: dict[str, object] = {}
    exec(compile(source, "/x/privacy/detect/made_up.py", "exec"), space)  # noqa: S102 - code under that name
    stop = threading.Event()
    busy = threading.Thread(target=space["work"], args=(stop,))  # type: ignore[arg-type]
    profiler = Profiler(tmp_path / "profile.json")
    before = profiler.snapshot()
    busy.start()
    for _ in range(20):
        time.sleep(0.01)
        profiler.sample()
    stop.set()
    found = spent_between(before, profiler.snapshot(), texts=1)
    busy.join()
    assert found["microseconds_per_text"]["mask"] > 50_000
    assert 0.5 < found["share_of_process_seen"] < 1.5


def test_who_calls_a_contract_pays_for_it() -> None:
    space: dict[str, object] = {}
    code = "import sys\ndef inner():\n    return sys._getframe()\n"
    exec(compile(code, "/x/streams/contracts/codec.py", "exec"), space)  # noqa: S102 - code under that name
    exec(compile("def outer(f):\n    return f()\n", "/x/streams/agents/reviews.py", "exec"), space)  # noqa: S102
    assert stage_of(space["outer"](space["inner"])) == "build results"  # type: ignore[operator]


def test_a_profile_is_told_by_text_and_beside_the_encoder() -> None:
    before = {"stages": {"forward": 1.0, "mask": 1.0}, "process": 2.0}
    after = {"stages": {"forward": 2.0, "tokenise": 1.0, "mask": 1.2}, "process": 4.2}
    found = spent_between(before, after, 100)
    assert list(found["microseconds_per_text"]) == ["forward", "tokenise", "mask"]
    assert found["everything_else_per_encoder"] == pytest.approx(0.1)
    assert found["share_of_process_seen"] == pytest.approx(1.0)


def test_two_workers_differ_by_the_tagger_and_share_nothing(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, models=ModelSettings(tagger=""))
    both = workers_of(settings, tmp_path, "both")
    assert {name: one.models.tagger for name, one in both.items()} == {
        "worker": "shipped:pii",
        "untagged": "",
    }
    worker, untagged = both.values()
    assert worker.group_id != untagged.group_id
    assert worker.data_dir != untagged.data_dir
    assert worker.privacy.tenant != untagged.privacy.tenant
    assert worker.models.threads == untagged.models.threads > 0
    assert workers_of(settings, tmp_path, "off")["worker"].models.tagger == ""
    assert [*workers_of(settings, tmp_path, "on")] == ["worker"]


def test_the_worker_is_told_beside_all_that_took_turns_with_it() -> None:
    rates = [{"worker": 6.0, "untagged": 10.0, "bare": 3.0, "by_hand": 2.0}] * 3
    found = figures(rates)["ratios"]
    assert {name: one["median"] for name, one in found.items()} == {"untagged": 0.6, "bare": 2, "by_hand": 3}
