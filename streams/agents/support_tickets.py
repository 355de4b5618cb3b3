"""Support tickets in; replies with their sources, or handoffs, out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from models.engine.requests import Priority
from models.support import Ticket, ticket_text
from privacy.guard import Protected, Sensitive
from streams.agents._changes import change
from streams.agents._masking import MaskedBy
from streams.contracts.ids import result_id
from streams.contracts.results import Citation, Handoff, Intent, ModelRef, SupportReply
from streams.contracts.topics import SUPPORT_REPLIES, SUPPORT_TICKETS, USER_CHANGES
from streams.delivery.stage import Results, stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.support import Answer
    from models.support import Intent as FoundIntent
    from streams.contracts.events import SupportTicket
    from streams.contracts.records import UserChange
    from streams.house import House

SLICE: Final = 8
"""Tickets that are answered at a time."""


@stage(consumes=SUPPORT_TICKETS, emits=[SUPPORT_REPLIES, USER_CHANGES])
async def reply_to_tickets(tickets: Sequence[SupportTicket], house: House) -> Results:
    """Masks the tickets, finds what answered others like them, and replies where that is likely to settle them."""
    masked_by = MaskedBy(house)
    guarded = await house.guard.protect([sensitive(ticket) for ticket in tickets])
    asked = [
        Ticket(text=one.masked["text"], subject=one.masked.get("subject"), language=ticket.language)
        for ticket, one in zip(tickets, guarded, strict=True)
    ]
    texts = [ticket_text(one) for one in asked]
    vectors = await house.retriever.queries(texts, Priority.TICKET)
    intents, models = await read_intents(texts, house)
    answers: list[Answer] = []
    for start in range(0, len(asked), SLICE):
        part = slice(start, start + SLICE)
        answers += house.responder.respond(asked[part], vectors[part])
        await asyncio.sleep(0)  # an answer takes milliseconds, and all topics share this loop
    if intents is None:
        intents = [None if one.intent is None else intent(one.intent) for one in answers]
    return Results(
        (
            reply(ticket, one, answer, about, models, house, masked_by.of(one))
            for ticket, one, answer, about in zip(tickets, guarded, answers, intents, strict=True)
        ),
        (
            asked_for_help(ticket, one)
            for ticket, one in zip(tickets, guarded, strict=True)
            if one.subject is not None
        ),
    )


def sensitive(ticket: SupportTicket) -> Sensitive:
    """What of a ticket may hold personal data."""
    fields = {"text": ticket.text}
    if ticket.subject is not None:
        fields = {"subject": ticket.subject, **fields}
    return Sensitive(topic=SUPPORT_TICKETS.name, event_id=ticket.id, subject=ticket.user_id, fields=fields)


async def read_intents(
    texts: Sequence[str], house: House
) -> tuple[Sequence[Intent | None] | None, list[ModelRef]]:
    """What tickets are about by a model of its own, and the models behind the replies.

    None where the worker has no such model: then the tags of what answers a ticket tell it.
    """
    if house.intent_reader is None:
        return None, house.retrieval_models
    with house.intent_reader.use() as version:
        readings = await version.model.read(texts)
    intents = [Intent(label=one.label, confidence=one.confidence) for one in readings]
    return intents, [*house.retrieval_models, *version.refs]


def reply(
    ticket: SupportTicket,
    guarded: Protected,
    answer: Answer,
    about: Intent | None,
    models: list[ModelRef],
    house: House,
    masked_by: ModelRef | None,
) -> SupportReply:
    """One ticket's result."""
    covered = house.memory_coverage
    return SupportReply(
        id=result_id(SUPPORT_REPLIES.name, [ticket.id]),
        causes=[ticket.id],
        time=ticket.time,
        model=models,
        degraded=covered.degraded(),
        ticket_id=ticket.id,
        user=guarded.subject,
        subject=guarded.masked.get("subject"),
        text=guarded.masked["text"],
        language=ticket.language,
        intent=about,
        reply=answer.reply,
        citations=[
            Citation(
                source_id=cited.source.id,
                kind=cited.source.kind,
                score=cited.score,
                title=cited.source.title,
                url=cited.source.url,
                quote=cited.quote,
            )
            for cited in answer.citations
        ],
        confidence=answer.confidence,
        handoff=None if answer.handoff is None else Handoff(reason=answer.handoff, draft=answer.draft),
        coverage=covered.coverage(),
        masked=guarded.kinds,
        masked_by=masked_by,
        sealed=guarded.sealed,
    )


def intent(found: FoundIntent) -> Intent:
    """What a ticket is about; shares of a vote may add up to a hair above 1."""
    return Intent(label=found.label, confidence=min(1.0, found.share))


def asked_for_help(ticket: SupportTicket, guarded: Protected) -> UserChange:
    """What a ticket says about its user; its words stay with the reply."""
    return change(
        SUPPORT_TICKETS,
        ticket,
        user=guarded.subject or "",
        kind="asked",
        product_id=ticket.product_id,
    )
