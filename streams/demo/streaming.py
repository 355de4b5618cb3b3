"""Sends a run's reviews at a pace and hears their answers meanwhile."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from aiokafka import ConsumerRecord

from streams.client import Shopstream
from streams.client.outbox import InFlight
from streams.client.reader import TopicReader
from streams.client.results import read_result
from streams.contracts.results import ReviewInsight
from streams.contracts.topics import DEAD_LETTERS, REVIEW_INSIGHTS, REVIEWS
from streams.demo.evidence import Sent
from streams.demo.progress import Progress
from streams.demo.reviews import Draft
from streams.demo.workers import Workers
from streams.settings import Settings

SENDING_SECONDS: Final = 4.0
"""About how long the reviews take to be sent; what the workers don't manage in that time waits in Kafka."""
SHORTEST_NAP: Final = 0.005

FIRST_ANSWER_SECONDS: Final = 120.0
"""How long workers may take to load the model, join their group and answer the first review."""
PATIENCE_SECONDS: Final = 60.0
"""Without any answer for so long, the run ends and is counted as it is."""

IN_FLIGHT: Final = 1_000
POLL_SECONDS: Final = 0.2


class Streaming:
    """One run's sending and hearing.

    Args:
        settings: with the broker's address.
        sent: told what is sent.
        progress: told how it goes.
        workers: running.
    """

    def __init__(self, settings: Settings, sent: Sent, progress: Progress, workers: Workers) -> None:
        self._settings = settings
        self._sent = sent
        self._progress = progress
        self._workers = workers
        self._places: set[str] = set()
        self._answered: set[str] = set()
        self._dead: set[str] = set()

    async def run(self, reviews: Iterator[Draft]) -> None:
        """Sends the first review alone; when it is answered, the workers are up, and the others follow.

        Raises:
            WorkersFailed: the workers ended, or the first review has no answer.
            ClientError: Kafka does not do what it should.
        """
        topics = [REVIEW_INSIGHTS.name, DEAD_LETTERS.name]
        async with Shopstream(self._settings) as shop, TopicReader(self._settings, topics) as reader:
            await reader.to_end()
            hearing = asyncio.create_task(self._hear(reader))
            try:
                await self._open(shop, next(reviews), hearing)
                self._progress.doing = "streaming reviews"
                await self._send(shop, reviews)
                await self._decided(self._progress.of, PATIENCE_SECONDS, hearing)
            finally:
                hearing.cancel()
                with suppress(asyncio.CancelledError):
                    await hearing

    async def _open(self, shop: Shopstream, first: Draft, hearing: asyncio.Task[None]) -> None:
        self._sent.opener = first.event_id
        async with InFlight(1) as flight:
            await self._one(shop, flight, first)
        if not await self._decided(1, FIRST_ANSWER_SECONDS, hearing):
            raise self._workers.failure(f"no answer to the first review in {FIRST_ANSWER_SECONDS:.0f} s")

    async def _send(self, shop: Shopstream, reviews: Iterator[Draft]) -> None:
        """Sends the others, evenly spread."""
        rate = self._progress.of / SENDING_SECONDS
        start, count = time.monotonic(), 0
        async with InFlight(IN_FLIGHT) as flight:
            for count, review in enumerate(reviews, 1):
                if (early := start + count / rate - time.monotonic()) > SHORTEST_NAP:
                    await asyncio.sleep(early)
                await flight.failure()
                await self._one(shop, flight, review)
        self._sent.per_second = count / (time.monotonic() - start)

    async def _one(self, shop: Shopstream, flight: InFlight, review: Draft) -> None:
        delivery = await flight.admit(
            shop.outbox.send(
                REVIEWS, review.value, key=review.key, event_id=review.event_id, headers=review.headers
            )
        )
        delivery.on_arrival(lambda place: self._places.add(place.reference))
        self._sent.planted.update(review.planted)
        if review.flaw:
            self._sent.malformed[review.flaw.value] += 1
        self._progress.sent += 1

    async def _hear(self, reader: TopicReader) -> None:
        """Reads answers as they are committed."""
        while True:
            records = await reader.take(POLL_SECONDS)
            insights = [insight for record in records if (insight := self._heard(record))]
            # A dead letter may be read before the place of its review is known.
            self._progress.heard(insights, len(self._answered), len(self._dead & self._places))

    def _heard(self, record: ConsumerRecord) -> ReviewInsight | None:
        """The insight in a record, if it is one of this run's."""
        if record.topic == self._settings.wire_topic(DEAD_LETTERS.name):
            if letter := read_result(DEAD_LETTERS, record):
                self._dead.add(letter.origin.reference)
            return None
        insight = read_result(REVIEW_INSIGHTS, record)
        if insight is None or not insight.causes[0].startswith(self._sent.run):
            return None
        self._answered.update(insight.causes)
        return insight

    async def _decided(self, count: int, patience: float, hearing: asyncio.Task[None]) -> bool:
        """Waits until so many reviews are decided; false after `patience` seconds without any answer."""
        last, since = self._progress.decided, time.monotonic()
        while self._progress.decided < count:
            if hearing.done():
                hearing.result()
            self._workers.check()
            if self._progress.decided != last:
                last, since = self._progress.decided, time.monotonic()
            if time.monotonic() - since > patience:
                return False
            await asyncio.sleep(0.05)
        return True
