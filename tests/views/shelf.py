"""A view that remembers what it was given, and who writes its topic."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewPartitions

from streams.contracts.topics import CATALOG_VECTORS
from streams.settings import Settings
from streams.topic_admin import topic_admin, wanted_topics

TOPIC = CATALOG_VECTORS
PARTITIONS = 2


class Shelf:
    """A `View` of JSON values `[key, text]`."""

    layout = "shelf/1"

    def __init__(self) -> None:
        self.items: dict[str, str] = {}
        self.found: dict[str, str] = {}
        self.taken = 0

    def __len__(self) -> int:
        return len(self.items)

    def apply(self, upserted: Sequence[bytes], deleted: Sequence[str]) -> Sequence[int]:
        self.taken += len(upserted) + len(deleted)
        unreadable = []
        for place, value in enumerate(upserted):
            try:
                key, text = orjson.loads(value)
            except ValueError:
                unreadable.append(place)
                continue
            if text == "defect":
                raise RuntimeError
            self.items[key] = text
        for key in deleted:
            self.items.pop(key, None)
        return unreadable

    def commit(self) -> None:
        self.found = dict(self.items)

    def dump(self) -> "Shelf":
        copy = Shelf()
        copy.items = dict(self.items)
        return copy

    def chunks(self) -> Iterator[bytes]:
        yield orjson.dumps(self.items)

    def restore(self, payload: memoryview) -> None:
        self.items = orjson.loads(payload)

    def clear(self) -> None:
        self.items = {}


class Scribe:
    """Writes a view's topic in transactions."""

    def __init__(self, producer: AIOKafkaProducer, topic: str) -> None:
        self._producer = producer
        self._topic = topic

    def transaction(self) -> Any:
        return self._producer.transaction()

    async def send(self, key: str, text: str | None, partition: int = 0) -> None:
        value = None if text is None else orjson.dumps([key, text])
        await self.send_bytes(key.encode(), value, partition)

    async def send_bytes(self, key: bytes | None, value: bytes | None, partition: int = 0) -> None:
        await self._producer.send_and_wait(self._topic, value, key, partition)

    async def look_again(self) -> None:
        """Learns of new partitions."""
        await self._producer.client.force_metadata_update()

    async def write(self, **texts: str | None) -> None:
        """One transaction; `None` deletes."""
        async with self.transaction():
            for key, text in texts.items():
                await self.send(key, text)

    async def abort(self, **texts: str | None) -> None:
        """The same, in vain."""
        await self._producer.begin_transaction()
        for key, text in texts.items():
            await self.send(key, text)
        await self._producer.abort_transaction()


async def make_topic(settings: Settings) -> None:
    async with topic_admin(settings) as admin:
        await admin.create(wanted_topics(settings, [TOPIC]))


async def delete_topic(settings: Settings) -> None:
    async with topic_admin(settings) as admin:
        await admin._client.delete_topics([settings.wire_topic(TOPIC.name)])


async def add_partition(settings: Settings) -> None:
    async with topic_admin(settings) as admin:
        await admin._client.create_partitions(
            {settings.wire_topic(TOPIC.name): NewPartitions(PARTITIONS + 1)}
        )
