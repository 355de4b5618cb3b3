"""Events that end the worker: found by the deaths they leave behind, and put aside; all others are served."""

import signal
from collections.abc import Callable

import pytest

from streams.contracts.dead_letters import DeadLetter
from streams.contracts.topics import DEAD_LETTERS, REVIEWS
from streams.delivery.errors import EXIT_STUCK
from streams.settings import WorkerSettings
from tests.chaos import events
from tests.chaos.fleet import staffed
from tests.chaos.run import Setting
from tests.chaos.tally import read_all
from tests.standins.house import ABORT, HANG

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

EVENTS = 3_000
POISON = 1_234
DEATHS = WorkerSettings().range_deaths + WorkerSettings().event_deaths


async def letters(setting: Setting) -> list[DeadLetter]:
    """All dead letters."""
    found = await read_all(setting.bootstrap, [setting.topic(DEAD_LETTERS.name)])
    return [DeadLetter.model_validate_json(record.value) for record in found]


async def produce_with(setting: Setting, marker: str, count: int, poison: int) -> None:
    """Good reviews, and one that holds a marker."""
    records = (events.review(number, marker if number == poison else "") for number in range(count))
    await events.produce(setting.bootstrap, setting.topic(REVIEWS.name), records)


async def test_a_review_that_kills_becomes_a_dead_letter_after_three_deaths(
    setting: Setting, say: Callable[[object], None]
) -> None:
    await setting.create()
    async with staffed(setting.environment, setting.folder, "w1", "w2") as fleet:
        await produce_with(setting, ABORT, EVENTS, POISON)
        seconds = await setting.drained(REVIEWS.name, within=60)
        deaths = fleet.exits[-signal.SIGABRT]
    say(f"served in {seconds:.1f} s, exits {dict(fleet.exits)}")
    balance, (letter,) = await setting.balance(), await letters(setting)

    assert balance.holds, balance
    assert balance.inputs == EVENTS
    assert (letter.reason, letter.causes, letter.attempts) == ("crashed_worker", [f"r{POISON}"], DEATHS)
    assert deaths == DEATHS
    assert fleet.exits == {-signal.SIGABRT: DEATHS, 0: 2}


async def test_a_review_that_blocks_the_event_loop_ends_the_worker_with_a_trace(setting: Setting) -> None:
    await setting.create()
    impatient = dict(setting.environment) | {
        "SHOPSTREAM_WORKER__STUCK_AFTER": "2",
        "SHOPSTREAM_WORKER__RANGE_DEATHS": "1",
    }
    async with staffed(impatient, setting.folder, "w1") as fleet:
        await produce_with(setting, HANG, 300, 123)
        await setting.drained(REVIEWS.name, within=60)
        log = fleet.log("w1")
    balance, (letter,) = await setting.balance(), await letters(setting)

    assert balance.holds, balance
    assert (letter.reason, letter.causes) == ("crashed_worker", ["r123"])
    assert fleet.exits == {EXIT_STUCK: 2, 0: 1}
    assert log.count("the event loop stood still for 2 s; starting over") == 2
    assert log.count("most recent call first") >= 2
    assert "house.py" in log, "the trace shows where it hangs"
