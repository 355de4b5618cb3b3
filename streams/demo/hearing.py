"""Hears what workers answer to a run's events, as it is committed."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

import orjson
from aiokafka import ConsumerRecord

from streams.client.outbox import Place
from streams.client.reader import TopicReader
from streams.client.results import read_result
from streams.contracts.topics import DEAD_LETTERS, EACH_IN_ONE, TOPICS, USER_CHANGES, Topic
from streams.counting import lags
from streams.delivery.encoding import CAUSE_HEADER, source_of
from streams.demo.progress import Progress
from streams.demo.shop.sending import Sending
from streams.settings import Settings
from streams.tasks import cancelled

POLL_SECONDS: Final = 0.2
LAG_SECONDS: Final = 1.0
LOOKS: Final = 2
"""In a row that have to find nothing left: what was decided last may lead to changes of users."""


class Hearing:
    """Knows what was sent and what came of it.

    Args:
        settings: with the broker's address.
        run: beginning of the run's event ids.
        progress: told how it goes.
    """

    def __init__(self, settings: Settings, run: str, progress: Progress) -> None:
        self._settings = settings
        self._run = run
        self._progress = progress
        self._expected: defaultdict[str, set[str]] = defaultdict(set)
        self._malformed: defaultdict[str, set[str]] = defaultdict(set)
        self._answered: defaultdict[str, set[str]] = defaultdict(set)
        self._dead: set[str] = set()
        self._inputs = {source_of(name).encode(): name for name in EACH_IN_ONE}
        self._outputs = {
            settings.wire_topic(topic.name): topic for topic in (*EACH_IN_ONE.values(), DEAD_LETTERS)
        }
        self._tasks: list[asyncio.Task[None]] = []

    @staticmethod
    def topics() -> list[str]:
        """Names of the topics that are read."""
        return [*dict.fromkeys(topic.name for topic in EACH_IN_ONE.values()), DEAD_LETTERS.name]

    def expect(self, one: Sending) -> Callable[[Place], None]:
        """An event is about to be sent.

        Returns:
            To be told where it lies: malformed events and deletions are known by their place.
        """
        name = one.topic.name
        if one.flaw is None and one.value is not None:
            self._expected[name].add(one.event_id)
        by_place = self._malformed if one.flaw is not None else self._expected

        def arrived(place: Place) -> None:
            self._progress.topics[name].sent += 1
            if one.flaw is not None or one.value is None:
                by_place[name].add(place.reference)

        return arrived

    def expect_sent(self, one: Sending) -> None:
        """A good event is sent by somebody else."""
        self._expected[one.topic.name].add(one.event_id)
        self._progress.topics[one.topic.name].sent += 1

    def left(self, name: str) -> int:
        """Events of an input topic that are not decided."""
        tally = self._progress.topics[name]
        return tally.expected - tally.decided

    def start(self, reader: TopicReader) -> None:
        """Begins to hear, from where the reader stands."""
        self._tasks = [asyncio.create_task(self._hear(reader)), asyncio.create_task(self._measure())]

    async def stop(self) -> None:
        """Ends it."""
        await cancelled(*self._tasks)

    def check(self) -> None:
        """Raises what hearing failed with, if it did."""
        for task in self._tasks:
            if task.done():
                task.result()

    async def _hear(self, reader: TopicReader) -> None:
        while True:
            for record in await reader.take(POLL_SECONDS):
                self._take(record)
            for name in EACH_IN_ONE:
                self._count(name)

    async def _measure(self) -> None:
        async with lags(self._settings, [TOPICS[name] for name in EACH_IN_ONE]) as measure:
            while True:
                for name, lag in (await measure()).items():
                    self._progress.topics[name].lag = lag.left
                await asyncio.sleep(LAG_SECONDS)

    def _count(self, name: str) -> None:
        expected, malformed = self._expected[name], self._malformed[name]
        decided = len(expected & self._answered[name]) + len((malformed | expected) & self._dead)
        self._progress.topics[name].count(decided, len(expected) + len(malformed))

    def _take(self, record: ConsumerRecord) -> None:
        topic = self._outputs[record.topic]
        if topic is DEAD_LETTERS:
            if letter := read_result(DEAD_LETTERS, record):
                self._dead.add(letter.origin.reference)
                self._progress.latest.note(letter)
            return
        headers = dict(record.headers)
        origin = self._inputs.get(headers.get("ce_source", b""))
        if origin is not None and topic in (EACH_IN_ONE[origin], USER_CHANGES):
            self._answers(topic, origin, record, headers)

    def _answers(
        self, topic: Topic[Any], origin: str, record: ConsumerRecord, headers: dict[str, bytes]
    ) -> None:
        if record.value is None:
            self._answered[origin].update(orjson.loads(headers[CAUSE_HEADER]))
            return
        result = read_result(topic, record)
        if result is None:
            return
        if topic is EACH_IN_ONE[origin]:
            self._answered[origin].update(result.causes)
            self._progress.latest.note(result)
        if topic is USER_CHANGES and result.causes[0].startswith(self._run):
            self._expected[USER_CHANGES.name].add(result.id)


async def settled(
    hearing: Hearing, progress: Progress, names: list[str], patience: float, check: Callable[[], None]
) -> bool:
    """Waits until all that is expected of some input topics is decided.

    Args:
        hearing: running.
        progress: of the run.
        names: of input topics.
        patience: seconds without any decision after which it is given up.
        check: raises when there is no more sense in waiting.

    Returns:
        Whether all is decided.
    """
    last, since, quiet = progress.decided, time.monotonic(), 0
    while quiet < LOOKS:
        hearing.check()
        check()
        if progress.decided != last:
            last, since = progress.decided, time.monotonic()
        if time.monotonic() - since > patience:
            return False
        await asyncio.sleep(1.5 * POLL_SECONDS)
        quiet = 0 if any(hearing.left(name) for name in names) else quiet + 1
    return True
