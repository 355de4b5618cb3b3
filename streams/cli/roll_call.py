"""Counts events in as they are sent and off as they are answered."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any


class RollCall:
    """Which events of one topic still have no answer.

    An event goes by its id. One without goes by its place, and a dead letter that could not tell the id names
    the place, too; either may become known before the other.

    Args:
        topic: the input topic's name on the broker.
    """

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._missing: set[str] = set()
        self._off: set[str] = set()
        self._names: dict[str, str] = {}
        self._dead_places: set[str] = set()
        self._heard = asyncio.Event()
        self._unplaced = 0
        self.answered = 0
        self.dead = 0

    @property
    def missing(self) -> int:
        """Events without an answer yet."""
        return len(self._missing) + self._unplaced

    @property
    def expected(self) -> int:
        """Distinct events that were sent."""
        return self.missing + len(self._off)

    @property
    def all_well(self) -> bool:
        """Whether every event has a result."""
        return not self.dead and not self.missing

    def called(self, event_id: str | None) -> None:
        """An event is about to be sent."""
        if event_id is None:
            self._unplaced += 1
        elif event_id not in self._off:
            self._missing.add(event_id)

    def lies_at(self, reference: str, event_id: str | None) -> None:
        """A sent event has arrived at its place, `topic/partition/offset`."""
        name = event_id or reference
        if event_id is None:
            self._unplaced -= 1
            self._missing.add(reference)
        self._names[reference] = name
        if reference in self._dead_places:
            self._dead_places.discard(reference)
            self._settle(name, dead=True)

    def hear(self, causes: Sequence[tuple[str, str]], dead: bool) -> None:  # noqa: FBT001 - a callback's
        """A result or dead letter was read that answers `causes`: topic, and id or place."""
        for topic, name in causes:
            if topic != self._topic:
                continue
            self._settle(self._names.pop(name, name), dead=dead)
            if dead and name not in self._off and name.startswith(f"{topic}/"):
                self._dead_places.add(name)

    async def complete(self, patience: float, show: Callable[[int], None]) -> None:
        """Returns when nothing is missing, or after `patience` seconds without any answer."""
        while self.missing:
            self._heard.clear()
            try:
                await asyncio.wait_for(self._heard.wait(), patience)
            except TimeoutError:
                return
            show(len(self._off))

    def document(self) -> dict[str, Any]:
        """The counts, for programs."""
        return {"answered": self.answered, "dead": self.dead, "unanswered": self.missing}

    def sentence(self) -> str:
        """The counts, for people."""
        text = f"{self.answered} answered, {self.dead} dead letters"
        if not self.missing:
            return text
        return text + (
            f", {self.missing} without an answer: is a worker running and ready? An id that was sent before,"
            " within the resend window, has no second answer"
        )

    def _settle(self, name: str, *, dead: bool) -> None:
        if name not in self._missing:
            return
        self._missing.discard(name)
        self._off.add(name)
        if dead:
            self.dead += 1
        else:
            self.answered += 1
        self._heard.set()
