"""Answers, for all who wait in one client: one reader over the answer topics, told apart by cause."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import orjson
from aiokafka import ConsumerRecord

from streams.client.errors import ClientError, NotDelivered
from streams.client.reader import TopicReader
from streams.client.results import read_result
from streams.contracts.topics import (
    DEAD_LETTERS,
    QUERIES,
    REVIEW_INSIGHTS,
    REVIEWS,
    SEARCH_RANKINGS,
    SUPPORT_REPLIES,
    SUPPORT_TICKETS,
    Topic,
)
from streams.settings import Settings
from streams.tasks import cancelled

if TYPE_CHECKING:
    from streams.contracts.results import Result

log = logging.getLogger(__name__)

ANSWERED_BY: Final = MappingProxyType[str, Topic[Any]](
    {REVIEWS.name: REVIEW_INSIGHTS, QUERIES.name: SEARCH_RANKINGS, SUPPORT_TICKETS.name: SUPPORT_REPLIES}
)
"""Input topics whose every event has one answer of its own, and the topic of that."""

_ANSWERS: Final = {output.name: name for name, output in ANSWERED_BY.items()}

LINGER_SECONDS = 30.0
"""How long reading goes on with nobody waiting: to find the end again costs the next one time."""

Cause = tuple[str, str]
"""An input topic's name on the broker, and an event's id or its place there."""

Listener = Callable[[Sequence[Cause], bool], None]


class Expectation:
    """That an event will be answered; `answer` becomes its result or dead letter.

    Args:
        cause: topic name on the broker and event id.
    """

    def __init__(self, cause: Cause) -> None:
        self.causes = [cause]
        self.answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()


class Answers:
    """Reads the answer topics while someone waits, and rests otherwise.

    Args:
        settings: with a broker's address.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reader = TopicReader(settings, [DEAD_LETTERS.name, *_ANSWERS])
        self._opened = False
        self._turn = asyncio.Lock()
        self._listeners: dict[object, Listener | None] = {}
        self._left_alone = 0.0
        self._listening = asyncio.Event()
        self._expected: defaultdict[Cause, list[Expectation]] = defaultdict(list)
        self._reading: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Ends the reading; who still waits is told."""
        if self._reading is not None:
            await cancelled(self._reading)
        if self._opened:
            await self._reader.close()

    @asynccontextmanager
    async def listening(self, listener: Listener | None = None) -> AsyncIterator[None]:
        """While this block is open, no answer that is written goes unread: enter it before sending.

        Args:
            listener: told every answer's causes, and whether it is a dead letter; for those who await many.

        Raises:
            NotSetUp: Kafka can't be reached, or the answer topics are missing.
        """
        async with self._turn:
            if not self._listening.is_set() or self._reading is None or self._reading.done():
                await self._start()
            entry = object()
            self._listeners[entry] = listener
        try:
            yield
        finally:
            del self._listeners[entry]
            self._left_alone = asyncio.get_running_loop().time()

    def expect(self, topic: Topic[Any], event_id: str) -> Expectation:
        """Waits for the answer to an event of an input topic."""
        expectation = Expectation((self._settings.wire_topic(topic.name), event_id))
        self._expected[expectation.causes[0]].append(expectation)
        expectation.answer.add_done_callback(lambda _: self._forget(expectation))
        return expectation

    def also_known_as(self, expectation: Expectation, reference: str) -> None:
        """Knows the event by its place, too: how a dead letter names one whose id it can't tell."""
        if not expectation.answer.done():
            cause = (expectation.causes[0][0], reference)
            expectation.causes.append(cause)
            self._expected[cause].append(expectation)

    def _forget(self, expectation: Expectation) -> None:
        for cause in expectation.causes:
            left = [one for one in self._expected[cause] if one is not expectation]
            if left:
                self._expected[cause] = left
            else:
                del self._expected[cause]

    async def _start(self) -> None:
        """Fixes the position at the end, then lets the reading go."""
        if not self._opened:
            await self._reader.open()
            self._opened = True
        await self._reader.to_end()
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read(), name="answers")
        self._listening.set()

    async def _read(self) -> None:
        try:
            while await self._listening.wait():
                for record in await self._reader.take():
                    self._hear(record)
                idle = asyncio.get_running_loop().time() - self._left_alone
                if not self._listeners and idle > LINGER_SECONDS:
                    self._listening.clear()
        except asyncio.CancelledError:
            self._give_up(NotDelivered("the client was closed while an answer was awaited"))
            raise
        except Exception as error:  # noqa: BLE001 - whatever ended the reading, nobody may wait for nothing
            known = isinstance(error, ClientError)
            self._give_up(
                error if known else NotDelivered(f"reading answers has failed ({type(error).__name__})")
            )

    def _give_up(self, error: Exception) -> None:
        for expectation in [one for waiting in self._expected.values() for one in waiting]:
            if not expectation.answer.done():
                expectation.answer.set_exception(error)

    def _hear(self, record: ConsumerRecord) -> None:
        """Gives a record to those who wait for it; most are other people's, and not decoded in full."""
        topic = record.topic.removeprefix(self._settings.kafka.topic_prefix)
        causes = self._causes(topic, record)
        for listener in self._listeners.values():
            if listener is not None:
                listener(causes, topic == DEAD_LETTERS.name)
        waiting = [one for cause in causes for one in self._expected.get(cause, ())]
        if not waiting:
            return
        output = DEAD_LETTERS if topic == DEAD_LETTERS.name else ANSWERED_BY[_ANSWERS[topic]]
        result = read_result(output, record)
        for expectation in waiting:
            if result is not None and not expectation.answer.done():
                expectation.answer.set_result(result)

    def _causes(self, topic: str, record: ConsumerRecord) -> list[Cause]:
        """What a record answers; empty when it is no result at all."""
        try:
            document = orjson.loads(record.value or b"")
            if topic != DEAD_LETTERS.name:
                asked = self._settings.wire_topic(_ANSWERS[topic])
                return [(asked, cause) for cause in document["causes"]]
            origin = document["origin"]
            place = f"{origin['topic']}/{origin['partition']}/{origin['offset']}"
            return [(origin["topic"], cause) for cause in (*document["causes"], place)]
        except (ValueError, TypeError, KeyError):
            log.warning(
                "a record is no result", extra={"place": f"{record.topic}/{record.partition}/{record.offset}"}
            )
            return []
