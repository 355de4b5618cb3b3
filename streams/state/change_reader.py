"""Reads ranges of `user-changes`: for a Redis that lost its tail, and to build an epoch anew."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from types import TracebackType
from typing import Any, Final, Self

from aiokafka import ConsumerRecord, TopicPartition

from streams.client.connection import committed_consumer
from streams.client.results import read_result
from streams.contracts.records import UserChange
from streams.contracts.topics import USER_CHANGES
from streams.delivery.stage import Placed
from streams.settings import Settings

POLL_MS: Final = 300
MOST: Final = 1_000
"""Records of one poll."""
SLICE: Final = 200
"""Records that are decoded before others get their turn."""


class ChangeReader:
    """A consumer without group that sees committed changes only; a context manager.

    Kafka's own errors (`aiokafka.errors.KafkaError`) leave it as they are.

    Args:
        settings: with a broker's address.
    """

    def __init__(self, settings: Settings) -> None:
        self._topic = settings.wire_topic(USER_CHANGES.name)
        self._consumer: Any = committed_consumer(settings)

    async def partitions(self) -> list[int]:
        """The topic's partitions; none where it does not exist."""
        # All topics are listed: asking for a missing one by name makes some brokers create it.
        metadata = await self._consumer._client.fetch_all_metadata()  # noqa: SLF001 - no public way
        return sorted(metadata.partitions_for_topic(self._topic) or ())

    async def ends(self, partitions: list[int]) -> dict[int, int]:
        """The stable end of each partition."""
        ends = await self._consumer.end_offsets(self._places(partitions))
        return {place.partition: end for place, end in ends.items()}

    async def starts(self, partitions: list[int], since_ms: int | None) -> dict[int, int]:
        """Of each partition the first offset, or the first that was written at a time (milliseconds) or later."""
        places = self._places(partitions)
        if since_ms is None:
            starts = await self._consumer.beginning_offsets(places)
            return {place.partition: start for place, start in starts.items()}
        found = await self._consumer.offsets_for_times(dict.fromkeys(places, since_ms))
        ends = await self.ends(partitions)
        return {
            place.partition: min(at.offset, ends[place.partition]) if at else ends[place.partition]
            for place, at in found.items()
        }

    async def read(
        self, starts: Mapping[int, int | None], ends: Mapping[int, int]
    ) -> AsyncGenerator[tuple[list[Placed[UserChange]], dict[int, int]], None]:
        """Changes from the starts (None: the beginning) up to the ends.

        Yields:
            Some changes, of each partition in the order of offsets; and how far each partition was read.
        """
        places = {TopicPartition(self._topic, partition): end for partition, end in ends.items()}
        self._consumer.assign(list(places))
        await self._consumer.seek_to_beginning(*places)
        for place in places:
            if (start := starts[place.partition]) is not None:
                self._consumer.seek(place, start)
        positions = {place: await self._consumer.position(place) for place in places}
        while any(positions[place] < end for place, end in places.items()):
            found = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=MOST)
            changes: list[Placed[UserChange]] = []
            for place, records in found.items():
                for start in range(0, len(records), SLICE):
                    changes += _changes(records[start : start + SLICE], places[place])
                    await asyncio.sleep(0)
            positions = {place: await self._consumer.position(place) for place in places}
            yield changes, {place.partition: min(positions[place], end) for place, end in places.items()}

    def _places(self, partitions: list[int]) -> list[TopicPartition]:
        return [TopicPartition(self._topic, partition) for partition in partitions]

    async def __aenter__(self) -> Self:
        try:
            await self._consumer.start()
        except BaseException:
            await self._consumer.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._consumer.stop()


def _changes(records: list[ConsumerRecord], end: int) -> list[Placed[UserChange]]:
    """Those that lie before the end and can be read."""
    return [
        Placed(change, record.partition, record.offset)
        for record in records
        if record.offset < end and (change := read_result(USER_CHANGES, record))
    ]
