"""Joins privacy's port for a tagger with the models' tagger: its labels become kinds, its readers get their turn."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Final

from models.engine.engine import Engine
from models.engine.loading import load_model
from models.engine.requests import Priority
from models.errors import WeightsUnusable
from models.identity import ModelIdentity
from models.pii import TextTagger
from privacy.detect.span import Span
from streams.contracts.topics import QUERIES, RESOLUTIONS, SUPPORT_TICKETS
from streams.settings import ModelSettings

log = logging.getLogger(__name__)

KINDS: Final = {
    "PERSON": "PERSON",
    "PER": "PERSON",
    "NAME": "PERSON",
    "ADDRESS": "ADDRESS",
    "STREET_ADDRESS": "ADDRESS",
    "PLACE": "LOCATION",
    "LOCATION": "LOCATION",
    "LOC": "LOCATION",
    "GPE": "LOCATION",
    "CITY": "LOCATION",
    "ORGANISATION": "ORGANIZATION",
    "ORGANIZATION": "ORGANIZATION",
    "ORG": "ORGANIZATION",
}
"""Kind by label: those of the shipped tagger, and what other models call the same."""
PRIORITIES: Final = {
    QUERIES.name: Priority.QUERY,
    SUPPORT_TICKETS.name: Priority.TICKET,
    RESOLUTIONS.name: Priority.BACKFILL,
}
"""By topic; for others, that of a stream."""
RECOGNIZER: Final = "tagger"


class NameTagger:
    """The tagger as the guard asks it.

    Args:
        tagger: the model.

    Raises:
        WeightsUnusable: none of the model's labels is a kind that privacy knows.
    """

    def __init__(self, tagger: TextTagger) -> None:
        self._tagger = tagger
        self._kinds = {label: KINDS[label.upper()] for label in tagger.labels if label.upper() in KINDS}
        ignored = sorted(tagger.labels - set(self._kinds))
        if not self._kinds:
            raise WeightsUnusable(
                f"models.tagger: {tagger.identity.id} tells {', '.join(ignored)}, and none of "
                f"{', '.join(sorted(KINDS))}; name a tagger of names and addresses"
            )
        if ignored:
            log.warning("the tagger tells more than names", extra={"ignored": ignored})

    @property
    def identity(self) -> ModelIdentity:
        """Name, version and digest of the weights."""
        return self._tagger.identity

    async def tag(self, texts: Sequence[str], topics: Collection[str] = ()) -> list[list[Span]]:
        """As `privacy.detect.span.SpanTagger.tag`.

        Raises:
            EncodingFailed, EngineClosed, EngineBroken: as `models.pii.TextTagger.tag`.
        """
        priority = min((PRIORITIES.get(topic, Priority.REVIEW) for topic in topics), default=Priority.REVIEW)
        found = await self._tagger.tag(texts, priority)
        kinds = self._kinds
        return [
            [
                Span(one.begin, one.end, kinds[one.label], one.probability, RECOGNIZER)
                for one in spans
                if one.label in kinds
            ]
            for spans in found
        ]


@asynccontextmanager
async def tagger_of(settings: ModelSettings) -> AsyncIterator[NameTagger | None]:
    """The tagger that settings name, alone, for a command; a worker has it among its models.

    Raises:
        ModelError: weights are missing or can't be used; the text says what to do.
    """
    if not settings.tagger:
        yield None
        return
    model = await asyncio.to_thread(load_model, RECOGNIZER, settings.tagger, "tag", **settings.running)
    engine = Engine([model], threads=settings.threads)
    try:
        yield NameTagger(TextTagger(engine, model.name))
    finally:
        await asyncio.to_thread(engine.close)
