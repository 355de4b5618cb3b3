"""Lag: what of the input topics the workers' group has not decided yet, transaction markers left out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.client.errors import NotSetUp
from streams.contracts.topics import CATALOG, QUERIES, REVIEWS
from streams.counting import Lag, at_rest, lags
from streams.settings import KafkaSettings, Settings
from tests.demo.writer import Writer


@asynccontextmanager
async def group(settings: Settings, group_id: str) -> AsyncIterator[AIOKafkaConsumer]:
    """One that can commit."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka.bootstrap, group_id=group_id, enable_auto_commit=False
    )
    await consumer.start()
    consumer.assign([at(settings, partition) for partition in range(settings.kafka.partitions)])
    try:
        yield consumer
    finally:
        await consumer.stop()


def at(settings: Settings, partition: int) -> TopicPartition:
    return TopicPartition(settings.wire_topic(REVIEWS.name), partition)


async def test_an_idle_topic_has_none(settings: Settings) -> None:
    async with lags(settings, [REVIEWS, CATALOG]) as measure:
        assert await measure() == {"reviews": Lag(0, 0), "catalog": Lag(0, 0)}


async def test_what_the_group_has_not_committed_is_left(settings: Settings, writer: Writer) -> None:
    async with lags(settings, [REVIEWS, QUERIES]) as measure, group(settings, settings.group_id) as workers:
        async with writer.transaction():
            places = [await writer.review(f"r{number}") for number in range(5)]
        (partition,) = {place.partition for place in places}
        assert [place.offset for place in places] == [0, 1, 2, 3, 4]

        await at_rest(settings, [REVIEWS])
        before = await measure()
        assert before["reviews"].left >= 5
        assert before["queries"].left == 0
        async with group(settings, "others") as others:
            await others.commit({at(settings, partition): 5})
        assert await measure() == before

        await workers.commit({at(settings, partition): 2})
        assert 3 <= (await measure())["reviews"].left <= before["reviews"].left - 2
        await workers.commit({at(settings, partition): 4})
        assert (await measure())["reviews"].left >= 1
        await workers.commit({at(settings, partition): 5})
        assert (await measure())["reviews"].left == 0  # only the marker lies behind


async def test_what_was_aborted_is_not_waited_for(settings: Settings, writer: Writer) -> None:
    async with lags(settings, [REVIEWS]) as measure:
        with suppress(ZeroDivisionError):
            async with writer.transaction():
                await writer.review("in vain")
                raise ZeroDivisionError
        await at_rest(settings, [REVIEWS])
        assert (await measure())["reviews"].left == 0


async def test_a_missing_topic_is_named(kafka: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, kafka=KafkaSettings(bootstrap=kafka, topic_prefix="nowhere-"))
    with pytest.raises(NotSetUp, match="nowhere-reviews"):
        async with lags(settings, [REVIEWS]):
            pass
