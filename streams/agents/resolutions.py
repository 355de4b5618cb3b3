"""Resolutions in; masked, with their vectors, out: the memory from which tickets are answered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from models.engine.requests import Priority
from models.support.memory import source_text
from privacy.guard import Protected, Sensitive
from streams.agents._masking import MaskedBy
from streams.contracts.ids import result_id
from streams.contracts.records import MemoryEntry, Tombstone
from streams.contracts.topics import RESOLUTIONS, SUPPORT_MEMORY
from streams.contracts.vectors import Vector, pack
from streams.delivery.stage import Results, Withdrawal, stage
from streams.views.memory import to_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.support.memory import Source
    from streams.contracts.events import Resolution
    from streams.contracts.results import ModelRef
    from streams.house import House

UNSET = "AAA="
"""Stands for the vector until it is known: one float16 zero."""


@stage(consumes=RESOLUTIONS, emits=[SUPPORT_MEMORY])
async def remember_resolutions(events: Sequence[Resolution | Withdrawal], house: House) -> Results:
    """Masks what people wrote, embeds what each source is found by, and keeps both."""
    given = [event for event in events if not isinstance(event, Withdrawal)]
    masked_by = MaskedBy(house)
    guarded = await house.guard.protect([sensitive(event) for event in given])
    entries = [
        entry(event, masked, house, masked_by.of(masked))
        for event, masked in zip(given, guarded, strict=True)
    ]
    vectors = await vectors_of([to_source(one) for one in entries], house)
    return Results(
        [withdrawn(event) for event in events if isinstance(event, Withdrawal)],
        [with_vector(one, vector) for one, vector in zip(entries, vectors, strict=True)],
    )


async def vectors_of(sources: Sequence[Source], house: House) -> list[Vector]:
    """Vectors of what sources are found by: of a question as tickets are embedded, of an article as a passage."""
    asked = [source for source in sources if source.question is not None]
    told = [source for source in sources if source.question is None]
    queries, passages = await asyncio.gather(
        house.retriever.queries([source_text(source) for source in asked], Priority.BACKFILL),
        house.retriever.passages([source_text(source) for source in told]),
    )
    of_questions, of_articles = iter(queries), iter(passages)
    return [next(of_articles if source.question is None else of_questions) for source in sources]


def sensitive(event: Resolution) -> Sensitive:
    """What of a resolution may hold personal data."""
    texts = {"question": event.question, "title": event.title, "answer": event.answer}
    fields = {name: text for name, text in texts.items() if text is not None}
    return Sensitive(topic=RESOLUTIONS.name, event_id=event.id, subject=event.user_id, fields=fields)


def entry(event: Resolution, guarded: Protected, house: House, masked_by: ModelRef | None) -> MemoryEntry:
    """One resolution's result, its vector yet to come."""
    return MemoryEntry(
        id=result_id(SUPPORT_MEMORY.name, [event.id]),
        causes=[event.id],
        time=event.time,
        model=house.retrieval_models,
        source_id=event.source_id,
        kind=event.kind,
        question=guarded.masked.get("question"),
        title=guarded.masked.get("title"),
        answer=guarded.masked["answer"],
        url=event.url,
        user=guarded.subject,
        language=event.language,
        products=event.products,
        tags=event.tags,
        vector=UNSET,
        masked=guarded.kinds,
        masked_by=masked_by,
        sealed=guarded.sealed,
    )


def with_vector(one: MemoryEntry, vector: Vector) -> MemoryEntry:
    """The entry, whole."""
    return one.model_copy(update={"vector": pack(vector)})


def withdrawn(event: Withdrawal) -> Tombstone:
    """The result of a withdrawal."""
    return Tombstone(
        MemoryEntry, event.key, result_id(SUPPORT_MEMORY.name, [event.id]), [event.id], event.time
    )
