"""From records to events: decoded, ids looked at, opened where a producer sealed; and what can't be served."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import ConsumerRecord

from streams import metrics
from streams.contracts import codec
from streams.contracts.events import Event
from streams.contracts.sealing import sealed_texts
from streams.contracts.topics import Topic
from streams.delivery.causes import Received
from streams.delivery.dead_letters import LATEST, Aside
from streams.delivery.identifiers import check_identifiers, check_key
from streams.delivery.opening import TextOpener, opened
from streams.delivery.stage import Withdrawal


class Decoder:
    """Reads the records of one input topic.

    Args:
        topic: whose contract holds.
        opener: opens what producers sealed.
        max_future: how far an event's time may lie ahead of the clock.
    """

    def __init__(self, topic: Topic[Any], opener: TextOpener, max_future: timedelta) -> None:
        self._topic = topic
        self._opener = opener
        self._max_future = max_future

    async def decode(self, records: Sequence[ConsumerRecord]) -> tuple[list[Received], dict[int, Aside]]:
        """The events that can be served; and by place in the batch, those that can't."""
        now = datetime.now(UTC)
        received: list[Received] = []
        refused: dict[int, Aside] = {}
        for index, record in enumerate(records):
            try:
                event, unknown = self._read(record, now)
                if isinstance(event, Event):
                    check_identifiers(event)
                    if sealed_texts(event):
                        event = await opened(event, self._opener)
            except codec.ContractViolation as violation:
                refused[index] = Aside(
                    record,
                    violation.reason,
                    event_id=violation.event_id,
                    subject=violation.user_id,
                    field=violation.field,
                    detail=violation.detail,
                )
                continue
            if unknown:
                metrics.UNKNOWN_FIELDS.labels(record.topic).inc(unknown)
            received.append(Received(index, record, event))
        return received, refused

    def identity(self, record: ConsumerRecord) -> tuple[str | None, str | None]:
        """Id and user of an event, as far as it can be read."""
        try:
            event, _ = self._read(record, datetime.now(UTC))
        except codec.ContractViolation as violation:
            return violation.event_id, violation.user_id
        return event.id, subject_of(event)

    def _read(self, record: ConsumerRecord, now: datetime) -> tuple[Event | Withdrawal, int]:
        """The event and how many of its fields are unknown; for a null value on a compacted topic what it withdraws."""
        topic = self._topic
        if record.value is None and topic.deletable:
            deletion = codec.decode_or_delete(topic, record.key, None, now=now)
            check_key(deletion.key)
            return Withdrawal(place(record), deletion.key, time_of(record)), 0
        return codec.decode_counting(topic, record.value, now=now, max_ahead=self._max_future)


def place(record: ConsumerRecord) -> str:
    """Where a record lies, for logs."""
    return f"{record.topic}/{record.partition}/{record.offset}"


def time_of(record: ConsumerRecord) -> datetime:
    """When the broker got a record."""
    return datetime.fromtimestamp(min(max(record.timestamp, 0), LATEST) / 1000, UTC)


def subject_of(event: Event | Withdrawal) -> str | None:
    """The person whom an event is about, if it names one."""
    subject: str | None = getattr(event, "user_id", None)
    return subject
