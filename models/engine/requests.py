"""What waits in an engine: a call's request, and the inputs that it shares with other calls."""

from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeAlias

from models.engine.backend import Row
from models.engine.tokenising import Pair

Input: TypeAlias = str | Pair
"""A text, or for `score` a pair of texts."""


class Priority(IntEnum):
    """Who waits for an answer; lower comes first. What has waited long enough counts as one class better."""

    QUERY = 0
    """A person who searches."""
    TICKET = 1
    """A person who wrote and does other things meanwhile."""
    REVIEW = 2
    """A stream."""
    BACKFILL = 3
    """A catalogue, or history, that is embedded once."""


@dataclass(slots=True, eq=False)
class Request:
    """One call: several inputs whose outputs it wants together.

    Attributes:
        outputs: one for each input, in order, as they come.
        missing: how many are not there yet.
        done: all outputs, or the first error; cancelled where the caller gave up.
        begun: whether one of its inputs is with a worker, or was.
    """

    outputs: list[Any]
    missing: int
    done: Future[list[Any]] = field(default_factory=Future)
    begun: bool = False

    @property
    def wanted(self) -> bool:
        """Whether anybody still waits for it."""
        return not self.done.done()

    def give(self, position: int, output: object) -> bool:
        """Take one output, under the engine's lock; whether it was the last one."""
        self.outputs[position] = output
        self.missing -= 1
        return not self.missing

    def succeed(self) -> None:
        """End the request with its outputs, if it has not ended."""
        with suppress(InvalidStateError):
            self.done.set_result(self.outputs)

    def fail(self, error: Exception) -> None:
        """End the request with an error, if it has not ended."""
        with suppress(InvalidStateError):
            self.done.set_exception(error)


@dataclass(slots=True, eq=False)
class Item:
    """One input that is computed once, for all requests that want it at the time.

    Attributes:
        model: name of the model.
        input: what came in.
        priority: the best of those who wait for it.
        arrived: clock time of its arrival.
        urgent: whether it is for the urgent lane.
        waiters: requests that want it, and where in them.
        row: its tokens, once it is tokenised.
        length: tokens that it takes with padding.
        claimed: whether a worker has it, or had. The queues may then still list it, and pass over it.
        finished: whether it was answered.
        attempts: how often it was lost with a thread, or to a lack of memory.
    """

    model: str
    input: Input
    priority: Priority
    arrived: float
    urgent: bool = False
    waiters: list[tuple[Request, int]] = field(default_factory=list)
    row: Row | None = None
    length: int = 0
    claimed: bool = False
    finished: bool = False
    attempts: int = 0

    @property
    def wanted(self) -> bool:
        """Whether anybody still waits for it."""
        return any(request.wanted for request, _ in self.waiters)
