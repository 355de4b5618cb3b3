"""A house whose review reader costs nothing, or as much as a test wants, and can be made to fail."""

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.reviews import AspectReading, Reading
from privacy.guard import Guard
from streams.contracts.results import ModelRef
from streams.delivery.errors import DependencyUnavailable
from streams.keys import Keys
from streams.releases.serving import Serving, Version
from streams.review_readers import ReviewReaders
from streams.settings import Settings

ABORT = "please abort the process"
FAIL = "please fail"
AWAY = "please wait for the dependency"
HANG = "please block the event loop"
SWELL = "please answer at length"
FITS = (AspectReading("fit", "positive", 0.875),)


@dataclass(frozen=True)
class Behaviour:
    """What the stand-in does, from the environment of its process.

    Attributes:
        reviews_per_second: its speed, as of one device; 0 is as fast as it can.
        away_while: while this file is there, texts with `AWAY` find their dependency missing.
    """

    reviews_per_second: float = float(os.environ.get("STANDIN_RATE", "0"))
    away_while: Path = Path(os.environ.get("STANDIN_AWAY_WHILE", "/nonexistent"))


class StandInReader:
    """Reads nothing: the answer follows from the text's length."""

    models: tuple[ModelRef, ...] = (ModelRef(id="stand-in", version="1", digest="none"),)

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._device = asyncio.Lock()

    async def read(self, texts: Sequence[str]) -> list[Reading]:
        if any(ABORT in text for text in texts):
            os.abort()
        if any(HANG in text for text in texts):
            time.sleep(3_600)
        if any(FAIL in text for text in texts):
            raise RuntimeError(
                "the text is not fit for logs: " + next(text for text in texts if FAIL in text)
            )
        if any(AWAY in text for text in texts) and self._behaviour.away_while.exists():
            raise DependencyUnavailable("stand-in")
        if self._behaviour.reviews_per_second:
            async with self._device:
                await asyncio.to_thread(time.sleep, len(texts) / self._behaviour.reviews_per_second)
        return [Reading("positive", (0.0, 0.25, 0.75), 4.5, FITS) for _ in texts]


def serving(reader: StandInReader) -> Serving[StandInReader]:
    """A reader as a house has it."""
    return Serving(Version(reader, list(reader.models)))


@dataclass(frozen=True)
class StandInHouse:
    """Guard as in production, reader as above."""

    guard: Guard
    review_readers: ReviewReaders[StandInReader]
    keys: Keys
    name_tagger: None = None

    @classmethod
    async def open(cls, settings: Settings) -> "StandInHouse":
        keys = await Keys.open(settings)
        return cls(keys.guard(), ReviewReaders(serving(StandInReader(Behaviour()))), keys)

    async def close(self) -> None:
        await self.keys.close()
