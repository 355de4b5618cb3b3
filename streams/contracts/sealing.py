"""Events whose texts are sealed by their producer, and opened by the worker.

The functions here know fields and their bounds; the cryptography is the privacy room's.
"""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from privacy.plaintext import Plaintext
from privacy.sealed_text import SealedText
from streams.contracts.events import Event
from streams.contracts.reasons import Reason
from streams.contracts.topics import topic_of
from streams.contracts.violation import ContractViolation, explain

if TYPE_CHECKING:
    from privacy.hpke import PublicKey, TextContext

E = TypeVar("E", bound=Event)


def sealed_texts(event: object) -> dict[str, SealedText]:
    """The texts of an event that are still sealed, by field; cheap for one that has none."""
    return {
        name: value.sealed
        for name, value in vars(event).items()
        if isinstance(value, Plaintext) and value.sealed is not None
    }


def sealed_event(event: E, key: "PublicKey") -> E:
    """The event with all its texts sealed; those that are sealed already stay as they are.

    Raises:
        ContractViolation: a text has NUL or lone surrogates, which the worker would refuse.
    """
    sealed = {}
    for name, value in vars(event).items():
        if isinstance(value, Plaintext) and value.sealed is None:
            text = value.reveal()
            if "\0" in text:
                raise _violation(event, Reason.INVALID_VALUE, name, "contains NUL")
            try:
                sealed[name] = Plaintext(key.seal(text, context_of(event, name)))
            except UnicodeEncodeError:
                raise _violation(event, Reason.INVALID_VALUE, name, "text that is not Unicode") from None
    return event.model_copy(update=sealed)


def opened_event(event: E, opened: Mapping[str, bytes]) -> E:
    """The event with these texts in place of the sealed ones, held to the bounds of their fields.

    Args:
        event: with sealed texts.
        opened: the octets of each, by field.

    Raises:
        ContractViolation: one is not UTF-8, has NUL, or is empty or too long.
    """
    return event.model_copy(update={name: _text(event, name, value) for name, value in opened.items()})


def context_of(event: Event, field: str) -> "TextContext":
    """Where a text of this event belongs."""
    from privacy.hpke import TextContext

    return TextContext(topic_of(type(event)).name, event.id, field, getattr(event, "user_id", None))


def _text(event: Event, name: str, value: bytes) -> Plaintext:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        raise _violation(event, Reason.INVALID_VALUE, name, "what was sealed is not UTF-8") from None
    if "\0" in text:
        raise _violation(event, Reason.INVALID_VALUE, name, "contains NUL")
    try:
        checked: Plaintext = _field(type(event), name).validate_python(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        reason, _, detail = explain(first, frozenset())
        raise _violation(event, reason, name, detail) from None
    return checked


def _violation(event: Event, reason: Reason, name: str, detail: str) -> ContractViolation:
    user_id: str | None = getattr(event, "user_id", None)
    return ContractViolation(reason, f"/{name}", detail, event_id=event.id, user_id=user_id)


@cache
def _field(model: type[Event], name: str) -> TypeAdapter[Any]:
    """The type of one field, with its bounds."""
    info = model.model_fields[name]
    kind: Any = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
    return TypeAdapter(kind)
