r"""The wire: bytes to events, events and results to bytes.

What is refused, and what is merely treated:

- one JSON object in UTF-8; a byte order mark, NaN, numbers beyond a double, lone surrogates and invalid
  UTF-8 are ``not_json``;
- a member that occurs twice counts by its last occurrence (RFC 8259, section 4, leaves it open);
- unknown fields are left out and counted; objects and lists nest at most `MAX_DEPTH` deep, in them too;
- a whole number that is written with a point or an exponent, or needs more than 64 bits, is a
  ``wrong_type``;
- NUL (``\u0000``) in any field of the contract is an ``invalid_value``: no one types it, it hides text from
  recognizers, and PostgreSQL and C consumers can't take it. Other control characters stay in free text, and
  are refused in ids and lines;
- a text may be a string or an object with the text sealed by its producer (`privacy.sealed_text`); of that the form is
  checked here, and what is in it once the worker has opened it (`sealing`);
- empty text (``""``) is an ``empty_value``; only a null value deletes, only on compacted topics, and only
  with a key.

A record's key is not needed to read its value, which holds the same; where they disagree, the value counts.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, Generic, TypeVar, get_args

import orjson
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from streams.contracts.events import CONTRACT, CONTRACT_MAJOR, Event
from streams.contracts.fields import MAX_ID, Contract, Identifier
from streams.contracts.reasons import Reason
from streams.contracts.results import Written
from streams.contracts.topics import TOPICS, Topic, topic_of
from streams.contracts.violation import ContractViolation, explain, pointer

__all__ = [
    "MAX_AHEAD",
    "MAX_DEPTH",
    "ContractViolation",
    "Deletion",
    "decode",
    "decode_counting",
    "decode_or_delete",
    "decode_result",
    "encode",
    "encode_event",
]

MAX_DEPTH: Final = 64
MAX_AHEAD: Final = timedelta(hours=24)

E = TypeVar("E", bound=Event)
R = TypeVar("R", bound=Written)
M = TypeVar("M", bound=Contract)

_NUL: Final = b"\\u0000"
_VERSION: Final = re.compile(r"([0-9]{1,4})\.[0-9]{1,4}")
_identifier: Final = TypeAdapter(Identifier)


@dataclass(frozen=True, slots=True)
class Deletion(Generic[M]):
    """A null value on a compacted topic: what ``key`` names is gone."""

    topic: Topic[M]
    key: str


def decode(topic: Topic[E], value: bytes | None, *, now: datetime, max_ahead: timedelta = MAX_AHEAD) -> E:
    """Read one event of ``topic``.

    Args:
        topic: the input topic.
        value: the record's value.
        now: the worker's clock, with offset.
        max_ahead: how far the event's time may lie ahead of ``now``.

    Raises:
        ContractViolation: in every case in which there is no event; nothing else is raised, whatever the
            bytes.
    """
    return decode_counting(topic, value, now=now, max_ahead=max_ahead)[0]


def decode_counting(
    topic: Topic[E], value: bytes | None, *, now: datetime, max_ahead: timedelta = MAX_AHEAD
) -> tuple[E, int]:
    """Read one event as `decode` does, and count its unknown fields.

    Counted are those of the event itself, not of objects in it.
    """
    if not value:
        raise ContractViolation(Reason.EMPTY_VALUE, None, "the record has no value")
    document = _parse(value, topic.max_message_bytes)
    try:
        event = _validate(topic.model, document, value)
        _check_time(event, now, max_ahead)
    except ContractViolation as violation:
        violation.event_id = _told(document, "id")
        violation.user_id = _told(document, "user_id")
        raise
    return event, len(document) - len(event.model_fields_set)


def decode_or_delete(
    topic: Topic[E],
    key: bytes | None,
    value: bytes | None,
    *,
    now: datetime,
    max_ahead: timedelta = MAX_AHEAD,
) -> E | Deletion[E]:
    """Read one record of a compacted topic, where a null value deletes what its key names.

    Raises:
        ContractViolation: as `decode`; also ``missing_key`` and ``invalid_value`` for a deletion without a
            usable key.
    """
    if value is not None or not topic.deletable:
        return decode(topic, value, now=now, max_ahead=max_ahead)
    if not key:
        raise ContractViolation(Reason.MISSING_KEY, None, "a null value needs a key that says what to delete")
    try:
        return Deletion(topic, _identifier.validate_python(key.decode(), strict=True))
    except (UnicodeDecodeError, ValidationError):
        raise ContractViolation(
            Reason.INVALID_VALUE, None, "the key is not an id as the contract says"
        ) from None


def decode_result(topic: Topic[R], value: bytes) -> R:
    """Read one result, as clients do. Newer minor versions are accepted.

    Raises:
        ContractViolation: the value is no result of this topic.
    """
    try:
        result = topic.model.model_validate_json(value)
    except ValidationError as error:
        raise _violation(error) from None
    _check_version(result.contract)
    return result


def encode_event(event: Event) -> bytes:
    """Write an event as its producer sends it: personal data in plaintext, except texts that it has sealed.

    Raises:
        ContractViolation: the event is larger than its topic allows, or a field has NUL or lone surrogates.
    """
    try:
        value = event.__pydantic_serializer__.to_json(event, exclude_none=True, context={"plaintext": True})
    except (PydanticSerializationError, UnicodeEncodeError):
        raise ContractViolation(
            Reason.INVALID_VALUE, None, "text that is not Unicode", event_id=event.id
        ) from None
    topic = topic_of(type(event))
    if _NUL in value:
        _refuse_nul(orjson.loads(value), type(event).model_fields)
    if len(value) > topic.max_message_bytes:
        raise ContractViolation(Reason.TOO_LONG, None, "larger than its topic allows", event_id=event.id)
    return value


def encode(result: Written) -> bytes:
    """Write a result as JSON; absent values are left out. The caller checks its size against the topic's."""
    return result.__pydantic_serializer__.to_json(result, exclude_none=True)


