"""The field types that events and results are made of: every one bounded, none that coerces.

Patterns are written in the part of the regular-expression language that Rust (pydantic), ECMA-262 (JSON
Schema) and Python share, and run in linear time.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    Strict,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from privacy.plaintext import Length, Plaintext

MAX_ID: Final = 200
MAX_TEXT: Final = 20_000
MAX_LINE: Final = 500
MAX_TIME: Final = 40

# Control, bidirectional and zero-width characters: ids are compared by eye and printed in terminals and logs.
_UNPRINTABLE: Final = r"\x00-\x1f\x7f-\xa0\xad\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_PRINTABLE: Final = rf"^[^ {_UNPRINTABLE}](?:[^{_UNPRINTABLE}]*[^ {_UNPRINTABLE}])?$"
_ONE_LINE: Final = r"^[^\x00-\x1f\x7f]+$"
_SLUG: Final = r"^[a-z0-9][a-z0-9_.-]*$"
# RFC 5646, section 2.1, without the grandfathered tags.
_LANGUAGE: Final = (
    r"^(?:[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(?:-[0-9A-WY-Za-wy-z](?:-[A-Za-z0-9]{2,8})+)*(?:-[Xx](?:-[A-Za-z0-9]{1,8})+)?$"
)
_URL: Final = r"^https?://[^\x00-\x20\x7f\"<>\\^`{|}]+$"
_AMOUNT: Final = r"^(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,4})?$"
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)  # so that no change of offset overflows


class Contract(BaseModel):
    """Base of all that crosses a topic: frozen, strict about types, deaf to unknown fields.

    Its errors don't show the input.
    """

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="ignore",
        hide_input_in_errors=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


def _written_out(value: object) -> object:
    """Let only date-times through that are written as RFC 3339 has them: no numbers, no bare dates."""
    if isinstance(value, str) and (len(value) > MAX_TIME or value[10:11] not in ("T", "t")):
        raise PydanticCustomError("time_form", "not a date and time as in RFC 3339")
    if not isinstance(value, str | datetime):
        raise PydanticCustomError("time_type", "not a string")
    return value


def _decimal(value: object) -> object:
    """Read a decimal from its string; a JSON number has already lost its cents."""
    if isinstance(value, str):
        if not re.fullmatch(_AMOUNT, value):
            raise PydanticCustomError(
                "amount_form", "not a decimal with at most 12 digits before and 4 after the point"
            )
        return Decimal(value)
    if not isinstance(value, Decimal):
        raise PydanticCustomError("amount_type", "not a string")
    return value


def _written_amount(value: Decimal) -> Decimal:
    """Hold amounts made in Python to the form that they have on the wire."""
    if not re.fullmatch(_AMOUNT, format(value, "f")):
        raise PydanticCustomError(
            "amount_form", "not a decimal with at most 12 digits before and 4 after the point"
        )
    return value


Identifier = Annotated[str, Field(min_length=1, max_length=MAX_ID, pattern=_PRINTABLE)]
"""1-200 printable characters, no space at the ends."""

Line = Annotated[str, Field(min_length=1, max_length=MAX_LINE, pattern=_ONE_LINE)]
"""One line of text without personal data: a title, a brand."""

Prose = Annotated[str, Field(max_length=MAX_TEXT)]
"""Text without personal data, or masked text."""

Slug = Annotated[str, Field(min_length=1, max_length=60, pattern=_SLUG)]
"""A code of an open vocabulary: new ones may appear."""

Language = Annotated[str, Field(max_length=35, pattern=_LANGUAGE)]
"""BCP 47 language tag (RFC 5646), e.g. ``en``, ``zh-Hans``."""

Url = Annotated[str, Field(max_length=2_000, pattern=_URL)]
"""Absolute http or https address."""

Time = Annotated[
    AwareDatetime,
    Strict(strict=False),
    Field(ge=_EARLIEST, lt=_LATEST),
    BeforeValidator(_written_out),
    WithJsonSchema({"type": "string", "format": "date-time", "maxLength": MAX_TIME}),
]
"""Date and time with offset (RFC 3339), not before 1970."""

ContractVersion = Annotated[str, Field(pattern=r"^[0-9]{1,4}\.[0-9]{1,4}$", max_length=9)]
"""``major.minor`` of the contract that the event follows."""

Text = Annotated[Plaintext, Length(1, MAX_TEXT)]
"""A person's own words: plaintext that only ``privacy`` opens; the producer may have sealed it."""

ShortText = Annotated[Plaintext, Length(1, MAX_LINE)]
"""A person's own words, in short: a title, a query."""

Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Score = Annotated[float, Field(ge=-1e9, le=1e9)]
Probability = Annotated[float, Field(ge=0, le=1)]

Amount = Annotated[
    Decimal,
    Strict(strict=False),
    BeforeValidator(_decimal),
    AfterValidator(_written_amount),
    PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _AMOUNT}),
]
"""Amount of money as a decimal in a string: ``"129.99"``."""


class Money(Contract):
    """An amount in a currency."""

    amount: Amount
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    """ISO 4217 code; its form is checked, not its place in the list, which changes."""
