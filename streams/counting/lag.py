"""How far the workers are: the committed offset of their group beside the end of each input topic."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from streams.client.errors import delivering, reaching
from streams.contracts.topics import Topic
from streams.counting.reading import consumer_of
from streams.delivery.producers import client_options
from streams.settings import Settings


@dataclass(frozen=True, slots=True)
class Lag:
    """Of one topic, over its partitions. Offsets count transaction markers and compacted records, too.

    Attributes:
        committed: sum of the group's committed offsets.
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

            async def measure() -> dict[str, Lag]:
                with delivering("the workers' lag could not be read"):
                    ends = await consumer.end_offsets(partitions)
                    try:
                        committed = await admin.list_consumer_group_offsets(settings.group_id)
                    except GroupCoordinatorNotAvailableError:  # no group has ever joined this broker
                        committed = {}
                return {
                    name: Lag(
                        committed=sum(_offset(committed, tp) for tp in partitions if tp.topic == wire),
                        end=sum(ends[tp] for tp in partitions if tp.topic == wire),
                    )
                    for wire, name in table.items()
                }

            yield measure
        finally:
            await admin.close()


def _offset(committed: dict[TopicPartition, Any], partition: TopicPartition) -> int:
    """A partition's committed offset; 0 where there is none."""
    return max(0, committed[partition].offset) if partition in committed else 0