def _parse(value: bytes, limit: int) -> dict[str, Any]:
    """Parse one JSON object within the bounds of size and depth."""
    if len(value) > limit:
        raise ContractViolation(Reason.TOO_LONG, None, "larger than its topic allows")
    # Only a value with that many brackets can nest that deep, so that hardly any has to be walked.
    suspicious = value.count(b"{") + value.count(b"[") > MAX_DEPTH
    try:
        document = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        if "depth limit" in str(error):  # orjson's own, 1,024
            raise ContractViolation(Reason.TOO_DEEP, None, "objects and lists nest too deep") from None
        raise ContractViolation(Reason.NOT_JSON, None, "not one JSON object in UTF-8") from None
    if suspicious and _deeper_than(document, MAX_DEPTH):
        raise ContractViolation(Reason.TOO_DEEP, None, "objects and lists nest too deep")
    if type(document) is not dict:
        raise ContractViolation(Reason.NOT_JSON, None, "JSON, but not an object")
    return document


def _deeper_than(document: object, depth: int) -> bool:
    """Whether objects and lists nest more than ``depth`` deep: level by level, without recursion."""
    level = [document]
    for _ in range(depth):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return any(isinstance(node, dict | list) for node in level)


def _children(node: object) -> Iterable[object]:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()


def _validate(model: type[E], document: dict[str, Any], value: bytes) -> E:
    """Validate a parsed event."""
    version = document.get("contract", CONTRACT)
    if version != CONTRACT:
        _check_version(version)
    try:
        event: E = model.__pydantic_validator__.validate_python(document)
    except ValidationError as error:
        raise _violation(error) from None
    if _NUL in value:
        _refuse_nul(document, model.model_fields)
    return event


def _check_time(event: Event, now: datetime, max_ahead: timedelta) -> None:
    if event.time - now > max_ahead:
        raise ContractViolation(Reason.TIME_IN_FUTURE, "/time", "too far ahead of the worker's clock")


def _check_version(version: object) -> None:
    """Refuse another major version before its fields are judged by this one's rules."""
    if (
        isinstance(version, str)
        and (match := _VERSION.fullmatch(version))
        and int(match[1]) != CONTRACT_MAJOR
    ):
        raise ContractViolation(
            Reason.UNSUPPORTED_VERSION, "/contract", "a major version that this worker does not know"
        )


def _violation(error: ValidationError) -> ContractViolation:
    """Turn pydantic's first error into a violation.

    Where a field may have one of several types, each adds an error; the first that is not about the type
    says most.
    """
    told = [explain(entry, _names()) for entry in error.errors(include_url=False, include_input=False)]
    field = told[0][1]
    here = [entry for entry in told if entry[1] == field]
    reason, _, detail = next((entry for entry in here if entry[0] is not Reason.WRONG_TYPE), here[0])
    return ContractViolation(reason, field or None, detail)


def _refuse_nul(document: dict[str, Any], fields: Iterable[str]) -> None:
    """Raise if a field of the contract holds NUL. Unknown fields are left out anyway."""
    for name in fields:
        if name in document and _holds_nul(document[name]):
            raise ContractViolation(Reason.INVALID_VALUE, pointer([name], _names()), "contains NUL")


def _holds_nul(node: object) -> bool:
    if isinstance(node, str):
        return "\0" in node
    if isinstance(node, dict):
        return any("\0" in key or _holds_nul(child) for key, child in node.items())
    return isinstance(node, list) and any(map(_holds_nul, node))


def _told(document: dict[str, Any], name: str) -> str | None:
    """The id that an event gives in ``name``, if it is one by the contract."""
    value = document.get(name)
    if not isinstance(value, str) or len(value) > MAX_ID:
        return None
    try:
        return _identifier.validate_python(value, strict=True)
    except ValidationError:
        return None


@cache
def _names() -> frozenset[str]:
    """Field names of all contracts, at any depth: what may appear in a pointer."""
    found: set[str] = set()
    todo: list[Any] = [topic.model for topic in TOPICS.values()]
    seen: set[Any] = set()
    while todo:
        kind = todo.pop()
        if isinstance(kind, type) and issubclass(kind, Contract) and kind not in seen:
            seen.add(kind)
            found.update(kind.model_fields)
            todo += [field.annotation for field in kind.model_fields.values()]
        else:
            todo += get_args(kind)
    return frozenset(found)
