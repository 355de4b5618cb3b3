"""The house: what stages need, opened once per worker and closed with it."""

import asyncio
import logging
from dataclasses import dataclass

from models.engine import Engine
from models.reviews import ReviewReader, SentimentHead
from models.sources import resolve
from privacy.guard import Guard
from streams.contracts.results import ModelRef
from streams.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class House:
    """Guard and models of one worker.

    Attributes:
        guard: masks, seals and tokenises.
        review_reader: reads masked reviews.
    """

    guard: Guard
    review_reader: ReviewReader

    @classmethod
    async def open(cls, settings: Settings) -> "House":
        """Loads keys and models; off the event loop, since it takes seconds."""
        return await asyncio.to_thread(cls._open, settings)

    @classmethod
    def _open(cls, settings: Settings) -> "House":
        models = settings.models
        engine = Engine.load(
            resolve(models.encoder), device=models.device, dtype=models.dtype, threads=models.threads
        )
        reader = ReviewReader(engine, SentimentHead.load(models.sentiment_head))
        log.info("models loaded", extra={"encoder": engine.id, "digest": engine.digest})
        return cls(open_guard(settings), reader)

    def review_models(self) -> list[ModelRef]:
        """The models behind a review's insight."""
        return [ModelRef(id=one.id, version=one.version, digest=one.digest) for one in self.review_reader.models]

    async def close(self) -> None:
        """Lets the models' threads end."""
        await asyncio.to_thread(self.review_reader.engine.close)


def open_guard(settings: Settings) -> Guard:
    """The guard with this installation's keys, without any model."""
    return Guard.local(settings.kek_file, tenant=settings.privacy.tenant)
