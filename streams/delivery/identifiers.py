"""Refuses events whose ids are personal data: ids go out as they are, so that results can be matched by them."""

from collections.abc import Iterator
from functools import cache
from typing import Final

from privacy.identifiers import is_personal
from streams.contracts.events import Event
from streams.contracts.reasons import Reason
from streams.contracts.violation import ContractViolation

STAYING: Final = frozenset({"user_id", "session_id", "order_id"})
"""Ids that don't go out: of users their tokens do, of sessions and orders nothing."""


def check_identifiers(event: Event) -> None:
    """Looks at all ids of an event that go out.

    Raises:
        ContractViolation: one of them is personal data. It names the event only by an id that is none.
    """
    for field, value in _leaving(event):
        if is_personal(value):
            named = None if is_personal(event.id) else event.id
            raise ContractViolation(
                Reason.PERSONAL_IDENTIFIER,
                field,
                Reason.PERSONAL_IDENTIFIER.description,
                event_id=named,
                user_id=getattr(event, "user_id", None),
            )


def check_key(key: str) -> None:
    """Looks at the key of a deletion.

    Raises:
        ContractViolation: it is personal data.
    """
    if is_personal(key):
        raise ContractViolation(Reason.PERSONAL_IDENTIFIER, None, Reason.PERSONAL_IDENTIFIER.description)


def _leaving(event: Event) -> Iterator[tuple[str, str]]:
    """JSON pointers and values of what is matched by, or linked to."""
    for name in _names(type(event)):
        value = getattr(event, name)
        if isinstance(value, str):
            yield f"/{name}", value
        elif isinstance(value, list):
            yield from ((f"/{name}/{place}", one) for place, one in enumerate(value))


@cache
def _names(model: type[Event]) -> tuple[str, ...]:
    return tuple(
        name
        for name in model.model_fields
        if name not in STAYING and (name in {"id", "reference", "products", "url"} or name.endswith("_id"))
    )
