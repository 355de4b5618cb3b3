"""After a rebalance reading goes on from the committed offset, also where nothing was committed yet."""

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from streams.delivery.faust_parts import seek_to_committed


async def numbers(consumer: AIOKafkaConsumer, count: int) -> list[int]:
    """Offsets of the next records."""
    return [(await consumer.getone()).offset for _ in range(count)]


async def test_what_was_fetched_and_dropped_is_fetched_again(kafka: str, prefix: str) -> None:
    """Aiokafka's own method leaves a partition without a committed offset where it is; Faust then loses records."""
    topic = f"{prefix}seek"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, group_id=topic, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await admin.start()
    await admin.create_topics([NewTopic(topic, 2, 1)])
    await admin.close()
    fresh, known = TopicPartition(topic, 0), TopicPartition(topic, 1)
    await producer.start()
    await consumer.start()
    try:
        for number in range(10):
            await producer.send_and_wait(topic, str(number).encode(), partition=0)
            await producer.send_and_wait(topic, str(number).encode(), partition=1)
        consumer.assign([fresh, known])
        await consumer.commit({known: 4})
        await numbers(consumer, 12)

        committed = await seek_to_committed(consumer)

        assert committed == {fresh: None, known: 4}
        assert await consumer.position(fresh) == 0
        assert await consumer.position(known) == 4
        assert sorted(await numbers(consumer, 16)) == sorted([*range(10), *range(4, 10)])

        await consumer.commit({fresh: 0, known: 10})
        assert await seek_to_committed(consumer) == {fresh: 0, known: 10}
        assert await numbers(consumer, 10) == list(range(10))
    finally:
        await consumer.stop()
        await producer.stop()
