"""Interactions in; what they say about their users out, for user state and recommendations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streams.agents._changes import change
from streams.contracts.topics import INTERACTIONS, USER_CHANGES
from streams.delivery.stage import Results, stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.contracts.events import Interaction
    from streams.house import House

KINDS: Final = {
    "view": "viewed",
    "click": "clicked",
    "cart": "carted",
    "purchase": "bought",
    "remove": "removed",
    "dismiss": "dismissed",
}


@stage(consumes=INTERACTIONS, emits=[USER_CHANGES])
async def note_interactions(interactions: Sequence[Interaction], house: House) -> Results:
    """Writes each interaction down as a change of its user, who is named by token."""
    return Results(
        change(
            INTERACTIONS,
            event,
            user=house.guard.user_token(event.user_id),
            kind=KINDS[event.kind],
            product_id=event.product_id,
            quantity=event.quantity,
            price=event.price,
            query_id=event.query_id,
        )
        for event in interactions
    )
