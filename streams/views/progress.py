"""How far a view's reading has come, measured against where its topic ends."""

import time
from collections.abc import Callable, Mapping
from typing import Final

from streams.views.bookmark import Bookmark
from streams.views.overdue import Overdue
from streams.views.topic_state import TopicState

STALL_SECONDS: Final = 30.0


class Progress:
    """Positions and ends of one topic's partitions, by their numbers.

    Args:
        topic: name on the broker.
        clock: monotonic time in seconds.
        wall: Unix time in seconds.

    Attributes:
        positions: offset of each partition's next record; all before it is applied.
        state: the topic as of the last connection.
    """

    def __init__(
        self,
        topic: str,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.positions: dict[int, int] = {}
        self._topic = topic
        self._clock = clock
        self._wall = wall
        self.state: TopicState | None = None
        self._ends: Mapping[int, int] = {}
        self._goal: Mapping[int, int] = {}
        self._fresh = 0.0
        self._waiting: dict[int, tuple[int, float]] = {}
        self._overdue = Overdue(clock=clock)

    def begin(self, begins: Mapping[int, int], ends: Mapping[int, int], mark: Bookmark | None) -> None:
        """Reading starts, from a bookmark or from the beginning; what the partitions hold now is the goal."""
        self.positions.clear()
        self.positions.update(mark.offsets if mark else begins)
        self._goal = ends
        self._fresh = mark.fresh if mark else self._wall()
        self._overdue = Overdue(clock=self._clock)

    def forget(self) -> None:
        """Nothing is applied any more: there is no bookmark until the next connection."""
        self.positions.clear()
        self.state = None

    def connected(self, state: TopicState, begins: Mapping[int, int], ends: Mapping[int, int]) -> None:
        """A connection reads on from the positions; partitions that are new are read from their beginning."""
        self.state = state
        for number in state.partitions:
            self.positions.setdefault(number, begins[number])
        self._waiting.clear()
        self.saw(ends)

    def saw(self, ends: Mapping[int, int]) -> None:
        """The stable ends are there now."""
        self._ends = ends
        self._overdue.saw(ends)
        now = self._clock()
        for number, end in ends.items():
            position = self.positions.get(number, 0)
            if position >= end:
                self._waiting.pop(number, None)
            elif self._waiting.get(number, (None, 0.0))[0] != position:
                self._waiting[number] = (position, now)
        if not self.behind():
            self._fresh = self._wall()

    def stalled(self) -> bool:
        """Whether a partition has had more for a long while, and its position does not move."""
        return any(self._clock() - since > STALL_SECONDS for _, since in self._waiting.values())

    def at_goal(self) -> bool:
        """Whether all is applied that was there when reading started."""
        return self.reached(self._goal)

    def reached(self, ends: Mapping[int, int]) -> bool:
        """Whether all below some offsets is applied."""
        return all(self.positions.get(number, 0) >= end for number, end in ends.items())

    def overdue(self) -> bool:
        """Whether something is not applied yet that was there two seconds ago."""
        return bool(self._overdue.partitions(self.positions))

    def behind(self) -> int:
        """Offsets between the positions and the ends; transaction markers and compacted records count."""
        return sum(max(0, end - self.positions.get(number, 0)) for number, end in self._ends.items())

    def bookmark(self) -> Bookmark | None:
        """The place reached; None before reading has started."""
        if self.state is None:
            return None
        return Bookmark(
            self._topic, self.state.cluster, self.state.topic_id, dict(self.positions), self._fresh
        )
