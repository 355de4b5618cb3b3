"""Where topics end, open transactions included: all that anybody has written so far lies below."""

from collections.abc import Iterable, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import UnknownTopicOrPartitionError

from streams.delivery.producers import client_options
from streams.settings import Settings


async def written_ends(settings: Settings, topics: Iterable[str]) -> Mapping[str, Mapping[int, int]]:
    """The high watermarks of topics' partitions, by topic.

    The stable end would not do: a transaction is committed partition by partition, so one of its records may be
    readable while another is not yet.

    Args:
        settings: with a broker's address.
        topics: names in the table.

    Raises:
        KafkaError: no answer, a refusal, or a topic is not there.
    """
    consumer = AIOKafkaConsumer(**client_options(settings), group_id=None, enable_auto_commit=False)
    try:
        await consumer.start()
        # All topics are listed: asking for a missing one by name makes some brokers create it.
        metadata = await consumer._client.fetch_all_metadata()  # noqa: SLF001 - no public way
        ends: dict[str, Mapping[int, int]] = {}
        for name in topics:
            wire = settings.wire_topic(name)
            places = [TopicPartition(wire, number) for number in metadata.partitions_for_topic(wire) or ()]
            if not places:  # a broker that has just started knows some topics later
                raise UnknownTopicOrPartitionError(wire)
            found = await consumer.end_offsets(places)
            ends[name] = {place.partition: end for place, end in found.items()}
        return ends
    finally:
        await consumer.stop()
