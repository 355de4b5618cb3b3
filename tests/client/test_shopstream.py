import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from privacy.plaintext import Plaintext
from streams.client import EventRefused, NoAnswer, NotDelivered, NotSetUp, Shopstream
from streams.client.outbox import Outbox
from streams.client.reader import TopicReader
from streams.contracts.codec import encode
from streams.contracts.events import Query, Review
from streams.contracts.partitioning import partition_for
from streams.contracts.reasons import Reason
from streams.contracts.results import ReviewInsight
from streams.contracts.topics import DEAD_LETTERS, QUERIES, REVIEW_INSIGHTS, REVIEWS, SEARCH_RANKINGS
from streams.contracts.violation import ContractViolation
from streams.delivery.producers import lane_producer
from streams.settings import KafkaSettings, Settings
from tests.client.peer import PARTITIONS, REFUSED, answering, insight, make_topics

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
Make = Callable[..., Review]


async def records_of(settings: Settings, topic: str, count: int) -> list[ConsumerRecord]:
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    consumer.assign([TopicPartition(settings.wire_topic(topic), number) for number in range(PARTITIONS)])
    try:
        found: list[ConsumerRecord] = []
        async with asyncio.timeout(10):
            while len(found) < count:
                found += [one for batch in (await consumer.getmany(timeout_ms=200)).values() for one in batch]
        return found
    finally:
        await consumer.stop()


async def test_an_event_lies_under_the_key_partition_and_headers_of_its_contract(
    settings: Settings, review: Make
) -> None:
    event = review(user_id="user-7")
    async with Shopstream(settings, source="/my-shop") as shop:
        place = await shop.produce(event, traceparent=TRACE)
    [record] = await records_of(settings, "reviews", 1)
    headers = dict(record.headers)
    assert record.key == b"user-7"
    assert record.partition == place.partition == partition_for(b"user-7", PARTITIONS)
    assert place.reference == f"{settings.wire_topic('reviews')}/{record.partition}/{record.offset}"
    assert b"mia@example.com" in record.value
    assert headers["ce_id"] == event.id.encode()
    assert headers["ce_source"] == b"/my-shop"
    assert headers["ce_type"] == b"shopstream.review.v1"
    assert headers["traceparent"] == TRACE.encode()


async def test_an_event_that_breaks_its_contract_is_not_sent(settings: Settings, review: Make) -> None:
    async with Shopstream(settings) as shop:
        with pytest.raises(ContractViolation) as refused:
            await shop.produce(review("a\0b"))
        await shop.produce(review("good"))
    assert refused.value.field == "/text"
    [record] = await records_of(settings, "reviews", 1)
    assert b"good" in record.value


async def test_many_events_arrive_in_order_and_are_counted(settings: Settings, review: Make) -> None:
    events = [review(id=f"r-{number}") for number in range(500)]
    async with Shopstream(settings) as shop:
        assert await shop.produce_many(iter(events), in_flight=16) == 500
    headers = [dict(record.headers) for record in await records_of(settings, "reviews", 500)]
    assert [one["ce_id"].decode() for one in headers] == [event.id for event in events]


async def test_a_bad_event_among_many_stops_the_rest(settings: Settings, review: Make) -> None:
    async def events() -> AsyncIterator[Review]:
        yield review("first")
        yield review("\0")
        yield review("third")

    async with Shopstream(settings) as shop:
        with pytest.raises(ContractViolation):
            await shop.produce_many(events())
        await shop.produce(review("last"))
    texts = [record.value for record in await records_of(settings, "reviews", 2)]
    assert b"first" in texts[0]
    assert b"last" in texts[1]


async def test_asking_gives_the_result_that_names_the_event(settings: Settings, review: Make) -> None:
    event = review(rating=4)
    async with answering(settings), Shopstream(settings) as shop:
        found = await shop.ask(event, timeout=10)
        again = await shop.ask(review(), timeout=10)
    assert isinstance(found, ReviewInsight)
    assert found.causes == [event.id]
    assert found.rating == 4
    assert again.causes != found.causes


