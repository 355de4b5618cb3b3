"""Liveness: who has work and decides nothing ends; who waits, or has a batch in the model, does not."""

from types import SimpleNamespace
from typing import Any

import pytest

from streams.delivery import liveness
from streams.delivery.errors import EXIT_STUCK
from streams.delivery.liveness import HUNG_AFTER, Liveness
from streams.health import Health

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
