"""One model's waiting inputs: first come first served in each length and priority, ranked with ageing. No threads."""

import math
from collections import deque
from dataclasses import dataclass

from models.engine.requests import Item, Priority


@dataclass(frozen=True, slots=True, order=True)
class Rank:
    """Who is next: the lowest.

    Attributes:
        level: its priority, less one once it waited for `age_seconds`.
        arrived: clock time.
    """

    level: int
    arrived: float


class Queue:
    """Waiting inputs by padded length.

    Args:
        age_seconds: after this long, an input counts as one priority better, so that it takes its turn with those.
            It gets no further: a backlog of history may never be in the way of people who wait.
    """

    def __init__(self, age_seconds: float) -> None:
        self._age_seconds = age_seconds
        self._lines: dict[int, list[deque[Item]]] = {}

    def __len__(self) -> int:
        return sum(len(line) for lines in self._lines.values() for line in lines)

    @property
    def tokens(self) -> int:
        """Padded tokens that wait."""
        return sum(length * len(line) for length, lines in self._lines.items() for line in lines)

    def push(self, item: Item) -> None:
        """At the end of its line."""
        self._line(item).append(item)

    def push_front(self, item: Item) -> None:
        """Back to the front of its line: it had its turn already."""
        self._line(item).appendleft(item)

    def best(self, now: float) -> Rank | None:
        """The rank of who is next, or None where nothing waits."""
        first = self._first(now)
        return first and first[0]

    def take(self, now: float, budget: int, fill: float, into: list[Item]) -> None:
        """Take one batch out: the best-ranked input, others of its length, and shorter ones while it is not full.

        An input that was tried before goes alone, so that nothing suffers from it again.

        Args:
            now: clock time.
            budget: most padded tokens; a first input that is longer goes alone.
            fill: share of the budget up to which shorter inputs are taken in.
            into: where they go, one by one, so that nothing is lost on the way.
        """
        first = self._first(now)
        if first is None:
            return
        longest = first[1]
        most = max(1, budget // longest)
        self._move(longest, now, most, into)
        for length in sorted((length for length in self._lines if length < longest), reverse=True):
            self._move(length, now, min(most, math.ceil(fill * budget / longest)), into)

    def purge(self) -> None:
        """Drop what nobody waits for any more, wherever it stands."""
        for length, lines in list(self._lines.items()):
            kept = [deque(item for item in line if _waits(item)) for line in lines]
            if any(kept):
                self._lines[length] = kept
            else:
                del self._lines[length]

    def _line(self, item: Item) -> deque[Item]:
        if item.length not in self._lines:
            self._lines[item.length] = [deque() for _ in Priority]
        return self._lines[item.length][item.priority]

    def _move(self, length: int, now: float, most: int, into: list[Item]) -> None:
        while len(into) < most and (head := self._head(length, now)):
            if into and (into[0].attempts or head[1][0].attempts):
                return
            item = head[1].popleft()
            item.claimed = True
            into.append(item)

    def _first(self, now: float) -> tuple[Rank, int] | None:
        """Rank and length of who is next. Forgets lengths at which nobody waits."""
        best: tuple[Rank, int] | None = None
        for length in list(self._lines):
            head = self._head(length, now)
            if head is None:
                del self._lines[length]
            elif best is None or head[0] < best[0]:
                best = head[0], length
        return best

    def _head(self, length: int, now: float) -> tuple[Rank, deque[Item]] | None:
        """Who is next of a length, and the line that it stands in. Drops who is not wanted."""
        best: tuple[Rank, deque[Item]] | None = None
        for priority, line in enumerate(self._lines[length]):
            while line and not _waits(line[0]):
                line.popleft()
            if line:
                waited = max(0.0, now - line[0].arrived)
                rank = Rank(priority - (waited >= self._age_seconds), line[0].arrived)
                if best is None or rank < best[0]:
                    best = rank, line
        return best


def _waits(item: Item) -> bool:
    return not item.claimed and item.wanted