async def test_a_refused_event_raises_with_its_dead_letter(settings: Settings, review: Make) -> None:
    event = review(REFUSED)
    async with answering(settings), Shopstream(settings) as shop:
        with pytest.raises(EventRefused) as refused:
            await shop.ask(event, timeout=10)
    assert refused.value.letter.causes == [event.id]
    assert refused.value.letter.reason is Reason.PROCESSING_FAILED
    assert REFUSED not in str(refused.value)


async def test_many_who_wait_at_once_each_get_their_own(settings: Settings, review: Make) -> None:
    events = [review() for _ in range(40)]
    async with answering(settings), Shopstream(settings) as shop:
        found = await asyncio.gather(*(shop.ask(event, timeout=15) for event in events))
    assert [one.causes for one in found] == [[event.id] for event in events]


async def test_no_answer_is_an_error_that_says_what_to_check(settings: Settings, review: Make) -> None:
    async with Shopstream(settings) as shop:
        started = time.monotonic()
        with pytest.raises(NoAnswer, match="worker") as late:
            await shop.ask(review(), timeout=0.3)
    assert time.monotonic() - started < 5
    assert isinstance(late.value, TimeoutError)
    assert settings.wire_topic("review-insights") in str(late.value)


async def test_an_answer_after_a_timeout_disturbs_nobody(settings: Settings, review: Make) -> None:
    late, next_one = review(), review()
    async with Shopstream(settings) as shop:
        with pytest.raises(NoAnswer):
            await shop.ask(late, timeout=0.2)
        async with answering(settings):
            assert (await shop.ask(next_one, timeout=10)).causes == [next_one.id]


