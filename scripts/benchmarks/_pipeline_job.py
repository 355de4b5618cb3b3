"""Reviews through a running pipeline: sent to a topic, their answers timed by the broker's clock."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from models.reviews import review_text
from scripts.benchmarks._engine_rounds import say
from streams.client import Shopstream
from streams.client.reader import TopicReader
from streams.contracts.codec import encode_event
from streams.contracts.events import Review
from streams.contracts.topics import DEAD_LETTERS, REVIEW_INSIGHTS
from streams.demo.workers import Workers, worker_environment, working
from streams.settings import Settings
from streams.topic_admin import create_topics

PATIENCE_SECONDS = 120.0
"""Without any answer for so long, something is wrong."""
FIRST_ANSWER_SECONDS = 400.0
"""Likewise of the first answer: a worker's first start on a machine converts its models."""
SAID_EVERY_SECONDS = 5.0


@dataclass
class Answers:
    """What has come back so far, by event id: when the broker got it, in milliseconds; None for a dead letter."""

    times: dict[str, int | None] = field(default_factory=dict)

    async def hear(self, reader: TopicReader, insights: str) -> None:
        """Reads answers as they are committed."""
        while True:
            for record in await reader.take(0.2):
                moment = record.timestamp if record.topic == insights else None
                self.times |= dict.fromkeys(orjson.loads(record.value)["causes"], moment)

    def rate(self, part: Sequence[Review], started: float) -> float:
        """Reviews a second, from a moment (seconds since 1970) to the last insight."""
        moments = [moment for review in part if (moment := self.times[review.id]) is not None]
        return len(moments) / max(1e-3, max(moments) / 1000 - started)


class Job:
    """One pipeline under test.

    Args:
        name: for progress.
        shop: sends.
        answers: come back.
        hearing: the task that reads them.
        workers: the process that answers.
    """

    def __init__(
        self, name: str, shop: Shopstream, answers: Answers, hearing: "asyncio.Task[None]", workers: Workers
    ) -> None:
        self.name = name
        self._shop = shop
        self._answers = answers
        self._hearing = hearing
        self._workers = workers

    async def rate(self, part: Sequence[Review]) -> float:
        """Sends a part and waits for its answers: reviews a second, from the first one's sending to the last insight.

        Raises:
            WorkersFailed: the process ended, or gave no answer for two minutes (the first one: 400 seconds).
        """
        started = time.time()
        await self._shop.produce_many(part)
        waiting = {review.id for review in part}
        moved = said = time.monotonic()
        while waiting:
            await asyncio.sleep(0.05)
            self._workers.check()
            if self._hearing.done():
                self._hearing.result()
            left = waiting - self._answers.times.keys()
            now = time.monotonic()
            if len(left) < len(waiting):
                waiting, moved = left, now
            patience = PATIENCE_SECONDS if self._answers.times else FIRST_ANSWER_SECONDS
            if now - moved > patience:
                raise self._workers.failure(f"{self.name}: no answer for {patience:.0f} s")
            if now - said > SAID_EVERY_SECONDS and len(part) > 1:
                said = now
                say(f"  {self.name}: {len(part) - len(left):,} of {len(part):,}")
        return self._answers.rate(part, started)


@asynccontextmanager
async def job(name: str, command: Sequence[str], settings: Settings, log: Path) -> AsyncIterator[Job]:
    """A process that answers reviews, for the time of a block; its topics are made.

    Args:
        name: for progress.
        command: starts it.
        settings: of its broker, topics, tenant and models.
        log: a file for what it writes.
    """
    await create_topics(settings)
    own = {
        "SHOPSTREAM_KAFKA__TOPIC_PREFIX": settings.kafka.topic_prefix,
        "SHOPSTREAM_PRIVACY__TENANT": settings.privacy.tenant,
        "SHOPSTREAM_MODELS__TAGGER": settings.models.tagger,
        "SHOPSTREAM_MODELS__THREADS": str(settings.models.threads),
    }
    answers = Answers()
    async with (
        working(command, worker_environment(settings) | own, log) as workers,
        Shopstream(settings) as shop,
        TopicReader(settings, [REVIEW_INSIGHTS.name, DEAD_LETTERS.name]) as reader,
    ):
        await reader.to_beginning()
        hearing = asyncio.create_task(answers.hear(reader, settings.wire_topic(REVIEW_INSIGHTS.name)))
        try:
            yield Job(name, shop, answers, hearing, workers)
        finally:
            hearing.cancel()
            await asyncio.wait([hearing])


def texts_of(part: Sequence[Review]) -> list[str]:
    """What the worker reads of each review, unmasked: the bare encoder's input."""
    sent = [orjson.loads(encode_event(review)) for review in part]
    return [review_text(one.get("title"), one["text"]) for one in sent]
