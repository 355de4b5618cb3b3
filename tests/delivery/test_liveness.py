"""Liveness: who has work and decides nothing ends; who waits, or has a batch in the model, does not."""

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from faust.types import TP

from streams.delivery import liveness
from streams.delivery.errors import EXIT_STUCK
from streams.delivery.liveness import HUNG_AFTER, Liveness
from streams.health import Health
from streams.tasks import cancelled

STUCK_AFTER = 60.0


class Died(Exception):
    """Instead of the process."""


class Clock:
    """Monotonic time that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()

    def die(why: str, code: int) -> None:
        raise Died(why, code)

    monkeypatch.setattr(liveness, "time", clock)
    monkeypatch.setattr(liveness, "die", die)
    return clock


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
def watch(health: Health) -> Liveness:
    app: Any = None
    return Liveness(app, {}, health, stuck_after=STUCK_AFTER)


def pipeline(clock: Clock, busy: int = 0) -> Any:
    return SimpleNamespace(busy=busy, progress=clock.now)


def judge(watch: Liveness, one: Any, *, has_work: bool) -> None:
    watch._judge("reviews", one, has_work)


def test_work_and_no_decision_for_too_long_ends_the_worker(watch: Liveness, clock: Clock) -> None:
    one = pipeline(clock)
    judge(watch, one, has_work=True)
    clock.now += STUCK_AFTER
    judge(watch, one, has_work=True)
    clock.now += 1
    with pytest.raises(Died) as died:
        judge(watch, one, has_work=True)
    assert died.value.args == ("reviews has work and nothing was decided for 61 s; starting over", EXIT_STUCK)


def test_the_time_counts_from_when_there_was_work(watch: Liveness, clock: Clock) -> None:
    one = pipeline(clock)
    for _ in range(10):
        clock.now += STUCK_AFTER
        judge(watch, one, has_work=False)
    judge(watch, one, has_work=True)
    clock.now += STUCK_AFTER
    judge(watch, one, has_work=True)


def test_progress_counts_from_when_it_was_made(watch: Liveness, clock: Clock) -> None:
    one = pipeline(clock)
    for _ in range(10):
        judge(watch, one, has_work=True)
        clock.now += STUCK_AFTER
        one.progress = clock.now


def test_waiting_for_a_dependency_is_not_being_stuck(watch: Liveness, clock: Clock, health: Health) -> None:
    one = pipeline(clock)
    health.wait_for("catalogue")
    for _ in range(10):
        judge(watch, one, has_work=True)
        clock.now += STUCK_AFTER
    health.go_on("catalogue")
    judge(watch, one, has_work=True)  # and its time begins now


def test_a_batch_in_the_model_has_a_longer_bound_of_its_own(watch: Liveness, clock: Clock) -> None:
    one = pipeline(clock, busy=1)
    for _ in range(HUNG_AFTER):
        judge(watch, one, has_work=True)
        clock.now += STUCK_AFTER
    judge(watch, one, has_work=True)
    clock.now += STUCK_AFTER
    judge(watch, one, has_work=True)
    clock.now += STUCK_AFTER + 1
    with pytest.raises(Died):
        judge(watch, one, has_work=True)


@pytest.mark.parametrize("ticks", range(8))
async def test_it_can_be_cancelled_at_any_moment(monkeypatch: pytest.MonkeyPatch, ticks: int) -> None:
    """`asyncio.wait_for` of Python 3.11 forgets a cancellation that comes when its future is just done: the worker
    then waited for this task for ever at its end."""
    gate = asyncio.Event()

    async def in_consumer_thread(_: object, what: str, __: object) -> object:
        await gate.wait()
        return {TopicPartition("reviews", 0): 0} if what == "ends" else 0

    app: Any = None
    assignment: Any = SimpleNamespace(lanes={TP("reviews", 0): SimpleNamespace(committed=0)})
    monkeypatch.setattr(liveness, "in_consumer_thread", in_consumer_thread)
    monkeypatch.setattr(
        liveness, "inner_consumer", lambda _: SimpleNamespace(end_offsets="ends", position="position")
    )
    monkeypatch.setattr(Liveness, "_watch_loop", lambda *_: None)
    watching = asyncio.ensure_future(Liveness(app, {}, Health(), stuck_after=0.004).run(assignment))
    await asyncio.sleep(0.02)
    gate.set()
    for _ in range(ticks):
        await asyncio.sleep(0)
    watching.cancel()
    done, _ = await asyncio.wait([watching], timeout=1)
    assert done
    assert watching.cancelled()


def test_a_dependency_that_hangs_each_time_it_is_asked_is_waited_for(
    watch: Liveness, clock: Clock, health: Health
) -> None:
    one = pipeline(clock, busy=1)
    for _ in range(HUNG_AFTER * 20):  # asked again every five seconds, three of which the asking takes
        health.missed["reviews"] = clock.now
        clock.now += 5
        judge(watch, one, has_work=True)


def test_a_dependency_that_nobody_asks_for_any_more_excuses_nothing(
    watch: Liveness, clock: Clock, health: Health
) -> None:
    one = pipeline(clock)
    health.missed["reviews"] = clock.now
    clock.now += STUCK_AFTER
    judge(watch, one, has_work=True)
    clock.now += STUCK_AFTER + 1
    with pytest.raises(Died):
        judge(watch, one, has_work=True)


async def test_a_worker_that_ends_is_not_stuck_however_long_it_takes(
    health: Health, monkeypatch: pytest.MonkeyPatch
) -> None:
    died: list[str] = []
    monkeypatch.setattr(liveness, "die", lambda why, _: died.append(why))
    app: Any = None
    assignment: Any = SimpleNamespace(lanes={})
    watching = asyncio.create_task(Liveness(app, {}, health, stuck_after=1).run(assignment))
    await asyncio.sleep(0.1)
    (thread,) = [one for one in threading.enumerate() if one.name == "loop-watch"]
    await cancelled(watching)
    await asyncio.to_thread(thread.join, 10)

    assert not thread.is_alive()
    assert not died, "the heart has not beaten since"
