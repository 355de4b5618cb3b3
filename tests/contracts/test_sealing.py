"""Sealed texts in events: read, described and held to the bounds of their fields."""

from datetime import UTC, datetime
from typing import Any

import jsonschema
import orjson
import pytest

from privacy.hpke import Opener, PublicKey
from privacy.key_material import IntakeKey
from privacy.plaintext import Plaintext
from streams.contracts.codec import decode, encode_event
from streams.contracts.events import Event, Review
from streams.contracts.examples import example
from streams.contracts.schemas import json_schema
from streams.contracts.sealed_example import sealed_review, sealed_review_document
from streams.contracts.sealing import context_of, opened_event, sealed_event, sealed_texts
from streams.contracts.topics import REVIEWS, TOPICS
from streams.contracts.violation import ContractViolation

NOW = datetime(2026, 4, 1, tzinfo=UTC)
KEY = IntakeKey.of(bytes(range(32)))
PUBLIC = PublicKey.of(KEY, "default")
WRITTEN = {
    "queries": {"text"},
    "reviews": {"text", "title"},
    "support-tickets": {"text", "subject"},
    "resolutions": {"answer", "title"},
    "catalog": set(),
    "interactions": set(),
    "erasures": set(),
}


class Keys:
    def intake_key(self, key_id: str) -> IntakeKey | None:
        return KEY if key_id == KEY.id else None


def given(topic: str) -> Event:
    event = example(topic)
    assert isinstance(event, Event)
    return event


def opened(event: Event) -> Event:
    opener = Opener("default", Keys())
    texts = {name: opener.open(text, context_of(event, name)) for name, text in sealed_texts(event).items()}
    return opened_event(event, texts)


@pytest.mark.parametrize("topic", WRITTEN)
def test_an_event_comes_back_from_the_wire_sealed_and_opens_to_itself(topic: str) -> None:
    event = given(topic)
    plain, value = encode_event(event), encode_event(sealed_event(event, PUBLIC))
    read = decode(TOPICS[topic], value, now=NOW)
    assert set(sealed_texts(read)) == WRITTEN[topic]
    assert opened(read) == event
    assert encode_event(read) == value
    words = [text.reveal() for text in vars(event).values() if isinstance(text, Plaintext)]
    assert all(word.encode() in plain and word.encode() not in value for word in words)
    jsonschema.validate(orjson.loads(value), json_schema(TOPICS[topic]))


def test_what_is_sealed_is_not_sealed_again() -> None:
    once = sealed_event(given("reviews"), PUBLIC)
    assert sealed_event(once, PUBLIC) == once


def test_the_documented_example_is_an_event_that_opens() -> None:
    read = decode(REVIEWS, orjson.dumps(sealed_review_document()), now=NOW)
    assert read == sealed_review()
    assert opened(read).text == given("reviews").text  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (5, "wrong_type"),
        ({}, "wrong_type"),
        ({"text": "x"}, "wrong_type"),
        ({"sealed": 1}, "sealed_malformed"),
        ({"sealed": {}}, "sealed_malformed"),
        ({"sealed": {"v": 2}}, "sealed_malformed"),
        ({"sealed": {"v": 2, "alg": "any"}}, "sealed_unsupported"),
        ({"sealed": {"v": 1, "alg": "HPKE-Base-P256"}}, "sealed_unsupported"),
    ],
)
def test_what_is_neither_text_nor_sealed_text_is_refused_with_field_and_reason(
    value: object, reason: str
) -> None:
    document = orjson.loads(encode_event(given("reviews"))) | {"title": value}
    with pytest.raises(ContractViolation) as caught:
        decode(REVIEWS, orjson.dumps(document), now=NOW)
    assert (caught.value.reason, caught.value.field) == (reason, "/title")
    assert (caught.value.event_id, caught.value.user_id) == ("review-9", "user-42")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, json_schema(REVIEWS))


@pytest.mark.parametrize(
    ("field", "octets", "reason"),
    [
        ("title", b"", "empty_value"),
        ("title", "é".encode() * 501, "too_long"),
        ("text", b"x" * 20_001, "too_long"),
        ("text", b"\xff", "invalid_value"),
        ("text", b"\xed\xa0\x80", "invalid_value"),
        ("text", b"a\0b", "invalid_value"),
    ],
)
def test_bounds_count_for_what_was_sealed(field: str, octets: bytes, reason: str) -> None:
    with pytest.raises(ContractViolation) as caught:
        opened_event(given("reviews"), {field: octets})
    assert (caught.value.reason, caught.value.field) == (reason, f"/{field}")
    assert (caught.value.event_id, caught.value.user_id) == ("review-9", "user-42")


def test_the_longest_text_of_the_widest_characters_passes() -> None:
    event = opened_event(given("reviews"), {"title": "😀".encode() * 500})
    assert isinstance(event, Review)
    assert event.title is not None
    assert len(event.title) == 500


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_a_producer_is_told_what_no_worker_would_take(text: str) -> None:
    event: Any = given("queries").model_copy(update={"text": Plaintext(text)})
    with pytest.raises(ContractViolation) as caught:
        sealed_event(event, PUBLIC)
    assert (caught.value.reason, caught.value.field) == ("invalid_value", "/text")
