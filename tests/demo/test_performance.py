"""A whole run but for the model: real Kafka, a real worker process with a stand-in reader."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from streams.contracts.events import Review
from streams.contracts.topics import REVIEW_INSIGHTS, REVIEWS
from streams.counting import end_offsets
from streams.demo.evidence import WRITTEN, Sent, examine
from streams.demo.performance import Plan, perform
from streams.demo.reviews import Draft, drafts
from streams.demo.workers import WorkersFailed
from streams.settings import Settings
from tests.client.peer import answering, insight
from tests.demo.writer import Writer

STANDIN = [sys.executable, "-m", "tests.standins.worker"]
pytestmark = pytest.mark.timeout(180)


async def send(writer: Writer, reviews: Sequence[Draft], sent: Sent) -> None:
    """What a run does, in one transaction."""
    async with writer.transaction():
        for review in reviews:
            await writer.write(REVIEWS, review.value, *review.headers)
            sent.planted.update(review.planted)


@pytest.fixture
def prefixed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The workers get the prefix as a shop's would: by their environment."""
    monkeypatch.setenv("SHOPSTREAM_KAFKA__TOPIC_PREFIX", settings.kafka.topic_prefix)
    monkeypatch.chdir(Path(__file__).parents[2])
    return settings


async def test_a_run_passes_and_a_second_one_on_the_same_topics_counts_only_its_own(
    prefixed: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    first = await perform(prefixed, Plan(reviews=150), STANDIN)
    second = await perform(prefixed, Plan(reviews=60, seed=3), STANDIN)
    for report, count in ((first, 150), (second, 60)):
        assert report.passed, report.document()
        assert report.balance.inputs == count
        assert report.balance.answered == count - sum(report.malformed.values())
        assert report.privacy.planted == report.privacy.in_inputs > 0
        assert report.examples
        assert all("[" in one.text for one in report.examples)
        assert report.models == ["stand-in 1"]
    said = capfd.readouterr()
    assert not said.out
    assert "streaming reviews" in said.err


@pytest.mark.parametrize(
    "command", [[sys.executable, "-c", "print('no model'); raise SystemExit(78)"], ["/no/such/program"]]
)
async def test_workers_that_end_at_once_end_the_run_with_what_they_wrote(
    prefixed: Settings, command: Sequence[str]
) -> None:
    with pytest.raises(WorkersFailed, match=r"exit code \d+") as caught:
        await perform(prefixed, Plan(reviews=10), command)
    assert "no model" in str(caught.value) or "No such file" in str(caught.value)


async def test_a_worker_that_lets_text_through_is_caught(settings: Settings, writer: Writer) -> None:
    def careless(review: Review) -> object:
        return insight(review).model_copy(update={"text": review.text.reveal()})

    sent = Sent("demo-1", await end_offsets(settings, [REVIEWS, *WRITTEN]))
    log = settings.data_dir / "log"
    log.touch()
    reviews = [draft for draft in drafts(60, seed=1, run="demo-1") if draft.flaw is None]
    async with answering(settings, careless) as seen:  # type: ignore[arg-type]
        await send(writer, reviews, sent)
        while len(seen) < len(reviews):
            await asyncio.sleep(0.05)
    report = await examine(settings, sent, log, clean=True, seconds=1.0)
    assert report.balance.holds
    assert report.privacy.in_outputs > 0
    assert not report.passed


async def test_a_personal_value_in_a_log_is_caught(settings: Settings, writer: Writer) -> None:
    sent = Sent("demo-1", await end_offsets(settings, [REVIEWS, *WRITTEN]))
    reviews = [draft for draft in drafts(60, seed=1, run="demo-1") if draft.planted]
    await send(writer, reviews[:1], sent)
    log = settings.data_dir / "log"
    log.write_text(f"could not read {reviews[0].planted[0]}")
    report = await examine(settings, sent, log, clean=True, seconds=1.0)
    assert report.privacy.in_inputs == report.privacy.in_outputs == 1


async def test_a_lost_review_is_caught(settings: Settings, writer: Writer) -> None:
    sent = Sent("demo-1", await end_offsets(settings, [REVIEWS, *WRITTEN]))
    reviews = [draft for draft in drafts(20, seed=1, run="demo-1") if draft.flaw is None][:3]
    await send(writer, reviews, sent)
    async with writer.transaction():
        await writer.write(REVIEW_INSIGHTS, b'{"causes": ["%s"]}' % reviews[0].event_id.encode())
    log = settings.data_dir / "log"
    log.touch()
    report = await examine(settings, sent, log, clean=True, seconds=1.0)
    assert report.balance.lost == tuple(sorted(one.event_id for one in reviews[1:]))
    assert not report.passed
