"""Tells a reader that is behind from one that is at work: what was there a while ago has to be done by now."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

GRACE_SECONDS: Final = 2.0


class Overdue:
    """Remembers where partitions ended.

    Args:
        grace: seconds that the work on a record may take.
        clock: monotonic time in seconds.
    """

    def __init__(self, grace: float = GRACE_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._grace = grace
        self._clock = clock
        self._seen: deque[tuple[float, Mapping[int, int]]] = deque()

    def saw(self, ends: Mapping[int, int]) -> None:
        """The partitions end there now."""
        now = self._clock()
        self._seen.append((now, ends))
        while len(self._seen) > 1 and self._seen[1][0] <= now - self._grace:
            self._seen.popleft()

    def partitions(self, positions: Mapping[int, int]) -> list[int]:
        """Partitions whose position has not reached what was their end a while ago, or at the first look."""
        if not self._seen:
            return []
        return [number for number, end in self._seen[0][1].items() if positions.get(number, 0) < end]
