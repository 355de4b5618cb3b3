"""Why an event was not served: the closed list that dead letters and ``shopstream validate`` speak."""

from enum import StrEnum
from typing import Self


class Reason(StrEnum):
    """Reason code of a dead letter.

    The codes are part of the contract: a minor version may add one, none changes its meaning.
    """

    description: str

    def __new__(cls, code: str, description: str) -> Self:
        """Make a member that is its code and carries its description."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.description = description
        return member

    # the bytes
    NOT_JSON = (
        "not_json",
        "The value is not one JSON object in UTF-8 (RFC 8259; no byte order mark, NaN, lone surrogates).",
    )
    EMPTY_VALUE = "empty_value", "The record has no value, or a field that needs content is empty."
    MISSING_KEY = "missing_key", "The record deletes (null value) but has no key that says what."
    TOO_DEEP = "too_deep", "The value nests objects and lists deeper than the contract allows."
    TOO_LONG = "too_long", "The value, or a field of it, is longer than the contract allows."
    # the contract
    UNSUPPORTED_VERSION = (
        "unsupported_version",
        "The event follows a major contract version that this worker does not know.",
    )
    MISSING_FIELD = "missing_field", "A required field is absent."
    WRONG_TYPE = "wrong_type", "A field has another JSON type than the contract says."
    OUT_OF_RANGE = "out_of_range", "A number or time is outside its bounds."
    INVALID_VALUE = (
        "invalid_value",
        "A field has the right type, but not a form or value that the contract allows.",
    )
    TIME_IN_FUTURE = "time_in_future", "The event time is further ahead of the worker's clock than allowed."
    PERSONAL_IDENTIFIER = (
        "personal_identifier",
        "An id that goes out as it is, or a link, is an e-mail address, a telephone number or the like.",
    )
    # texts that their producer sealed
    SEALED_MALFORMED = (
        "sealed_malformed",
        "A sealed text is damaged, or not of the form that the contract says.",
    )
    SEALED_UNSUPPORTED = (
        "sealed_unsupported",
        "A sealed text has a format version or algorithm that this worker does not know.",
    )
    SEALED_UNKNOWN_KEY = (
        "sealed_unknown_key",
        "A text was sealed to an intake key that this installation does not hold.",
    )
    SEALED_NOT_AUTHENTIC = (
        "sealed_not_authentic",
        "A sealed text was altered, or sealed for another tenant, topic, event, field or user.",
    )
    # the work
    PROCESSING_FAILED = "processing_failed", "The event alone failed repeatedly in processing."
    CRASHED_WORKER = "crashed_worker", "The event ended the worker process repeatedly."
    OUTPUT_TOO_LARGE = "output_too_large", "The answer is larger than its topic allows."
