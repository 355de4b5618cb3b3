"""Stages: what Shopstream does with the events of one topic, as pure functions on batches.

A stage is declared in a few lines and called in a test with a list of events, without Kafka:

    @stage(consumes=REVIEWS, emits=[REVIEW_INSIGHTS])
    async def understand_reviews(reviews: Sequence[Review], house: House) -> Results:
        ...
        return Results(insights)
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Generic, TypeVar

from streams.contracts.events import Event
from streams.contracts.results import Result
from streams.contracts.topics import Topic

E = TypeVar("E", bound=Event)
H = TypeVar("H")


class Results:
    """What a stage answers: groups of results, each naming in `causes` the events that it answers.

    Every event of the batch has to be a cause of exactly one result of the stage's first output topic, and may be one
    of others' too.
    """

    def __init__(self, *groups: Iterable[Result]) -> None:
        self.all: list[Result] = list(chain(*groups))


@dataclass(frozen=True, slots=True)
class Stage(Generic[E, H]):
    """A topic's function, and what it reads and writes.

    Attributes:
        consumes: the input topic.
        emits: output topics; of the first, each event gets exactly one result.
        function: batch and house in, results out.
    """

    consumes: Topic[Any]
    emits: tuple[Topic[Any], ...]
    function: Callable[[Sequence[E], H], Awaitable[Results]]

    async def __call__(self, events: Sequence[E], house: H) -> Results:
        """Calls the function, as an agent does and a test may."""
        return await self.function(events, house)


def stage(
    *, consumes: Topic[Any], emits: Sequence[Topic[Any]]
) -> Callable[[Callable[[Sequence[E], H], Awaitable[Results]]], Stage[E, H]]:
    """Declares a function as the stage of a topic."""

    def declare(function: Callable[[Sequence[E], H], Awaitable[Results]]) -> Stage[E, H]:
        return Stage(consumes, tuple(emits), function)

    return declare


AnyStage = Stage[Any, Any]
