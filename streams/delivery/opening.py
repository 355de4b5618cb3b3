"""Opening, in the worker's memory, what producers have sealed."""

import asyncio
from types import MappingProxyType
from typing import Final, Protocol, TypeVar

from privacy.errors import NotAuthentic, OpenError, UnknownKey
from privacy.hpke import TextContext
from privacy.sealed_text import SealedText
from streams.contracts.events import Event
from streams.contracts.reasons import Reason
from streams.contracts.sealing import context_of, opened_event, sealed_texts
from streams.contracts.violation import ContractViolation

E = TypeVar("E", bound=Event)

_REASONS: Final = MappingProxyType[type[OpenError], Reason](
    {UnknownKey: Reason.SEALED_UNKNOWN_KEY, NotAuthentic: Reason.SEALED_NOT_AUTHENTIC}
)


class TextOpener(Protocol):
    """Opens one sealed text; the privacy room's guard."""

    def open_text(self, sealed: SealedText, context: TextContext) -> bytes:
        """The octets that were sealed for this place; `UnknownKey` or `NotAuthentic` otherwise."""
        ...


async def opened(event: E, opener: TextOpener) -> E:
    """The event with its sealed texts opened. Takes tens of microseconds a text, and lets others run after each.

    Raises:
        ContractViolation: one can't be opened, or what was in it is not within the bounds of its field.
    """
    texts: dict[str, bytes] = {}
    for name, sealed in sealed_texts(event).items():
        try:
            texts[name] = opener.open_text(sealed, context_of(event, name))
        except OpenError as error:
            reason = _REASONS.get(type(error), Reason.SEALED_MALFORMED)
            user_id: str | None = getattr(event, "user_id", None)
            raise ContractViolation(
                reason, f"/{name}", reason.description, event_id=event.id, user_id=user_id
            ) from None
        await asyncio.sleep(0)
    return opened_event(event, texts)
