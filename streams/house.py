"""The house: what stages need, opened once per worker and closed with it."""

import asyncio
import logging
from dataclasses import dataclass

from models.engine import Engine
from models.errors import ModelError
from models.reviews import SHIPPED_HEAD, ReviewReader, SentimentHead
from privacy.errors import PrivacyError
from privacy.guard import Guard
from streams.contracts.results import ModelRef
from streams.delivery.errors import WorkerDefect
from streams.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class House:
    """Guard and models of one worker.

    Attributes:
        guard: masks, seals and tokenises.
        engine: runs the encoder.
        review_reader: reads masked reviews.
        review_models: the models behind a review's insight.
    """

    guard: Guard
    engine: Engine
    review_reader: ReviewReader
    review_models: list[ModelRef]

    @classmethod
    async def open(cls, settings: Settings) -> "House":
        """Loads keys and models; off the event loop, since it takes seconds.

        Raises:
            WorkerDefect: weights or keys are missing or can't be used; the text says what to do.
        """
        try:
            return await asyncio.to_thread(cls._open, settings)
        except (ModelError, PrivacyError) as error:
            raise WorkerDefect(str(error)) from error

    @classmethod
    def _open(cls, settings: Settings) -> "House":
        models = settings.models
        guard = Guard.local(settings.kek_file, tenant=settings.privacy.tenant)
        engine = Engine.load(models.encoder, device=models.device, dtype=models.dtype, threads=models.threads)
        reader = ReviewReader(engine, SentimentHead.load(models.sentiment_head or SHIPPED_HEAD))
        log.info("models loaded", extra={"encoder": engine.id, "runs_on": engine.runs_on})
        refs = [
            ModelRef(id=one.id, version=one.version, digest=f"sha256:{one.digest}") for one in reader.models
        ]
        return cls(guard, engine, reader, refs)

    async def close(self) -> None:
        """Lets the models' threads end."""
        await asyncio.to_thread(self.engine.close)
