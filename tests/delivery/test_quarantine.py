"""Events that kill are found by the deaths they leave, and no innocent event is condemned for them."""

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.delivery.quarantine import Mark, Quarantine, Suspicion, judge, next_mark

RANGE_DEATHS, EVENT_DEATHS = 2, 1


def test_a_mark_in_hand_is_one_more_death_and_one_given_up_is_none() -> None:
    assert Mark(3, 9).found() == Mark(3, 9, deaths=1, in_hand=False)
    assert Mark(3, 9, deaths=1, in_hand=False).found() == Mark(3, 9, deaths=1, in_hand=False)
    alone = Mark(3, 9, deaths=2, alone=True).found()
    assert (alone.deaths, alone.alone_deaths) == (3, 1)


def test_what_its_owner_had_committed_is_not_suspect() -> None:
    found = Mark(3, 9).found()
    assert judge(found, 10, range_deaths=1, event_deaths=1) is None
    assert judge(found, 9, range_deaths=1, event_deaths=1) is not None
    assert judge(Mark(3, 9, in_hand=False), 3, range_deaths=1, event_deaths=1) is None


def test_a_range_is_worked_one_by_one_after_its_deaths_and_only_up_to_its_end() -> None:
    once = judge(Mark(3, 9, deaths=1), 3, range_deaths=2, event_deaths=1)
    twice = judge(Mark(3, 9, deaths=2), 3, range_deaths=2, event_deaths=1)
    assert once is not None
    assert twice is not None
    assert not once.covers(5)
    assert [twice.covers(offset) for offset in (0, 3, 9, 10)] == [True, True, True, False]
    assert twice.condemned is None


def test_only_an_event_that_was_alone_is_condemned() -> None:
    alone = judge(Mark(5, 9, deaths=3, alone=True, alone_deaths=1), 5, range_deaths=2, event_deaths=1)
    assert alone is not None
    assert alone.condemned == 5
    twice = judge(Mark(5, 9, deaths=3, alone=True, alone_deaths=1), 5, range_deaths=2, event_deaths=2)
    assert twice is not None
    assert twice.condemned is None


def test_past_the_suspect_range_counting_starts_anew() -> None:
    suspicion = Suspicion(Mark(3, 9, deaths=2), one_by_one=True, condemned=None)
    assert next_mark(10, 20, suspicion, alone=False) == Mark(10, 20)
    assert next_mark(3, 5, suspicion, alone=False) == Mark(3, 9, deaths=2)
    assert next_mark(4, 4, suspicion, alone=True) == Mark(4, 9, deaths=2, alone=True)


@dataclass
class Partition:
    """A partition, a worker that can die in it, and the mark that the deaths leave."""

    events: int
    poison: frozenset[int]
    batch: int
    committed: int = 0
    mark: Mark | None = None
    deaths: int = 0
    condemned: list[int] = field(default_factory=list)

    def live(self) -> bool:
        """One life of a worker: True when it came to the end of the partition."""
        suspicion = None
        if self.mark:
            suspicion = judge(
                self.mark.found(), self.committed, range_deaths=RANGE_DEATHS, event_deaths=EVENT_DEATHS
            )
            self.mark = suspicion.mark if suspicion else None
        while self.committed < self.events:
            alone = suspicion is not None and suspicion.covers(self.committed)
            last = self.committed if alone else min(self.committed + self.batch, self.events) - 1
            if alone and suspicion and suspicion.condemned == self.committed:
                self.condemned.append(self.committed)
            else:
                self.mark = next_mark(self.committed, last, suspicion, alone=alone)
                if self.poison.intersection(range(self.committed, last + 1)):
                    self.deaths += 1
                    return False
            self.committed = last + 1
        return True


@given(st.integers(1, 60), st.frozensets(st.integers(0, 59), max_size=5), st.integers(1, 20))
def test_exactly_the_events_that_kill_are_condemned(events: int, poison: frozenset[int], batch: int) -> None:
    poison = frozenset(one for one in poison if one < events)
    partition = Partition(events, poison, batch)
    most = len(poison) * (RANGE_DEATHS + EVENT_DEATHS)
    while not partition.live():
        assert partition.deaths <= most
    assert partition.condemned == sorted(poison)


async def test_batches_run_side_by_side_and_a_suspect_runs_alone() -> None:
    quarantine, running, most, beside = Quarantine(), 0, 0, []

    async def work(*, alone: bool) -> None:
        nonlocal running, most
        async with quarantine.enter(alone=alone):
            running += 1
            most = max(most, running)
            for _ in range(5):
                await asyncio.sleep(0)
                if alone:
                    beside.append(running)
            running -= 1

    await asyncio.gather(*(work(alone=number % 4 == 3) for number in range(40)))
    assert most > 1
    assert set(beside) == {1}


async def test_a_suspect_is_not_starved_by_those_who_come_later() -> None:
    quarantine, finished = Quarantine(), asyncio.Event()

    async def busy() -> None:
        while not finished.is_set():
            async with quarantine.enter(alone=False):
                await asyncio.sleep(0.001)

    async def suspect() -> None:
        async with quarantine.enter(alone=True):
            finished.set()

    await asyncio.wait_for(asyncio.gather(*(busy() for _ in range(8)), suspect()), 5)


async def test_who_fails_lets_the_others_in() -> None:
    quarantine = Quarantine()
    for alone in (True, False):
        with pytest.raises(ZeroDivisionError):
            async with quarantine.enter(alone=alone):
                _ = 1 / 0
    async with asyncio.timeout(1), quarantine.enter(alone=True):
        pass
