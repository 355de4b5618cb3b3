"""Stages: what Shopstream does with the events of one topic, as pure functions on batches.

A stage is declared in a few lines and called in a test with a list of events, without Kafka:

    @stage(consumes=REVIEWS, emits=[REVIEW_INSIGHTS])
    async def understand_reviews(reviews: Sequence[Review], house: House) -> Results:
        ...
        return Results(insights)
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, Generic, TypeVar

from streams.contracts.records import Tombstone
from streams.contracts.results import Result
from streams.contracts.topics import Topic

E = TypeVar("E")
H = TypeVar("H")


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a stage gets for a null value on a compacted topic.

    Attributes:
        id: the record's place, `topic/partition/offset`, since a deletion has no id of its own.
        key: what is deleted.
        time: the record's timestamp.
    """

    id: str
    key: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Placed(Generic[E]):
    """An event and where it lies, for stages that keep state by offset."""

    event: E
    partition: int
    offset: int


class Results:
    """What a stage answers: groups of results, each naming in `causes` the events that it answers.

    Every event of the batch has to be a cause of exactly one result of the stage's first output topic, and may be one
    of others' too.
    """

    def __init__(self, *groups: Iterable[Result | Tombstone]) -> None:
        self.all: list[Result | Tombstone] = list(chain(*groups))


@dataclass(frozen=True, slots=True)
class Stage(Generic[E, H]):
    """A topic's function, and what it reads and writes.

    Attributes:
        consumes: the input topic.
        emits: output topics; of the first, each event gets exactly one result.
        function: batch and house in, results out. On a compacted topic a batch may hold a `Withdrawal`.
        on_assignment: makes the stage one that keeps state: it gets each event as `Placed`, one batch after another
            in the order of offsets, and this is called whenever partitions were handed out anew, with the house and,
            by partition that this worker has now, the offset that the group committed.
    """

    consumes: Topic[Any]
    emits: tuple[Topic[Any], ...]
    function: Callable[[Sequence[E], H], Awaitable[Results]]
    on_assignment: Callable[[H, Mapping[int, int]], None] | None = None

    @property
    def keeps_state(self) -> bool:
        """Whether order matters to it."""
        return self.on_assignment is not None

    async def __call__(self, events: Sequence[E], house: H) -> Results:
        """Calls the function, as an agent does and a test may."""
        return await self.function(events, house)


def stage(
    *,
    consumes: Topic[Any],
    emits: Sequence[Topic[Any]],
    on_assignment: Callable[[H, Mapping[int, int]], None] | None = None,
) -> Callable[[Callable[[Sequence[E], H], Awaitable[Results]]], Stage[E, H]]:
    """Declares a function as the stage of a topic."""

    def declare(function: Callable[[Sequence[E], H], Awaitable[Results]]) -> Stage[E, H]:
        return Stage(consumes, tuple(emits), function, on_assignment)

    return declare


AnyStage = Stage[Any, Any]
