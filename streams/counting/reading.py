"""Topics read from some place to their end, committed records only."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from streams.client.connection import committed_consumer
from streams.client.errors import NotSetUp, delivering, reaching
from streams.contracts.topics import Topic
from streams.delivery.producers import client_options
from streams.settings import Settings

POLL_MS: Final = 300
REST_SECONDS: Final = 15.0
"""More than the workers' transaction timeout."""
REST_POLL_SECONDS: Final = 0.05

Offsets = Mapping[TopicPartition, int]
"""From where to read each partition."""


async def end_offsets(settings: Settings, topics: Iterable[Topic[Any]]) -> Offsets:
    """The stable ends of topics: from where a `Scope` counts what is written from now on.

    Raises:
        NotSetUp: Kafka can't be reached, or a topic is missing.
    """
    async with consumer_of(settings, _wire(settings, topics)) as (consumer, partitions):
        ends: Offsets = await consumer.end_offsets(partitions)
        return ends


async def at_rest(settings: Settings, topics: Iterable[Topic[Any]], within: float = REST_SECONDS) -> bool:
    """Waits until no transaction is open on the topics.

    A commit returns before its markers are written to every partition, so what was just committed may not be readable
    yet; what a killed worker left open is aborted within its transaction timeout.

    Returns:
        Whether it was so within as many seconds.

    Raises:
        NotSetUp: Kafka can't be reached, or a topic is missing.
    """
    topics = list(topics)
    deadline = time.monotonic() + within
    async with consumer_of(settings, _wire(settings, topics)) as (committed, partitions):
        uncommitted = AIOKafkaConsumer(**client_options(settings), enable_auto_commit=False)
        try:
            with reaching(settings):
                await uncommitted.start()
                while await committed.end_offsets(partitions) != await uncommitted.end_offsets(partitions):
                    if time.monotonic() > deadline:
                        return False
                    await asyncio.sleep(REST_POLL_SECONDS)
                return True
        finally:
            await uncommitted.stop()


async def committed_records(
    settings: Settings, topics: Iterable[Topic[Any]], since: Offsets
) -> AsyncGenerator[ConsumerRecord, None]:
    """Committed records of topics up to their stable ends as they are now; of each partition in order.

    Args:
        settings: with a broker's address.
        topics: from the table of topics.
        since: where to start; partitions that are not named from their beginning.

    Raises:
        NotSetUp: Kafka can't be reached, or a topic is missing.
        NotDelivered: Kafka stops giving records.
    """
    async with consumer_of(settings, _wire(settings, topics)) as (consumer, partitions):
        with reaching(settings):
            ends = await consumer.end_offsets(partitions)
            await consumer.seek_to_beginning(*partitions)
        for partition in partitions:
            if partition in since:
                consumer.seek(partition, since[partition])
        with delivering("reading has stopped"):
            while ends := {tp: end for tp, end in ends.items() if await consumer.position(tp) < end}:
                for tp, records in (await consumer.getmany(timeout_ms=POLL_MS)).items():
                    for record in records:
                        if record.offset < ends.get(tp, 0):
                            yield record


@asynccontextmanager
async def consumer_of(
    settings: Settings, names: Iterable[str]
) -> AsyncIterator[tuple[AIOKafkaConsumer, list[TopicPartition]]]:
    """A consumer of all partitions of the topics of these names on the broker.

    Raises:
        NotSetUp: Kafka can't be reached, or a topic is missing.
    """
    consumer = committed_consumer(settings)
    try:
        with reaching(settings):
            await consumer.start()
            # All are listed: asking for a missing one by name makes some brokers create it.
            metadata = await consumer._client.fetch_all_metadata()  # noqa: SLF001 - no public way
        partitions = []
        for name in names:
            numbers = metadata.partitions_for_topic(name)
            if not numbers:
                raise NotSetUp(f"topic {name} is missing; run `shopstream topics create`")
            partitions += [TopicPartition(name, number) for number in sorted(numbers)]
        consumer.assign(partitions)
        yield consumer, partitions
    finally:
        await consumer.stop()


def _wire(settings: Settings, topics: Iterable[Topic[Any]]) -> list[str]:
    """The topics' names on the broker."""
    return [settings.wire_topic(topic.name) for topic in topics]
