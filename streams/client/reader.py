"""Reads whole topics, all partitions, without a consumer group: committed records only."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Self

from aiokafka import ConsumerRecord, TopicPartition

from streams.client.connection import committed_consumer
from streams.client.errors import NotSetUp, delivering, reaching
from streams.settings import Settings

POLL_SECONDS = 0.5


class TopicReader:
    """A reader; a context manager. First say where to start: `to_end`, `to_beginning` or `to_time`.

    Args:
        settings: with a broker's address.
        topics: names in the contracts.
    """

    def __init__(self, settings: Settings, topics: Sequence[str]) -> None:
        self._settings = settings
        self._names = [settings.wire_topic(topic) for topic in topics]
        self._consumer: Any = None
        self._partitions: list[TopicPartition] = []

    async def open(self) -> None:
        """Connects and finds the partitions.

        Raises:
            NotSetUp: Kafka can't be reached, or none of the topics exists.
        """
        with reaching(self._settings):
            self._consumer = committed_consumer(self._settings)
            try:
                await self._consumer.start()
                await self._find_partitions()
            except BaseException:
                await self._consumer.stop()
                raise

    async def close(self) -> None:
        """Ends the connection; may be called twice."""
        if self._consumer is not None:
            await self._consumer.stop()

    async def to_end(self) -> None:
        """Skips to what is written from now on, also in partitions that are new since last time."""
        with reaching(self._settings):
            await self._find_partitions()
            await self._seek(self._consumer.seek_to_end)

    async def to_beginning(self) -> None:
        """Goes to the oldest records."""
        with reaching(self._settings):
            await self._seek(self._consumer.seek_to_beginning)

    async def to_time(self, milliseconds: int) -> None:
        """Goes to the first records whose timestamp (since 1970) is this or later."""
        with reaching(self._settings):
            found = await self._consumer.offsets_for_times(dict.fromkeys(self._partitions, milliseconds))
            await self._seek(self._consumer.seek_to_end)
        for tp, place in found.items():
            if place is not None:
                self._consumer.seek(tp, place.offset)

    async def ahead(self) -> int:
        """How many offsets lie before the stable end as it is now; some may hold no record."""
        with reaching(self._settings):
            ends = await self._consumer.end_offsets(self._partitions)
            return sum([max(0, end - await self._consumer.position(tp)) for tp, end in ends.items()])

    async def take(self, seconds: float = POLL_SECONDS) -> list[ConsumerRecord]:
        """The next records of each partition, in order; empty when none came in time.

        Raises:
            NotDelivered: Kafka refuses to give them.
        """
        with delivering("reading has stopped"):
            found = await self._consumer.getmany(timeout_ms=int(seconds * 1000))
        return [record for records in found.values() for record in records]

    async def forever(self) -> AsyncGenerator[list[ConsumerRecord], None]:
        """Records as they come."""
        while True:
            if records := await self.take():
                yield records

    async def until_caught_up(self) -> AsyncGenerator[list[ConsumerRecord], None]:
        """Records up to the stable end as it is now; an open transaction and what follows it are beyond."""
        with reaching(self._settings):
            ends = await self._consumer.end_offsets(self._partitions)
        while ends := {tp: end for tp, end in ends.items() if await self._consumer.position(tp) < end}:
            if records := [
                one for one in await self.take() if (end := _end_of(one, ends)) and one.offset < end
            ]:
                yield records

    async def _seek(self, seek: Callable[[], Awaitable[bool]]) -> None:
        if not await seek():
            raise TimeoutError

    async def _find_partitions(self) -> None:
        metadata = await self._consumer._client.fetch_all_metadata()  # noqa: SLF001 - asking by name could create topics
        partitions = [
            TopicPartition(name, number)
            for name in self._names
            for number in sorted(metadata.partitions_for_topic(name) or ())
        ]
        if not partitions:
            raise NotSetUp(f"topics are missing: {', '.join(self._names)}; run `shopstream topics create`")
        if partitions != self._partitions:
            self._partitions = partitions
            self._consumer.assign(partitions)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _end_of(record: ConsumerRecord, ends: dict[TopicPartition, int]) -> int | None:
    return ends.get(TopicPartition(record.topic, record.partition))
