"""Ways in which a shop's producer may go wrong, each with the reason that its dead letter must give."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import orjson

from streams.contracts.reasons import Reason

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Flaw:
    """One way to spoil an event.

    Attributes:
        reason: what its dead letter says.
        spoil: from the good event's fields to the bad value.
    """

    reason: Reason
    spoil: Callable[[Fields], bytes]


def _with(**changes: object) -> Callable[[Fields], bytes]:
    return lambda fields: orjson.dumps(fields | changes)


def _without(name: str) -> Callable[[Fields], bytes]:
    return lambda fields: orjson.dumps({key: value for key, value in fields.items() if key != name})


def _cut(fields: Fields) -> bytes:
    value = orjson.dumps(fields)
    return value[: len(value) * 2 // 3]


def _nested(fields: Fields) -> bytes:
    return orjson.dumps(fields)[:-1] + b',"extra":' + b"[" * 100 + b"]" * 100 + b"}"


def _repeated(name: str) -> Callable[[Fields], bytes]:
    """The field made longer than any field may be."""
    return lambda fields: orjson.dumps(fields | {name: fields[name] * (TOO_MANY // len(fields[name]) + 1)})


def _nul(name: str) -> Callable[[Fields], bytes]:
    return lambda fields: orjson.dumps(fields | {name: f"{fields[name]}\0"})


TOO_MANY: Final = 20_001
"""Characters: one more than the longest field may have."""

COMMON: Final = (
    Flaw(Reason.NOT_JSON, _cut),
    Flaw(Reason.TIME_IN_FUTURE, _with(time="2999-01-01T00:00:00Z")),
    Flaw(Reason.UNSUPPORTED_VERSION, _with(contract="9.0")),
    Flaw(Reason.TOO_DEEP, _nested),
    Flaw(Reason.MISSING_FIELD, _without("id")),
)
"""Of events of every topic."""

FLAWS: Final[Mapping[str, tuple[Flaw, ...]]] = MappingProxyType(
    {
        "catalog": (
            Flaw(Reason.MISSING_FIELD, _without("title")),
            Flaw(Reason.WRONG_TYPE, _with(stock="plenty")),
            Flaw(Reason.INVALID_VALUE, _with(price={"amount": "12,90", "currency": "EUR"})),
            *COMMON,
        ),
        "resolutions": (
            Flaw(Reason.MISSING_FIELD, _without("answer")),
            Flaw(Reason.WRONG_TYPE, _with(answer=["yes"])),
            Flaw(Reason.INVALID_VALUE, _with(kind="rumour")),
            *COMMON,
        ),
        "interactions": (
            Flaw(Reason.MISSING_FIELD, _without("product_id")),
            Flaw(Reason.WRONG_TYPE, _with(quantity="two")),
            Flaw(Reason.OUT_OF_RANGE, _with(quantity=0)),
            Flaw(Reason.INVALID_VALUE, _with(kind="stare")),
            *COMMON,
        ),
        "reviews": (
            Flaw(Reason.MISSING_FIELD, _without("text")),
            Flaw(Reason.WRONG_TYPE, _with(rating="five")),
            Flaw(Reason.OUT_OF_RANGE, _with(rating=11)),
            Flaw(Reason.EMPTY_VALUE, _with(text="")),
            Flaw(Reason.INVALID_VALUE, _nul("text")),
            Flaw(Reason.TOO_LONG, _repeated("text")),
            *COMMON,
        ),
        "queries": (
            Flaw(Reason.MISSING_FIELD, _without("text")),
            Flaw(Reason.WRONG_TYPE, _with(limit="ten")),
            Flaw(Reason.OUT_OF_RANGE, _with(limit=1_000)),
            Flaw(Reason.EMPTY_VALUE, _with(text="")),
            *COMMON,
        ),
        "support-tickets": (
            Flaw(Reason.MISSING_FIELD, _without("text")),
            Flaw(Reason.WRONG_TYPE, _with(text=42)),
            Flaw(Reason.INVALID_VALUE, _with(channel="Carrier Pigeon")),
            Flaw(Reason.TOO_LONG, _repeated("text")),
            *COMMON,
        ),
    }
)
"""By topic."""
