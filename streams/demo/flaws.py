"""Ways in which a shop's producer may go wrong, each with the reason that its dead letter must give."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from streams.contracts.reasons import Reason

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Flaw:
    """One way to spoil a review.

    Attributes:
        reason: what its dead letter says.
        spoil: from the good review's fields to the bad value.
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


FLAWS: Final = (
    Flaw(Reason.NOT_JSON, _cut),
    Flaw(Reason.MISSING_FIELD, _without("text")),
    Flaw(Reason.WRONG_TYPE, _with(rating="five")),
    Flaw(Reason.OUT_OF_RANGE, _with(rating=11)),
    Flaw(Reason.TIME_IN_FUTURE, _with(time="2999-01-01T00:00:00Z")),
    Flaw(Reason.UNSUPPORTED_VERSION, _with(contract="9.0")),
    Flaw(Reason.EMPTY_VALUE, _with(text="")),
    Flaw(Reason.INVALID_VALUE, lambda fields: orjson.dumps(fields | {"text": f"{fields['text']}\0"})),
    Flaw(Reason.TOO_LONG, lambda fields: orjson.dumps(fields | {"text": fields["text"] * 300})),
    Flaw(Reason.TOO_DEEP, _nested),
    Flaw(Reason.MISSING_FIELD, _without("id")),
)
