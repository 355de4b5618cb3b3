"""How far the group's work on an input topic lags behind what was produced."""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from streams.contracts.topics import Topic
from streams.delivery.producers import client_options
from streams.settings import Settings
from streams.tasks import cancelled
from streams.views.feed import Feed
from streams.views.overdue import Overdue
from streams.views.waiting import until

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 1.0
RETRY_SECONDS: Final = 2.0
ANSWER_SECONDS: Final = 10.0
"""For one look; what was seen longer ago than this is not known any more."""
LOOKUP_SECONDS: Final = 30.0
PROBE_SECONDS: Final = 0.5


class GroupLag:
    """Compares the group's committed offsets with the ends of a topic, once a second: a `Service` of the worker.

    Args:
        settings: with a broker's address; the group is theirs.
        topic: an input topic.
    """

    def __init__(self, settings: Settings, topic: Topic[Any]) -> None:
        self._settings = settings
        self._topic = settings.wire_topic(topic.name)
        self._ends: dict[int, int] = {}
        self._decided: dict[int, int] = {}
        self._passed: dict[int, int] = {}
        self._seen = float("-inf")
        self._overdue = Overdue()
        self._task: asyncio.Task[None] | None = None

    @property
    def known(self) -> bool:
        """Whether the broker has answered lately."""
        return time.monotonic() - self._seen < ANSWER_SECONDS

    @property
    def late(self) -> bool:
        """Whether a record is undecided that was there two seconds ago."""
        return bool(self._overdue.partitions(self._decided))

    def undecided(self) -> int:
        """Offsets between committed and end: no fewer than the records that wait for a decision."""
        return sum(max(0, end - self._decided.get(number, 0)) for number, end in self._ends.items())

    async def until_decided(self, ends: Mapping[int, int]) -> None:
        """Waits until the group has decided all records below some offsets."""
        await until(
            lambda: self.known and all(self._decided.get(number, 0) >= end for number, end in ends.items())
        )

    async def start(self) -> None:
        """Begins to look."""
        self._task = asyncio.create_task(self._run(), name=f"lag-{self._topic}")

    async def stop(self) -> None:
        """Ends."""
        if self._task is not None:
            await cancelled(self._task)

    async def _run(self) -> None:
        while True:
            try:
                await self._watch()
            except Exception as error:  # noqa: BLE001 - unknown is an answer, too
                facts = {"topic": self._topic, "error": type(error).__name__}
                log.debug("the group's lag is not known", extra=facts)
            await asyncio.sleep(RETRY_SECONDS)

    async def _watch(self) -> None:
        """Looks, until the broker gives no answer or the topic has changed."""
        admin = AIOKafkaAdminClient(**client_options(self._settings), request_timeout_ms=10_000)
        try:
            await admin.start()
            async with Feed(self._settings, self._topic) as feed:
                coordinator = await admin.find_coordinator(self._settings.group_id)
                state = await feed.state()
                looked_up = time.monotonic()
                self._passed.clear()
                self._overdue = Overdue()
                while time.monotonic() - looked_up < LOOKUP_SECONDS or await feed.state() == state:
                    if time.monotonic() - looked_up >= LOOKUP_SECONDS:
                        looked_up = time.monotonic()
                    async with asyncio.timeout(ANSWER_SECONDS):
                        await self._look(admin, coordinator, feed, state.partitions)
                    await asyncio.sleep(POLL_SECONDS)
        finally:
            await admin.close()

    async def _look(
        self, admin: AIOKafkaAdminClient, coordinator: int, feed: Feed, partitions: tuple[int, ...]
    ) -> None:
        begins, ends = await feed.bounds(partitions)
        asked = [TopicPartition(self._topic, number) for number in partitions]
        answer = await admin.list_consumer_group_offsets(
            self._settings.group_id, coordinator, partitions=asked
        )
        decided = {
            tp.partition: max(answer[tp].offset, begins[tp.partition], self._passed.get(tp.partition, 0))
            for tp in asked
        }
        self._overdue.saw(ends)
        for number in self._overdue.partitions(decided):
            if self._decided.get(number) == decided[number] and await self._nothing(
                feed, number, decided[number], ends[number]
            ):
                self._passed[number] = decided[number] = ends[number]
        self._decided, self._ends, self._seen = decided, ends, time.monotonic()

    async def _nothing(self, feed: Feed, partition: int, start: int, end: int) -> bool:
        """Whether no record lies between: a producer's transaction markers, which nobody can decide."""
        feed.start({partition: start})
        try:
            deadline = time.monotonic() + PROBE_SECONDS
            while time.monotonic() < deadline:
                if await feed.take(1, POLL_SECONDS / 10):
                    return False
                if (await feed.positions())[partition] >= end:
                    return True
            return False
        finally:
            feed.start({})
