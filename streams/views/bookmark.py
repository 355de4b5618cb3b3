"""Up to where a view has read its topic, and whether it may read on from there."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Self

from streams.views.topic_state import TopicState


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A place in a topic.

    Attributes:
        topic: name on the broker.
        cluster: the cluster's id, None where unknown.
        topic_id: the topic's own id, None where unknown.
        offsets: by partition number, of the next record.
        fresh: Unix seconds; no record older than this is missing.
    """

    topic: str
    cluster: str | None
    topic_id: str | None
    offsets: Mapping[int, int]
    fresh: float

    def problem(
        self,
        state: TopicState,
        begins: Mapping[int, int],
        ends: Mapping[int, int],
        *,
        now: float,
        max_age: timedelta | None,
    ) -> str | None:
        """Why the topic has to be read from its beginning, in words; None when it can be read on from here.

        Args:
            state: the topic that has the name now.
            begins: where its partitions begin.
            ends: their stable ends.
            now: Unix seconds.
            max_age: how long the topic keeps its deletions: an older bookmark could miss one. None: it deletes nothing.
        """
        if _differ(self.cluster, state.cluster):
            return "it is of another cluster"
        if _differ(self.topic_id, state.topic_id):
            return "the topic was made anew"
        if max_age is not None and now - self.fresh > max_age.total_seconds():
            return "it is older than the deletions that the topic keeps"
        return self._misplaced(begins, ends)

    def ahead_of(self, other: "Bookmark") -> bool:
        """Whether it is of another topic, or further on in all."""
        if (self.topic, self.cluster, self.topic_id) != (other.topic, other.cluster, other.topic_id):
            return True
        return sum(self.offsets.values()) > sum(other.offsets.values())

    def _misplaced(self, begins: Mapping[int, int], ends: Mapping[int, int]) -> str | None:
        """Why an offset is no place of the topic."""
        for number, offset in self.offsets.items():
            if number not in ends:
                return "the topic has fewer partitions"
            if offset > ends[number]:
                return "an offset lies beyond the topic's end"
            if offset < begins[number]:
                return "an offset lies before the topic's beginning"
        return None

    def as_json(self) -> dict[str, Any]:
        """For a snapshot's header."""
        return asdict(self) | {"offsets": {str(number): offset for number, offset in self.offsets.items()}}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        """Reads what `as_json` wrote.

        Raises:
            ValueError: it is none.
        """
        try:
            offsets = {int(number): int(offset) for number, offset in fields["offsets"].items()}
            return cls(
                fields["topic"], fields["cluster"], fields["topic_id"], offsets, float(fields["fresh"])
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("not a bookmark") from error


def _differ(ours: str | None, theirs: str | None) -> bool:
    return ours is not None and theirs is not None and ours != theirs
