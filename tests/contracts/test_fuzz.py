"""Whatever comes: an event, or a ContractViolation that repeats none of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.contracts import (
    ContractViolation,
    Deletion,
    Event,
    Reason,
    Topic,
    decode_or_delete,
    encode_event,
)
from streams.contracts.codec import _names
from streams.contracts.examples import example_bytes, example_document
from streams.contracts.topics import inputs

NOW = datetime(2026, 4, 1, tzinfo=UTC)
CANARY = "qZ7canary7Zq"
INPUTS = pytest.mark.parametrize("topic", inputs(), ids=lambda topic: topic.name)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.just(CANARY)
    | st.just("2026-03-14T09:26:53Z"),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text(max_size=5) | st.just(CANARY), inner, max_size=5)
    ),
    max_leaves=20,
)


def judge(topic: Topic[Any], key: bytes | None, value: bytes | None) -> None:
    outcome = decoded(topic, key, value)
    if isinstance(outcome, ContractViolation):
        violation = outcome
        assert isinstance(violation.reason, Reason)
        assert CANARY not in f"{violation!s} {violation!r} {violation.field} {violation.detail}"
        assert violation.__cause__ is None
        for step in (violation.field or "").split("/")[1:]:
            assert step.isdigit() or step in _names()
    elif isinstance(outcome, Event):
        assert outcome.time - NOW <= timedelta(hours=24)
        assert decoded(topic, key, encode_event(outcome)) == outcome
    else:
        assert value is None
        assert topic.deletable


def decoded(
    topic: Topic[Any], key: bytes | None, value: bytes | None
) -> Event | Deletion[Any] | ContractViolation:
    """Any other exception goes through, and fails the test."""
    try:
        event: Event | Deletion[Any] = decode_or_delete(topic, key, value, now=NOW)
    except ContractViolation as violation:
        return violation
    return event


@INPUTS
@given(key=st.none() | st.binary(max_size=300), value=st.none() | st.binary(max_size=300))
def test_any_bytes(topic: Topic[Any], key: bytes | None, value: bytes | None) -> None:
    judge(topic, key, value)


@INPUTS
@given(value=json_values)
def test_any_json(topic: Topic[Any], value: Any) -> None:
    judge(topic, None, orjson.dumps(value))


@INPUTS
@given(data=st.data())
@settings(max_examples=200)
def test_events_with_fields_replaced(topic: Topic[Any], data: st.DataObject) -> None:
    document = example_document(topic.name)
    names = st.sampled_from(sorted(topic.model.model_fields))
    document |= data.draw(st.dictionaries(names, json_values, min_size=1, max_size=3))
    judge(topic, None, orjson.dumps(document))


@INPUTS
@given(data=st.data())
@settings(max_examples=200)
def test_events_with_bytes_changed(topic: Topic[Any], data: st.DataObject) -> None:
    value = bytearray(example_bytes(topic.name))
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(value)))
        end = data.draw(st.integers(start, min(start + 8, len(value))))
        value[start:end] = data.draw(st.binary(max_size=8))
    judge(topic, None, bytes(value))
