"""How an event breaks its contract, said without repeating any of it."""

from typing import Final

from pydantic_core import ErrorDetails

from streams.contracts.reasons import Reason


class ContractViolation(Exception):
    """An event that its topic's contract does not allow.

    Attributes:
        reason: the code.
        field: JSON pointer (RFC 6901) to the first field at fault, of contract names and list positions only;
            None: the value.
        detail: constant text for people.
        event_id: the event's id where it could be told, so that a dead letter can name its cause.
        user_id: the event's user where it could be told, so that its original is sealed under that subject's
            key. Personal data.
    """

    def __init__(
        self,
        reason: Reason,
        field: str | None,
        detail: str,
        *,
        event_id: str | None = None,
        user_id: str | None = None,
    ) -> None:
        """Make a violation; its text never holds ``event_id`` or ``user_id``."""
        super().__init__(f"{reason.value} at {field or 'the value'}: {detail}")
        self.reason = reason
        self.field = field
        self.detail = detail
        self.event_id = event_id
        self.user_id = user_id


_WRONG_TYPE: Final = (Reason.WRONG_TYPE, "not of the JSON type that the contract says")
_FORM: Final = (Reason.INVALID_VALUE, "not of the form that the contract says")
_RANGE: Final = (Reason.OUT_OF_RANGE, "outside its bounds")
_LONG: Final = (Reason.TOO_LONG, "longer than the contract allows")
_SHORT: Final = (Reason.EMPTY_VALUE, "empty, but needs content")

# pydantic's error types (pydantic_core.ErrorType) and the codes of fields.py; "…_type" is a wrong type.
_BY_ERROR: Final[dict[str, tuple[Reason, str]]] = {
    "json_invalid": (Reason.NOT_JSON, "not one JSON object in UTF-8"),
    "missing": (Reason.MISSING_FIELD, "required, but absent"),
    "missing_beside": (Reason.MISSING_FIELD, "required for this kind, but absent"),
    "int_from_float": _WRONG_TYPE,
    "bool_parsing": _WRONG_TYPE,
    "decimal_parsing": _WRONG_TYPE,
    "greater_than": _RANGE,
    "greater_than_equal": _RANGE,
    "less_than": _RANGE,
    "less_than_equal": _RANGE,
    "int_parsing_size": _RANGE,
    "finite_number": _RANGE,
    "string_too_long": _LONG,
    "too_long": _LONG,
    "string_too_short": _SHORT,
    "too_short": _SHORT,
    "sealed_malformed": (Reason.SEALED_MALFORMED, "not a sealed text as the contract says"),
    "sealed_unsupported": (Reason.SEALED_UNSUPPORTED, "sealed by a version or algorithm that is not known"),
    "literal_error": (Reason.INVALID_VALUE, "not one of the allowed values"),
    "enum": (Reason.INVALID_VALUE, "not one of the allowed values"),
    "time_form": (Reason.INVALID_VALUE, "not a date and time as RFC 3339 writes it"),
    "datetime_parsing": (Reason.INVALID_VALUE, "not a date and time as RFC 3339 writes it"),
    "datetime_from_date_parsing": (Reason.INVALID_VALUE, "not a date and time as RFC 3339 writes it"),
    "timezone_aware": (Reason.INVALID_VALUE, "a time without offset from UTC"),
    "amount_form": (
        Reason.INVALID_VALUE,
        "not a decimal with at most 12 digits before and 4 after the point",
    ),
}


def explain(error: ErrorDetails, names: frozenset[str]) -> tuple[Reason, str, str]:
    """Return reason, JSON pointer and constant detail of pydantic's ``error``.

    Args:
        error: one of ``ValidationError.errors(include_input=False)``.
        names: the field names of all contracts; a location is followed as far as these and list positions go,
            because the keys of a map come from the input.
    """
    kind = error["type"]
    reason, detail = _BY_ERROR.get(kind) or (_WRONG_TYPE if kind.endswith("_type") else _FORM)
    location = list(error["loc"])
    if kind == "missing_beside":
        location.append(error["ctx"]["field"])
    return reason, pointer(location, names), detail


def pointer(location: list[int | str], names: frozenset[str]) -> str:
    """Return the JSON pointer (RFC 6901) of ``location``, as far as it has ``names`` and list positions."""
    parts: list[str] = []
    for step in location:
        if isinstance(step, str) and step not in names:
            break
        parts.append(f"/{step}")
    return "".join(parts)
