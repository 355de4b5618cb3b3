"""When results say that the catalogue is not complete."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streams.contracts.topics import CATALOG
from streams.settings import Settings
from streams.topic_admin import topic_admin, wanted_topics
from streams.views.coverage import IndexCoverage
from streams.views.group_lag import GroupLag
from tests.views.conftest import until
from tests.views.shelf import Scribe


class Agent:
    """Commits for the workers' group, and produces what it works on."""

    def __init__(self, settings: Settings, producer: AIOKafkaProducer) -> None:
        self._settings = settings
        self._producer = producer
        self.topic = settings.wire_topic(CATALOG.name)

    async def produce(self, count: int) -> None:
        async with self._producer.transaction():
            for _ in range(count):
                await self._producer.send_and_wait(self.topic, b"{}", b"p", partition=0)

    async def commit(self, offset: int) -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._settings.kafka.bootstrap,
            group_id=self._settings.group_id,
            enable_auto_commit=False,
        )
        await consumer.start()
        consumer.assign([TopicPartition(self.topic, 0)])
        await consumer.commit({TopicPartition(self.topic, 0): offset})
        await consumer.stop()


@pytest.fixture
async def agent(settings: Settings, kafka: str, prefix: str) -> AsyncIterator[Agent]:
    async with topic_admin(settings) as admin:
        await admin.create(wanted_topics(settings, [CATALOG]))
    producer = AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=f"{prefix}shop")
    await producer.start()
    yield Agent(settings, producer)
    await producer.stop()


@pytest.fixture
async def lag(settings: Settings, agent: Agent) -> AsyncIterator[GroupLag]:
    made = GroupLag(settings, CATALOG)
    await made.start()
    yield made
    await made.stop()


async def test_the_index_is_complete_when_the_input_is_decided_and_the_topic_applied(
    topic: str, scribe: Scribe, agent: Agent, lag: GroupLag, follow: Callable[..., Any]
) -> None:
    one = await follow()
    covered = IndexCoverage("catalogue", one, lag)
    assert covered.degraded() == ["catalogue"]  # nothing is known yet
    assert covered.coverage().expected is None
    await until(lambda: not covered.degraded())

    await agent.produce(3)
    await until(lambda: covered.degraded() == ["catalogue"])
    await until(
        lambda: covered.coverage().expected == 4
    )  # the transaction's marker counts until it is known as one
    assert covered.coverage().indexed == 0

    await scribe.write(a="1", b="1", c="1")
    await agent.commit(3)
    await until(lambda: not covered.degraded())
    assert (covered.coverage().indexed, covered.coverage().expected) == (3, 3)


async def test_an_undecided_record_behind_markers_is_late(agent: Agent, lag: GroupLag) -> None:
    await agent.produce(1)
    await agent.commit(1)
    await until(lambda: lag.known and not lag.late and lag.undecided() == 0)
    await agent.produce(1)
    await until(lambda: lag.late)
    await asyncio.sleep(2.5)  # longer than it takes to look whether there is a record at all
    assert lag.late
    assert lag.undecided() > 0
