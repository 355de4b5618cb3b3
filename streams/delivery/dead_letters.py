"""Dead letters: what is written of an event that could not be served."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import UTC, datetime
from typing import Protocol

from aiokafka import ConsumerRecord

from privacy.envelope import SealedEnvelope
from privacy.guard import WholeEvent
from privacy.identifiers import is_personal
from streams import metrics
from streams.contracts.dead_letters import DeadLetter, Origin
from streams.contracts.ids import result_id
from streams.contracts.reasons import Reason
from streams.contracts.topics import DEAD_LETTERS
from streams.delivery.encoding import Encoder
from streams.delivery.records import Verdict

LARGEST_SEALED = 1 << 20
"""Bytes of an original that is kept, sealed, in its dead letter; of a larger one only pointer and digest are."""

LATEST = 253_370_764_799_000
"""Milliseconds, the end of 9998: a record's timestamp may be anything, a letter's time is one that contracts allow."""


class Vault(Protocol):
    """Seals events' bytes; the privacy room's guard."""

    async def seal_events(self, events: Sequence[WholeEvent]) -> list[SealedEnvelope]:
        """Seals each under its subject's key, or the day's for None."""
        ...

    def digest(self, data: bytes) -> str:
        """A keyed hash."""
        ...

    def user_token(self, user_id: str) -> str:
        """The id as it may leave."""
        ...


@dataclass(frozen=True, slots=True)
class Aside:
    """A record that is put aside, and why.

    Attributes:
        record: the input record.
        reason: why.
        event_id: the event's id where it is known; else the record's place stands for it.
        subject: id of the person whose key seals the original; None is the day's unattributed key.
        token: of that person, where the event has it instead of the id.
        field: JSON pointer to the field at fault.
        detail: constant text, without input.
        attempts: how often it was tried.
        error: what was raised; only its type is kept.
    """

    record: ConsumerRecord
    reason: Reason
    event_id: str | None = None
    subject: str | None = dataclass_field(default=None, repr=False)
    token: str | None = dataclass_field(default=None, repr=False)
    field: str | None = None
    detail: str | None = None
    attempts: int = 1
    error: BaseException | None = dataclass_field(default=None, repr=False)

    @property
    def origin(self) -> str:
        """Where the record lies."""
        return f"{self.record.topic}/{self.record.partition}/{self.record.offset}"

    @property
    def cause(self) -> str:
        """What the letter calls the event."""
        # The id of an event that was refused before its ids were looked at may be anything.
        return self.origin if self.event_id is None or is_personal(self.event_id) else self.event_id


class DeadLetterOffice:
    """Writes dead letters for one input topic.

    Args:
        topic: the input topic's name in the contracts.
        vault: seals the originals.
        encoder: turns a letter into a record.
    """

    def __init__(self, topic: str, vault: Vault, encoder: Encoder) -> None:
        self._topic = topic
        self._vault = vault
        self._encoder = encoder

    async def letters(self, asides: Sequence[Aside]) -> list[Verdict]:
        """The verdicts that put records aside, in order; their originals are sealed together."""
        users = [one.token if one.subject is None else self._vault.user_token(one.subject) for one in asides]
        kept = [
            WholeEvent(value, self._topic, one.cause, user) if 0 < len(value) <= LARGEST_SEALED else None
            for one, user in zip(asides, users, strict=True)
            for value in [one.record.value or b""]
        ]
        sealed = iter(await self._vault.seal_events([one for one in kept if one is not None]))
        return [
            self._verdict(one, user, None if whole is None else next(sealed))
            for one, user, whole in zip(asides, users, kept, strict=True)
        ]

    def _verdict(self, aside: Aside, user: str | None, sealed: SealedEnvelope | None) -> Verdict:
        record, value = aside.record, aside.record.value or b""
        letter = DeadLetter(
            # Named by place, not by cause: two bad records may carry one id, and each is a letter of its own.
            id=result_id(DEAD_LETTERS.name, [aside.origin]),
            causes=[aside.cause],
            time=datetime.fromtimestamp(min(max(record.timestamp, 0), LATEST) / 1000, UTC),
            reason=aside.reason,
            field=aside.field,
            detail=aside.detail or aside.reason.description,
            attempts=aside.attempts,
            origin=Origin(
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                timestamp=record.timestamp,
                key=None if record.key is None else self._vault.digest(record.key),
            ),
            size=len(value),
            digest=self._vault.digest(value),
            error=type(aside.error).__name__ if aside.error else None,
            user=user,
            sealed=sealed,
        )
        metrics.DEAD_LETTERS.labels(record.topic, aside.reason.value).inc()
        return Verdict([self._encoder.encode(letter, record)], "dead_letter")
