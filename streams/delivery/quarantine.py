"""Events that kill the worker: found by the deaths they leave behind, since a crash raises nothing.

Before a batch is tried, a mark with its offset range is set for each of its partitions. A mark that still lies ahead of
the committed offset when the partition's next owner reads it means that somebody died with that range in hand. After
some deaths the range is worked one event at a time, with nothing else in flight in the process, so that the next death
names its event; that one becomes a dead letter.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from faust.types import TP


@dataclass(frozen=True, slots=True)
class Mark:
    """A range of one partition, and the deaths that happened there.

    Attributes:
        first, last: offsets, both inclusive.
        deaths: workers that died with this range in hand.
        alone: whether `first` was in hand alone.
        alone_deaths: workers that died with `first` alone in hand.
        in_hand: whether a worker has the range in hand; False where it was given up in good order.
    """

    first: int
    last: int
    deaths: int = 0
    alone: bool = False
    alone_deaths: int = 0
    in_hand: bool = True

    def found(self) -> "Mark":
        """The mark as the partition's next owner finds it: a range still in hand is one more death."""
        if not self.in_hand:
            return self
        return replace(
            self, deaths=self.deaths + 1, alone_deaths=self.alone_deaths + self.alone, in_hand=False
        )


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What an earlier owner's deaths say about a partition's next offsets.

    Attributes:
        mark: what was found.
        one_by_one: whether the range is worked one event at a time.
        condemned: the offset of an event that killed alone often enough, or None.
    """

    mark: Mark
    one_by_one: bool
    condemned: int | None

    def covers(self, offset: int) -> bool:
        """Whether this offset has to be tried alone."""
        return self.one_by_one and offset <= self.mark.last


def judge(mark: Mark, committed: int, *, range_deaths: int, event_deaths: int) -> Suspicion | None:
    """Reads a mark that an earlier owner left; None when that owner had committed all that it marked.

    Args:
        mark: the mark as found.
        committed: the partition's committed offset.
        range_deaths: deaths after which a range is worked one by one.
        event_deaths: deaths with an event alone after which it is a dead letter.
    """
    if mark.last < committed or not mark.deaths:
        return None
    condemned = mark.first if mark.alone and mark.alone_deaths >= event_deaths else None
    return Suspicion(mark, one_by_one=mark.deaths >= range_deaths, condemned=condemned)


def next_mark(first: int, last: int, suspicion: Suspicion | None, *, alone: bool) -> Mark:
    """The mark for a batch about to be tried; deaths count on only within the suspect range."""
    if suspicion is None or first > suspicion.mark.last:
        return Mark(first, last, alone=alone)
    known = suspicion.mark
    if not alone:
        return Mark(first, max(last, known.last), known.deaths)
    # `last` stays the range's, so that the neighbours remain suspect after this event's death.
    again = known.alone_deaths if known.alone and known.first == first else 0
    return Mark(first, known.last, known.deaths, alone=True, alone_deaths=again)


class CrashMarks(Protocol):
    """Where marks outlive the process; shared by workers, since partitions move between machines."""

    async def set(self, marks: Mapping[TP, Mark]) -> None:
        """Writes the marks; returns once they would survive the process. Does without when the store is away."""
        ...

    async def get(self, tps: Iterable[TP]) -> Mapping[TP, Mark]:
        """The marks that there are."""
        ...

    async def clear(self, tps: Iterable[TP]) -> None:
        """Takes marks away: their batches were given up in good order."""
        ...


class Quarantine:
    """Lets batches run side by side, and a suspect event only when nothing else is in flight in this process."""

    def __init__(self) -> None:
        self._running = 0
        self._changed = asyncio.Condition()
        self._alone = asyncio.Lock()

    @asynccontextmanager
    async def enter(self, *, alone: bool) -> AsyncIterator[None]:
        """Waits for its turn. Who wants to be alone holds up those who come later, so it is not starved."""
        if alone:
            async with self._alone:
                async with self._changed:
                    await self._changed.wait_for(lambda: self._running == 0)
                yield
            return
        async with self._alone:
            self._running += 1
        try:
            yield
        finally:
            self._running -= 1
            async with self._changed:
                self._changed.notify_all()