async def test_reading_rests_when_nobody_waits_and_goes_on_at_the_end(
    settings: Settings, review: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.client.answers.LINGER_SECONDS", 0.0)
    async with answering(settings), Shopstream(settings) as shop:
        await shop.ask(review(), timeout=10)
        async with asyncio.timeout(5):
            while shop.answers._listening.is_set():
                await asyncio.sleep(0.05)
        await shop.ask(event := review(), timeout=10)
        assert (await shop.ask(review(), timeout=10)).causes != [event.id]


async def test_who_waits_when_the_client_is_closed_is_told(settings: Settings, review: Make) -> None:
    async with Shopstream(settings) as shop:
        waiting = asyncio.create_task(shop.ask(review(), timeout=30))
        await asyncio.sleep(1)
    with pytest.raises(NotDelivered, match="closed"):
        await waiting


async def test_results_are_followed_and_unknown_contracts_skipped(
    settings: Settings, review: Make, caplog: pytest.LogCaptureFixture
) -> None:
    first, foreign, last = review(), review(), review()

    def answer(event: Review) -> ReviewInsight:
        return insight(event).model_copy(update={"contract": "2.0"} if event.id == foreign.id else {})

    async with answering(settings, answer), Shopstream(settings) as shop:
        for event in (first, foreign, last):
            await shop.produce(event)
        results = shop.results(REVIEW_INSIGHTS, from_beginning=True)
        causes = [(await asyncio.wait_for(anext(results), 10)).causes[0] for _ in range(2)]
    assert causes == [first.id, last.id]
    assert "follows no contract that this version knows" in caplog.text


async def test_an_aborted_result_is_not_seen(settings: Settings, review: Make) -> None:
    kept = review()
    async with Shopstream(settings) as shop:
        results = shop.results(REVIEW_INSIGHTS, from_beginning=True)
        producer = lane_producer(settings, f"{settings.kafka.topic_prefix}aborts")
        await producer.start()
        name = settings.wire_topic(REVIEW_INSIGHTS.name)
        await producer.begin_transaction()
        await producer.send_and_wait(name, encode(insight(review())), partition=0)
        await producer.abort_transaction()
        async with producer.transaction():
            await producer.send_and_wait(name, encode(insight(kept)), partition=0)
        await producer.stop()
        assert (await asyncio.wait_for(anext(results), 10)).causes == [kept.id]


async def test_a_later_sender_of_the_same_transactional_id_stops_the_earlier(settings: Settings) -> None:
    earlier, later = (
        Outbox(lane_producer(settings, f"{settings.group_id}-redrive"), settings) for _ in range(2)
    )
    await earlier.open()
    await later.open()
    with pytest.raises(NotDelivered):
        async with earlier.transaction():
            await (await earlier.send(REVIEWS, b"{}", key="k", event_id="1")).place()
    async with later.transaction():
        await (await later.send(REVIEWS, b"[]", key="k", event_id="1")).place()
    await asyncio.gather(earlier.close(), later.close())
    async with TopicReader(settings, ["reviews"]) as reader:
        await reader.to_beginning()
        values = [record.value async for records in reader.until_caught_up() for record in records]
    assert values == [b"[]"]


async def test_dead_letters_can_be_followed(settings: Settings, review: Make) -> None:
    async with answering(settings), Shopstream(settings) as shop:
        letters = shop.results(DEAD_LETTERS, from_beginning=True)
        await shop.produce(event := review(REFUSED))
        assert (await asyncio.wait_for(anext(letters), 10)).causes == [event.id]


async def test_input_topics_are_not_results(settings: Settings) -> None:
    async with Shopstream(settings) as shop:
        with pytest.raises(TypeError, match="events"):
            await anext(shop.results(REVIEWS))  # type: ignore[type-var]


async def test_a_missing_topic_says_how_to_make_it(kafka: str, review: Make) -> None:
    nowhere = Settings(kafka=KafkaSettings(bootstrap=kafka, topic_prefix="nowhere-"))
    async with Shopstream(nowhere) as shop:
        with pytest.raises(NotSetUp, match="shopstream topics create"):
            await shop.produce(review())
        with pytest.raises(NotSetUp, match="shopstream topics create"):
            await shop.ask(review())


async def test_no_broker_is_an_error_that_says_what_to_set(tmp_path: object) -> None:
    with pytest.raises(NotSetUp, match="SHOPSTREAM_KAFKA__BOOTSTRAP"):
        async with Shopstream(Settings(data_dir=tmp_path)):  # type: ignore[arg-type]
            pass
    with pytest.raises(NotSetUp, match=r"127\.0\.0\.1:1"):
        async with Shopstream(Settings(kafka=KafkaSettings(bootstrap="127.0.0.1:1"))):
            pass


async def test_the_embedded_stack_of_the_data_folder_is_joined(stack: object, kafka: str) -> None:
    async with Shopstream.connect(Settings(data_dir=stack.data_dir)) as shop:  # type: ignore[attr-defined]
        assert shop.settings.kafka.bootstrap == kafka


async def test_events_without_an_answer_of_their_own_are_not_asked(settings: Settings) -> None:
    from streams.contracts.examples import interaction

    async with Shopstream(settings) as shop:
        with pytest.raises(TypeError, match="produce"):
            await shop.ask(interaction())  # type: ignore[call-overload]


def test_the_client_is_light_to_import() -> None:
    heavy = ("torch", "faust", "redis", "rich")
    code = f"import sys, streams.client; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_debug_logs_of_the_kafka_client_stay_free_of_events() -> None:
    import logging

    import streams.client  # noqa: F401

    assert not logging.getLogger("aiokafka.producer.producer").isEnabledFor(logging.DEBUG)


async def test_a_query_is_asked_in_its_own_topic(settings: Settings) -> None:
    from datetime import UTC, datetime

    make_topics(settings, QUERIES, SEARCH_RANKINGS)
    async with Shopstream(settings) as shop:
        with pytest.raises(NoAnswer, match="search-rankings"):
            await shop.ask(Query(id="q-1", time=datetime.now(UTC), text=Plaintext("boots")), timeout=0.1)
