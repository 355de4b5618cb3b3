"""All partitions of one topic, read without a group: committed records, from offsets that the caller names."""

from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from streams.delivery.producers import client_options
from streams.settings import Settings
from streams.views.topic_state import TopicState, topic_state

PARTITION_BYTES: Final = 1 << 20
FETCH_BYTES: Final = 4 << 20
"""Of one partition, and of all, in one answer; a larger batch still comes through, alone."""


class TopicMissing(Exception):
    """There is no topic of that name on the broker."""


class Feed:
    """One connection; a context manager. `start` says from where to read.

    Offsets are by partition number. Every method raises KafkaError where the broker refuses or does not answer; those
    that ask it something try for up to 30 s.

    Args:
        settings: with a broker's address.
        topic: name on the broker.
    """

    def __init__(self, settings: Settings, topic: str) -> None:
        self._topic = topic
        self._partitions: list[TopicPartition] = []
        self._consumer = AIOKafkaConsumer(
            **client_options(settings),
            group_id=None,
            enable_auto_commit=False,
            # An offset that is gone means that the topic is another one, or lost records: the caller decides.
            auto_offset_reset="none",
            isolation_level="read_committed",
            max_partition_fetch_bytes=PARTITION_BYTES,
            fetch_max_bytes=FETCH_BYTES,
            # A broker answers one request of a connection at a time: asking for ends waits for the fetch before.
            fetch_max_wait_ms=100,
            request_timeout_ms=30_000,
        )

    async def state(self) -> TopicState:
        """The topic as it is now.

        Raises:
            TopicMissing: there is none.
        """
        found = await topic_state(self._consumer, self._topic)
        if found is None:
            raise TopicMissing(self._topic)
        return found

    def start(self, positions: Mapping[int, int]) -> None:
        """Reads these partitions, perhaps none, from these offsets on; what was fetched before is dropped."""
        self._partitions = [TopicPartition(self._topic, number) for number in positions]
        self._consumer.assign(self._partitions)
        for number, offset in positions.items():
            self._consumer.seek(TopicPartition(self._topic, number), offset)

    async def take(self, limit: int, seconds: float) -> list[ConsumerRecord]:
        """At most `limit` records, each partition's in order; none when none came in time.

        Raises:
            OffsetOutOfRangeError: a position is no place of the topic any more.
        """
        found = await self._consumer.getmany(timeout_ms=int(seconds * 1000), max_records=limit)
        return [record for records in found.values() for record in records]

    async def positions(self) -> dict[int, int]:
        """Offset of each partition's next record; past transaction markers once a fetch has passed them."""
        return {tp.partition: await self._consumer.position(tp) for tp in self._partitions}

    async def bounds(self, partitions: tuple[int, ...]) -> tuple[dict[int, int], dict[int, int]]:
        """Where partitions begin, and their stable ends: an open transaction and what follows it lie beyond."""
        wanted = [TopicPartition(self._topic, number) for number in partitions]
        begins = await self._consumer.beginning_offsets(wanted)
        ends = await self._consumer.end_offsets(wanted)
        return _by_number(begins), _by_number(ends)

    async def ends(self) -> dict[int, int]:
        """The stable ends of the partitions that are read."""
        return _by_number(await self._consumer.end_offsets(self._partitions))

    async def __aenter__(self) -> Self:
        try:
            await self._consumer.start()
        except BaseException:
            await self._consumer.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._consumer.stop()


def _by_number(offsets: Mapping[TopicPartition, int]) -> dict[int, int]:
    return {tp.partition: offset for tp, offset in offsets.items()}
