"""A whole run but for the models: real Kafka, Redis, views and state, a real worker process with stand-in models."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from streams.contracts.topics import REVIEW_INSIGHTS, REVIEWS, SUPPORT_TICKETS
from streams.counting import end_offsets
from streams.demo.evidence import SERVED, WRITTEN, Evidence, examine
from streams.demo.performance import Order, perform
from streams.demo.shop.plan import Plan, Sizes
from streams.demo.shop.sending import Sending
from streams.demo.streaming import Sent
from streams.demo.workers import WorkersFailed
from streams.settings import Settings
from tests.demo.writer import Writer

STANDIN = [sys.executable, "-m", "tests.standins.services"]
SMALL = Sizes(interactions=90, reviews=60, queries=30, tickets=20)
pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def prefixed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The workers get prefix and tenant as a shop's would: by their environment."""
    monkeypatch.setenv("SHOPSTREAM_KAFKA__TOPIC_PREFIX", settings.kafka.topic_prefix)
    monkeypatch.setenv("SHOPSTREAM_PRIVACY__TENANT", settings.privacy.tenant)
    monkeypatch.chdir(Path(__file__).parents[2])
    return settings


@pytest.mark.slow
async def test_a_run_passes_and_a_second_one_on_the_same_topics_counts_only_its_own(
    prefixed: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    for seed in (7, 3):
        report = await perform(prefixed, Order(seed=seed, sizes=SMALL), STANDIN)
        assert report.passed, report.document()
        answered = {name: balance.answered for name, balance in report.evidence.balances.items()}
        assert answered["interactions"] == 90
        assert answered["reviews"] == 60
        assert answered["catalog"] == 350 + 3  # and its changes
        assert answered["user-changes"] > 150
        assert report.evidence.planted_in_inputs == len(report.census.planted) > 0
        assert report.sent.outcome.seen.keys() == {"price", "sold_out", "delete"}
        assert None not in report.sent.outcome.seen.values(), report.sent.outcome.seen
        assert report.evidence.findings.users
    said = capfd.readouterr()
    assert not said.out
    assert "customers search, buy, review and ask" in said.err


@pytest.mark.parametrize(
    "command", [[sys.executable, "-c", "print('no model'); raise SystemExit(78)"], ["/no/such/program"]]
)
async def test_workers_that_end_at_once_end_the_run_with_what_they_wrote(
    prefixed: Settings, command: Sequence[str]
) -> None:
    with pytest.raises(WorkersFailed, match=r"exit code \d+") as caught:
        await perform(prefixed, Order(sizes=SMALL), command)
    assert "no model" in str(caught.value) or "No such file" in str(caught.value)


class Examined:
    """A run of which only reviews are written, by hand."""

    def __init__(self, settings: Settings, writer: Writer) -> None:
        self.settings, self.writer = settings, writer
        self.plan = Plan(run="demo-1", sizes=SMALL)
        self.sent = Sent("demo-1")
        self.log = settings.data_dir / "log"
        self.log.touch()
        reviews = (one for one in self.plan.sendings() if one.topic is REVIEWS)
        self.reviews = [one for one in reviews if one.flaw is None and not one.resend]

    async def write(self, reviews: Sequence[Sending], answer: str) -> Evidence:
        """Writes reviews, and for each an insight with this text."""
        since = await end_offsets(self.settings, [*SERVED, *WRITTEN])
        async with self.writer.transaction():
            for one in reviews:
                assert one.value is not None
                await self.writer.write(REVIEWS, one.value, ("ce_source", self.sent.source.encode()))
                insight = b'{"causes": ["%s"], "text": "%s"}' % (one.event_id.encode(), answer.encode())
                if answer:
                    await self.writer.write(REVIEW_INSIGHTS, insight)
        return await examine(self.settings, self.sent, self.plan, since, [self.log])


@pytest.fixture
def examined(settings: Settings, writer: Writer) -> Examined:
    return Examined(settings, writer)


async def test_masked_answers_are_found_sound(examined: Examined) -> None:
    evidence = await examined.write(examined.reviews, "[EMAIL_1]")
    assert evidence.balances[REVIEWS.name].holds
    assert evidence.balances[REVIEWS.name].answered == len(examined.reviews)
    assert evidence.balances[SUPPORT_TICKETS.name].inputs == 0
    assert evidence.planted_in_inputs > evidence.planted_in_outputs == 0


async def test_a_worker_that_lets_text_through_is_caught(examined: Examined) -> None:
    (planted, *_) = sorted(examined.plan.planted)
    evidence = await examined.write(examined.reviews[:3], f"as {planted} said")
    assert evidence.planted_in_outputs == 1


async def test_a_personal_value_in_a_log_is_caught(examined: Examined) -> None:
    (planted, *_) = sorted(examined.plan.planted)
    examined.log.write_text(f"could not read {planted}")
    assert (await examined.write(examined.reviews[:3], "fine")).planted_in_outputs == 1


async def test_a_lost_review_is_caught(examined: Examined) -> None:
    evidence = await examined.write(examined.reviews[:3], "")
    balance = evidence.balances[REVIEWS.name]
    assert balance.lost == tuple(sorted(one.event_id for one in examined.reviews[:3]))
    assert not balance.holds
