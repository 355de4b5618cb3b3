"""Records for the eye and for programs, without personal data."""

from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import ConsumerRecord
from pydantic import BaseModel

from privacy.plaintext import HIDDEN
from streams.contracts.codec import Deletion, decode_or_delete
from streams.contracts.events import Event
from streams.contracts.fields import Contract
from streams.contracts.topics import Topic
from streams.contracts.violation import ContractViolation
from streams.printing import printable

LISTED = 5
"""Entries of a list that people are shown."""

_NOT_SHOWN = frozenset({"contract", "sealed", "masked"})


def readable(topic: Topic[Any], record: ConsumerRecord) -> Contract | Deletion[Any] | str:
    """The value of a record of `topic`, or why it can't be read: reason and field, no content."""
    from streams.client.results import read_result

    if not issubclass(topic.model, Event):
        result = read_result(topic, record)
        return "not a result of a contract that this version knows" if result is None else result
    try:
        value: Contract | Deletion[Any] = decode_or_delete(
            topic, record.key, record.value, now=datetime.now(UTC), max_ahead=timedelta(days=36_500)
        )
    except ContractViolation as violation:
        return f"{violation.reason.value} at {violation.field or 'the value'}: {violation.detail}"
    return value


def document(topic: Topic[Any], record: ConsumerRecord, value: Contract | Deletion[Any]) -> dict[str, Any]:
    """Place, time, key and value of a record; of an event, what people wrote and user ids are `***`."""
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": _time(record),
        "key": _key(topic, record),
        "value": None if isinstance(value, Deletion) else shown(value),
    }


def shown(value: Contract) -> dict[str, Any]:
    """A value as in JSON. Plaintext writes `***` by itself; what events keep out of `repr` is hidden, too."""
    fields = value.model_dump(mode="json", exclude_none=True)
    return _without_people(value, fields) if isinstance(value, Event) else fields


def block(topic: Topic[Any], record: ConsumerRecord, value: Contract | Deletion[Any]) -> str:
    """A few lines for people."""
    key = printable(_key(topic, record) or "-", 80)
    head = f"{record.topic}/{record.partition}/{record.offset}  {_time(record)}  key {key}"
    if isinstance(value, Deletion):
        return f"{head}\n  deleted\n"
    lines = [head]
    for name, entry in shown(value).items():
        if name not in _NOT_SHOWN and entry not in ([], {}):
            lines.append(f"  {name}: {_short(entry)}")
    if kinds := getattr(value, "masked", None):
        lines.append("  masked: " + ", ".join(f"{count} {kind}" for kind, count in kinds.items()))
    if sealed := getattr(value, "sealed", None):
        lines.append(f"  sealed: {', '.join(sealed) if isinstance(sealed, dict) else 'the original'}")
    return "\n".join(lines) + "\n"


def _without_people(value: BaseModel, fields: dict[str, Any]) -> dict[str, Any]:
    hidden = {name for name, info in type(value).model_fields.items() if info.repr is False}
    return {name: HIDDEN if name in hidden else entry for name, entry in fields.items()}


def _short(entry: object) -> str:
    if isinstance(entry, dict):
        return ", ".join(f"{printable(str(name), 60)} {_short(part)}" for name, part in entry.items())
    if isinstance(entry, list):
        parts = [f"({_short(part)})" if isinstance(part, dict) else _short(part) for part in entry[:LISTED]]
        return ", ".join(parts) + (f", … {len(entry) - LISTED} more" if len(entry) > LISTED else "")
    if isinstance(entry, float):
        return f"{entry:.3g}"
    return printable(str(entry))


def _key(topic: Topic[Any], record: ConsumerRecord) -> str | None:
    """The record's key; of a topic with personal data it is one, and hidden."""
    if record.key is None:
        return None
    return HIDDEN if topic.personal else record.key.decode(errors="replace")


def _time(record: ConsumerRecord) -> str:
    return datetime.fromtimestamp(record.timestamp / 1000, UTC).isoformat(timespec="milliseconds")
