"""Dead letters: what is written of an event that could not be served."""

from datetime import UTC, datetime
from typing import Protocol

from aiokafka import ConsumerRecord

from privacy.envelope import SealedEnvelope
from privacy.identifiers import is_personal
from streams import metrics
from streams.contracts.ids import result_id
from streams.contracts.reasons import Reason
from streams.contracts.results import DeadLetter, Origin
from streams.contracts.topics import DEAD_LETTERS
from streams.delivery.encoding import Encoder
from streams.delivery.records import Verdict

LARGEST_SEALED = 1 << 20
"""Bytes of an original that is kept, sealed, in its dead letter; of a larger one only pointer and digest are."""

LATEST = 253_370_764_799_000
"""Milliseconds, the end of 9998: a record's timestamp may be anything, a letter's time is one that contracts allow."""


class Vault(Protocol):
    """Seals an event's bytes; the privacy room's guard."""

    async def seal_bytes(
        self, data: bytes, *, topic: str, event_id: str, subject: str | None
    ) -> SealedEnvelope:
        """Seals under the subject's key, or the day's for None."""
        ...

    def digest(self, data: bytes) -> str:
        """A keyed hash."""
        ...

    def user_token(self, user_id: str) -> str:
        """The id as it may leave."""
        ...


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

    async def letter(  # noqa: PLR0913 - each is a fact about the record
        self,
        record: ConsumerRecord,
        reason: Reason,
        *,
        event_id: str | None = None,
        subject: str | None = None,
        token: str | None = None,
        field: str | None = None,
        detail: str | None = None,
        attempts: int = 1,
        error: BaseException | None = None,
    ) -> Verdict:
        """The verdict that puts a record aside.

        Args:
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
        origin = Origin(
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            timestamp=record.timestamp,
            key=None if record.key is None else self._vault.digest(record.key),
        )
        value = record.value or b""
        # The id of an event that was refused before its ids were looked at may be anything.
        cause = origin.reference if event_id is None or is_personal(event_id) else event_id
        user = token if subject is None else self._vault.user_token(subject)
        letter = DeadLetter(
            # Named by place, not by cause: two bad records may carry one id, and each is a letter of its own.
            id=result_id(DEAD_LETTERS.name, [origin.reference]),
            causes=[cause],
            time=datetime.fromtimestamp(min(max(record.timestamp, 0), LATEST) / 1000, UTC),
            reason=reason,
            field=field,
            detail=detail or reason.description,
            attempts=attempts,
            origin=origin,
            size=len(value),
            digest=self._vault.digest(value),
            error=type(error).__name__ if error else None,
            user=user,
            sealed=await self._sealed(value, cause, user),
        )
        metrics.DEAD_LETTERS.labels(record.topic, reason.value).inc()
        return Verdict([self._encoder.encode(letter, record)], "dead_letter")

    async def _sealed(self, value: bytes, event_id: str, user: str | None) -> SealedEnvelope | None:
        if not value or len(value) > LARGEST_SEALED:
            return None
        return await self._vault.seal_bytes(value, topic=self._topic, event_id=event_id, subject=user)
