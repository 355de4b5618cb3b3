"""Records without a broker, and what delivery remembers, in memory."""

from collections.abc import Iterable, Mapping, Sequence

from aiokafka import ConsumerRecord
from faust.types import TP

from streams.delivery.quarantine import Mark

TOPIC = "t-reviews"


def record(
    offset: int,
    value: bytes | None = b"{}",
    *,
    partition: int = 0,
    topic: str = TOPIC,
    key: bytes | None = b"key",
    timestamp: int = 1_767_225_600_000,
    headers: Sequence[tuple[str, bytes]] = (),
) -> ConsumerRecord:
    """An input record as aiokafka hands it out."""
    return ConsumerRecord(
        topic=topic,
        partition=partition,
        offset=offset,
        timestamp=timestamp,
        timestamp_type=1,
        key=key,
        value=value,
        checksum=None,
        serialized_key_size=len(key or b""),
        serialized_value_size=len(value or b""),
        headers=tuple(headers),
    )


class MemoryMarks:
    """Crash marks that outlive a worker only in the mind."""

    def __init__(self) -> None:
        self.marks: dict[TP, Mark] = {}

    async def set(self, marks: Mapping[TP, Mark]) -> None:
        self.marks |= marks

    async def get(self, tps: Iterable[TP]) -> Mapping[TP, Mark]:
        return {tp: self.marks[tp] for tp in tps if tp in self.marks}

    async def clear(self, tps: Iterable[TP]) -> None:
        for tp in tps:
            self.marks.pop(tp, None)


class MemoryResends:
    """Remembers the first offset of each id in its partition."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, int, str], int] = {}

    async def repeated(self, received: Sequence[tuple[ConsumerRecord, str]]) -> list[bool]:
        return [
            self._first.setdefault((one.topic, one.partition, event_id), one.offset) < one.offset
            for one, event_id in received
        ]
