"""How much of what was produced a worker's index has: what results say about themselves."""

from typing import Final

from streams.contracts.results import Coverage
from streams.views.follower import Follower
from streams.views.group_lag import GroupLag

MOST: Final = 1_000_000_000
"""As the contract allows."""


class IndexCoverage:
    """Joins a view's follower and the lag of the agent that feeds its topic. Cheap enough to be asked for every batch.

    Args:
        name: what results call the index in `degraded`, e.g. `catalogue`.
        follower: of the index.
        lag: of the input topic whose records the index is made of.
    """

    def __init__(self, name: str, follower: Follower, lag: GroupLag) -> None:
        self._name = name
        self._follower = follower
        self._lag = lag

    @property
    def complete(self) -> bool:
        """Whether the index has all that was produced until about two seconds ago."""
        return self._follower.current and self._lag.known and not self._lag.late

    def degraded(self) -> list[str]:
        """For a result's `degraded`: the index's name unless it is complete."""
        return [] if self.complete else [self._name]

    def coverage(self) -> Coverage:
        """For a result's `coverage`.

        `expected` is what is indexed, plus offsets not yet applied, plus input offsets not yet decided: an upper bound,
        since updates, deletions and transaction markers count as if each would add an entry. Absent while the broker
        does not say.
        """
        indexed = len(self._follower.index)
        expected = indexed + self._follower.behind() + self._lag.undecided() if self._lag.known else None
        return Coverage(indexed=indexed, expected=None if expected is None else min(MOST, expected))
