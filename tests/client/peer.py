"""The other end of the wire: answers reviews in transactions, as a worker does."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from streams.contracts.codec import decode
from streams.contracts.events import Review
from streams.contracts.ids import result_id
from streams.contracts.reasons import Reason
from streams.contracts.results import Probabilities, Result, ReviewInsight, Sentiment
from streams.contracts.topics import REVIEW_INSIGHTS, REVIEWS, Topic, topic_of
from streams.contracts.violation import ContractViolation
from streams.delivery.dead_letters import Aside, DeadLetterOffice
from streams.delivery.encoding import Encoder
from streams.delivery.records import Outgoing
from streams.settings import Settings
from streams.topic_admin import topic_admin, wanted_topics
from tests.standins.keys import local_guard

PARTITIONS = 2
REFUSED = "refuse me"


def make_topics(settings: Settings, *topics: Topic[Any]) -> None:
    """Creates topics on the broker, from code without an event loop."""

    async def make() -> None:
        async with topic_admin(settings) as admin:
            await admin.create(wanted_topics(settings, topics))

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, make()).result()


def insight(review: Review) -> ReviewInsight:
    """A positive answer; the text is not what was written."""
    probabilities = Probabilities(negative=0.0, neutral=0.25, positive=0.75)
    return ReviewInsight(
        id=result_id(REVIEW_INSIGHTS.name, [review.id]),
        causes=[review.id],
        time=review.time,
        product_id=review.product_id,
        user=review.user_id,
        rating=review.rating,
        text="masked [EMAIL_1]",
        sentiment=Sentiment(label="positive", probabilities=probabilities),
        masked={"EMAIL": 1},
    )


@asynccontextmanager
async def answering(
    settings: Settings, answer: Callable[[Review], Result] = insight
) -> AsyncIterator[list[ConsumerRecord]]:
    """Answers reviews from the oldest on while the block is open; yields the list of records that it has read."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka.bootstrap,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka.bootstrap, transactional_id=f"{settings.kafka.topic_prefix}peer"
    )
    await asyncio.gather(consumer.start(), producer.start())
    consumer.assign(
        [TopicPartition(settings.wire_topic(REVIEWS.name), number) for number in range(PARTITIONS)]
    )
    seen: list[ConsumerRecord] = []
    task = asyncio.create_task(_answer(settings, consumer, producer, answer, seen))
    try:
        yield seen
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.gather(consumer.stop(), producer.stop())


async def _answer(
    settings: Settings,
    consumer: AIOKafkaConsumer,
    producer: AIOKafkaProducer,
    answer: Callable[[Review], Result],
    seen: list[ConsumerRecord],
) -> None:
    office = office_of(settings)
    while True:
        batches = await consumer.getmany(timeout_ms=200)
        records = [record for batch in batches.values() for record in batch]
        if not records:
            continue
        seen += records
        async with producer.transaction():
            for record in records:
                for out in await _decide(settings, office, record, answer):
                    await producer.send(
                        out.topic, out.value, out.key, out.partition, headers=list(out.headers)
                    )


async def _decide(
    settings: Settings, office: DeadLetterOffice, record: ConsumerRecord, answer: Callable[[Review], Result]
) -> list[Outgoing]:
    try:
        review = decode(REVIEWS, record.value, now=datetime.now(UTC))
    except ContractViolation as violation:
        aside = Aside(
            record,
            violation.reason,
            event_id=violation.event_id,
            field=violation.field,
            detail=violation.detail,
        )
        (verdict,) = await office.letters([aside])
        return verdict.outgoing
    if review.text.reveal() == REFUSED:
        aside = Aside(record, Reason.PROCESSING_FAILED, event_id=review.id, attempts=3)
        (verdict,) = await office.letters([aside])
        return verdict.outgoing
    return [encoder_of(settings).encode(answer(review), record)]


def encoder_of(settings: Settings) -> Encoder:
    """Encodes for this test's topics."""
    names = [settings.wire_topic(topic_of(model).name) for model in (ReviewInsight,)]
    counts = dict.fromkeys([*names, settings.wire_topic("dead-letters")], PARTITIONS)
    return Encoder(settings.wire_topic, "/test/peer", counts)


def office_of(settings: Settings) -> DeadLetterOffice:
    """Seals originals as workers do, under data keys that nobody else has."""
    return DeadLetterOffice(REVIEWS.name, local_guard(settings.kek_file), encoder_of(settings))
