"""Dead letters as redrive sees them: which are chosen, what was found, what became of each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from streams.client.outbox import Delivery
from streams.contracts.dead_letters import DeadLetter
from streams.contracts.topics import Topic


@dataclass(frozen=True, slots=True)
class Choice:
    """Which dead letters: all that satisfy each; empty and None are no condition.

    Attributes:
        reasons: reason codes.
        ids: of letters or of events.
        topic: origin, by its name in the contracts.
        since: when the letter was written, at the earliest.
        limit: at most so many are sent.
        again: also those that went back before, or may have.
    """

    reasons: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    topic: str | None = None
    since: datetime | None = None
    limit: int | None = None
    again: bool = False

    def wants(self, found: "Found") -> bool:
        """Whether a letter is meant."""
        letter = found.letter
        return (
            (not self.reasons or letter.reason.value in self.reasons)
            and (not self.ids or not self.ids.isdisjoint({letter.id, *letter.causes}))
            and (self.topic is None or (found.origin is not None and found.origin.name == self.topic))
            and (self.since is None or found.written >= self.since)
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A dead letter, its input topic (None: none of this installation), when it was written, its trace."""

    letter: DeadLetter
    origin: Topic[Any] | None
    written: datetime
    traceparent: str | None


@dataclass(slots=True)
class Outcome:
    """What became of a letter."""

    letter: DeadLetter
    kind: Literal["sent", "left_out", "failed"]
    says: str
    delivery: Delivery | None = None

    @property
    def sent(self) -> bool:
        """Whether it was sent, or would be in a dry run."""
        return self.kind == "sent"

    @property
    def left_out(self) -> bool:
        """Whether it was left out since it was sent before, or may have been."""
        return self.kind == "left_out"

    @property
    def failed(self) -> bool:
        """Whether it can't be sent."""
        return self.kind == "failed"

    def document(self) -> dict[str, Any]:
        """For programs."""
        return {
            "id": self.letter.id,
            "causes": self.letter.causes,
            "reason": self.letter.reason.value,
            "origin": self.letter.origin.reference,
            "outcome": self.kind,
            "detail": self.says,
        }
