"""Inputs that did not fit into memory alone: each waits a while before its next attempt."""

import heapq
from itertools import count

from models.engine.requests import Item

BACKOFF_SECONDS = (0.1, 0.4, 1.0, 2.0, 5.0)
"""Waits between the attempts of an input that does not fit alone; memory may be short for a moment only."""
MOST_LOST = 2
"""How often an input may be lost with a thread before it counts as the cause."""


class Retries:
    """What is tried again later. Not thread-safe."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Item]] = []
        self._order = count()

    def add(self, item: Item, now: float) -> None:
        """Keep an input until its next attempt; it was tried `item.attempts` times, at least once."""
        item.claimed = False
        pause = BACKOFF_SECONDS[min(item.attempts, len(BACKOFF_SECONDS)) - 1]
        heapq.heappush(self._due, (now + pause, next(self._order), item))

    def ripe(self, now: float) -> list[Item]:
        """Take out whose time has come. What somebody took meanwhile, or nobody wants any more, is dropped."""
        ripe = []
        while self._due and self._due[0][0] <= now:
            item = heapq.heappop(self._due)[2]
            if item.wanted and not item.claimed:
                ripe.append(item)
        return ripe

    def seconds(self, now: float, most: float) -> float:
        """Time until the next attempt, if that is less than `most`."""
        return max(0.0, min(most, self._due[0][0] - now)) if self._due else most
