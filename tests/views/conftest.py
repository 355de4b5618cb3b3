"""Topics of one test, who writes them, and followers that end with the test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from streams.health import Health
from streams.settings import KafkaSettings, Settings
from streams.views.follower import Follower
from streams.views.snapshot import SnapshotFolder
from tests.views.shelf import PARTITIONS, TOPIC, Scribe, Shelf, make_topic


@pytest.fixture
def settings(kafka: str, prefix: str, tmp_path: Path) -> Settings:
    """Of an installation of its own on the shared broker; it has no topics."""
    return Settings(
        data_dir=tmp_path, kafka=KafkaSettings(bootstrap=kafka, topic_prefix=prefix, partitions=PARTITIONS)
    )


@pytest.fixture
async def topic(settings: Settings) -> str:
    """The name of a topic that exists and is empty."""
    await make_topic(settings)
    return settings.wire_topic(TOPIC.name)


@pytest.fixture
async def scribe(settings: Settings) -> AsyncIterator[Scribe]:
    """Writes the topic."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka.bootstrap, transactional_id=f"{settings.kafka.topic_prefix}scribe"
    )
    await producer.start()
    yield Scribe(producer, settings.wire_topic(TOPIC.name))
    await producer.stop()


@pytest.fixture
def folder(tmp_path: Path) -> SnapshotFolder:
    return SnapshotFolder(tmp_path / "views")


@pytest.fixture
async def follow(settings: Settings) -> AsyncIterator[Callable[..., Any]]:
    """Starts a follower, by default of a new shelf."""
    begun: list[Follower] = []

    async def start(index: Any = None, *, health: Health | None = None, **options: Any) -> Follower:
        shelf = Shelf() if index is None else index
        one = Follower(settings, options.pop("of", TOPIC), shelf, health=health or Health(), **options)
        begun.append(one)
        await one.start()
        return one

    yield start
    await asyncio.gather(*(one.stop() for one in begun))


async def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Waits until something holds."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.02)
