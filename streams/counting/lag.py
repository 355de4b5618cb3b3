"""How far the workers are: the committed offset of their group beside the end of each input topic."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from streams.client.errors import delivering, reaching
from streams.contracts.topics import Topic
from streams.counting.reading import consumer_of
from streams.delivery.producers import client_options
from streams.settings import Settings

SHORT_GAP: Final = 256
"""Offsets; a longer gap is not looked into."""
PROBE_MS: Final = 200


@dataclass(frozen=True, slots=True)
class Lag:
    """Of one topic, over its partitions. Offsets count transaction markers and compacted records, too.

    Attributes:
        committed: sum of the group's committed offsets; where nothing but markers follows, of the ends.
        end: sum of the stable ends.
    """

    committed: int
    end: int

    @property
    def left(self) -> int:
        """Offsets that are not decided yet."""
        return max(0, self.end - self.committed)


Measure = Callable[[], Awaitable[dict[str, Lag]]]


@asynccontextmanager
async def lags(settings: Settings, topics: Iterable[Topic[Any]]) -> AsyncIterator[Measure]:
    """A function that measures the workers' lag on some input topics, by their names in the table.

    Raises:
        NotSetUp: Kafka can't be reached, or a topic is missing.
        NotDelivered: (by the function) Kafka does not answer.
    """
    table = {settings.wire_topic(topic.name): topic.name for topic in topics}
    admin = AIOKafkaAdminClient(**client_options(settings))
    async with consumer_of(settings, table) as (consumer, partitions):
        try:
            with reaching(settings):
                await admin.start()

            probe = Probe(consumer)

            async def measure() -> dict[str, Lag]:
                with delivering("the workers' lag could not be read"):
                    ends = await consumer.end_offsets(partitions)
                    try:
                        offsets = await admin.list_consumer_group_offsets(settings.group_id)
                    except GroupCoordinatorNotAvailableError:  # no group has ever joined this broker
                        offsets = {}
                    committed = {tp: _offset(offsets, tp) for tp in partitions}
                    await probe.skip_markers(committed, ends)
                return {
                    name: Lag(
                        committed=sum(committed[tp] for tp in partitions if tp.topic == wire),
                        end=sum(ends[tp] for tp in partitions if tp.topic == wire),
                    )
                    for wire, name in table.items()
                }

            yield measure
        finally:
            await admin.close()


class Probe:
    """Looks into the short gaps at partitions' ends: what is written in transactions ends with their markers.

    Args:
        consumer: of all partitions, reading committed records only; nobody else reads with it.
    """

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._empty: dict[TopicPartition, tuple[int, int]] = {}

    async def skip_markers(
        self, committed: dict[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> None:
        """Moves committed offsets to the end where no record lies between."""
        for tp, end in ends.items():
            gap = (committed[tp], end)
            if 0 < end - committed[tp] <= SHORT_GAP and self._empty.get(tp) != gap:
                self._consumer.seek(tp, committed[tp])
                found = await self._consumer.getmany(tp, timeout_ms=PROBE_MS)
                if not found and await self._consumer.position(tp) >= end:
                    self._empty[tp] = gap
            if self._empty.get(tp) == gap:
                committed[tp] = end


def _offset(committed: dict[TopicPartition, Any], partition: TopicPartition) -> int:
    """A partition's committed offset; 0 where there is none."""
    return max(0, committed[partition].offset) if partition in committed else 0
