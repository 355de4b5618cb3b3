"""User state on a real Valkey and a real Kafka."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from pydantic import SecretStr

from streams.contracts.codec import encode
from streams.contracts.partitioning import partition_for
from streams.contracts.records import UserChange
from streams.contracts.topics import USER_CHANGES
from streams.delivery.stage import Placed
from streams.health import Health
from streams.local.processes import Processes
from streams.local.valkey import Valkey
from streams.settings import KafkaSettings, RedisSettings, Settings, WorkerSettings
from streams.state.connection import Cache
from streams.state.users import UserState
from tests.client.peer import make_topics
from tests.state.shop import PARTITIONS

Publish = Callable[[Sequence[UserChange]], Awaitable[list[Placed[UserChange]]]]
States = Callable[..., UserState]


@pytest.fixture
def settings(prefix: str, valkey: str) -> Settings:
    """Of an installation whose Kafka is not to be reached."""
    return Settings(
        kafka=KafkaSettings(bootstrap="127.0.0.1:1", topic_prefix=prefix, partitions=PARTITIONS),
        redis=RedisSettings(url=SecretStr(valkey), timeout=5),
    )


@pytest.fixture
def with_topic(settings: Settings, kafka: str) -> Settings:
    """The same on a real Kafka, where the topic of changes exists."""
    made = settings.model_copy(
        update={"kafka": settings.kafka.model_copy(update={"bootstrap": kafka})},
    )
    make_topics(made, USER_CHANGES)
    return made


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A server of this test's own, to be killed."""
    lock = (tmp_path / "lock").open("w")
    processes = Processes(lock.fileno(), tmp_path / "keeper.log")
    lock.close()
    valkey = Valkey("valkey", tmp_path / "valkey", tmp_path, processes)
    valkey.start()
    yield valkey
    processes.close()


@pytest.fixture
async def states(settings: Settings) -> AsyncIterator[States]:
    """Opens the state of a worker; `group` names another consumer group, `settings` a Kafka."""
    caches: list[Cache] = []

    def open_state(*arguments: Any, settings: Settings = settings, group: str | None = None) -> UserState:
        cache = Cache.open(settings.redis, Health())
        caches.append(cache)
        if group:  # made anew: a copy would keep the group's id, which is computed once
            settings = Settings(
                kafka=settings.kafka, redis=settings.redis, worker=WorkerSettings(app_id=group)
            )
        return UserState(cache, settings, Health(), *arguments)

    yield open_state
    await asyncio.gather(*[cache.close() for cache in caches])


@pytest.fixture
async def publish(with_topic: Settings) -> AsyncIterator[Publish]:
    """Writes changes in a transaction each call, and tells where they lie."""
    topic = with_topic.wire_topic(USER_CHANGES.name)
    producer = AIOKafkaProducer(
        bootstrap_servers=with_topic.kafka.bootstrap, transactional_id=f"{topic}-writer", linger_ms=5
    )
    await producer.start()

    async def write(changes: Sequence[UserChange]) -> list[Placed[UserChange]]:
        async with producer.transaction():
            sent = [
                await producer.send(
                    topic,
                    encode(one),
                    key=(key := one.user.encode()),
                    partition=partition_for(key, PARTITIONS),
                )
                for one in changes
            ]
            places = await asyncio.gather(*sent)
        return [
            Placed(one, place.partition, place.offset) for one, place in zip(changes, places, strict=True)
        ]

    yield write
    await producer.stop()
