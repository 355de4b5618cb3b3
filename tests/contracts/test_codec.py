"""What the codec takes, what it refuses and why."""

from typing import Any

import orjson
import pytest

from privacy.plaintext import Plaintext
from streams.contracts import (
    CATALOG,
    ERASURES,
    INTERACTIONS,
    QUERIES,
    RESOLUTIONS,
    REVIEW_INSIGHTS,
    REVIEWS,
    SUPPORT_TICKETS,
    TOPICS,
    USER_CHANGES,
    CatalogItem,
    ContractViolation,
    Deletion,
    Event,
    Reason,
    Result,
    Review,
    Topic,
    decode,
    decode_counting,
    decode_or_delete,
    decode_result,
    encode,
    encode_event,
)
from streams.contracts.codec import MAX_DEPTH
from streams.contracts.examples import example, example_bytes, example_document
from streams.contracts.topics import inputs
from tests.contracts.documents import NOW, changed, refused, without

INPUTS = pytest.mark.parametrize("topic", inputs(), ids=lambda topic: topic.name)


@INPUTS
def test_what_a_producer_encodes_a_worker_decodes(topic: Topic[Any]) -> None:
    event = example(topic.name)
    assert isinstance(event, Event)
    assert decode(topic, encode_event(event), now=NOW) == event


@pytest.mark.parametrize(
    "topic", [t for t in TOPICS.values() if issubclass(t.model, Result)], ids=lambda t: t.name
)
def test_what_a_worker_encodes_a_client_decodes(topic: Topic[Any]) -> None:
    result = example(topic.name)
    assert isinstance(result, Result)
    assert decode_result(topic, encode(result)) == result


@INPUTS
def test_every_required_field_is_required(topic: Topic[Any]) -> None:
    for name, field in topic.model.model_fields.items():
        if field.is_required():
            violation = refused(topic, without(topic, name))
            assert (violation.reason, violation.field) == (Reason.MISSING_FIELD, f"/{name}")


@INPUTS
def test_a_field_of_another_type_is_named_and_its_value_is_not(topic: Topic[Any]) -> None:
    for name in topic.model.model_fields:
        if name in ("attributes", "filters", "price", "kind"):  # objects themselves, and a choice
            continue
        violation = refused(topic, changed(topic, **{name: {"bob@example.com": "bob@example.com"}}))
        assert (violation.reason, violation.field) == (Reason.WRONG_TYPE, f"/{name}")
        assert "bob" not in f"{violation!s}{violation!r}{violation.detail}{violation.__cause__}"


@pytest.mark.parametrize("value", [None, b""])
def test_a_record_without_value_is_empty(value: bytes | None) -> None:
    assert refused(REVIEWS, value).reason is Reason.EMPTY_VALUE


@pytest.mark.parametrize(
    "value",
    [
        b"five stars",
        b"{",
        b'{"id": }',
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\x00}\x00",
        b'{"x": NaN}',
        b'{"x": Infinity}',
        b'{"x": 1e999}',
        b'{"x": "\\ud800"}',
        b'{"x": "\xed\xa0\x80"}',
        b'{"x": "\x00"}',
        b"{} {}",
        b"[]",
        b"null",
        b"3",
        b'"text"',
        b"\x00" * 100,
    ],
)
def test_what_is_not_one_json_object_is_not_json(value: bytes) -> None:
    violation = refused(REVIEWS, value)
    assert (violation.reason, violation.field) == (Reason.NOT_JSON, None)


def nested(depth: int) -> bytes:
    return example_bytes("reviews")[:-1] + b',"x":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def test_unknown_fields_may_nest_up_to_the_limit_and_no_deeper() -> None:
    assert decode(REVIEWS, nested(MAX_DEPTH), now=NOW).id == "review-9"
    for depth in (MAX_DEPTH + 1, 1_000, 1_024, 1_025, 100_000):
        assert refused(REVIEWS, nested(depth)).reason is Reason.TOO_DEEP
    assert refused(REVIEWS, b'{"a":' * 100_000).reason in (Reason.TOO_DEEP, Reason.NOT_JSON)


def test_many_brackets_are_not_depth() -> None:
    assert decode(REVIEWS, changed(REVIEWS, x=[[]] * 1_000, text="[" * 1_000), now=NOW).id == "review-9"


def test_text_of_five_megabytes_is_too_long() -> None:
    violation = refused(REVIEWS, changed(REVIEWS, text="x" * 5_000_000))
    assert (violation.reason, violation.field) == (Reason.TOO_LONG, None)


def test_text_longer_than_its_field_is_too_long() -> None:
    assert decode(REVIEWS, changed(REVIEWS, text="é" * 20_000), now=NOW).id == "review-9"
    violation = refused(REVIEWS, changed(REVIEWS, text="é" * 20_001))
    assert (violation.reason, violation.field) == (Reason.TOO_LONG, "/text")


def test_empty_text_is_an_empty_value_at_its_field() -> None:
    violation = refused(REVIEWS, changed(REVIEWS, text=""))
    assert (violation.reason, violation.field) == (Reason.EMPTY_VALUE, "/text")


def test_nul_in_a_field_is_refused_and_in_an_unknown_one_left_out() -> None:
    violation = refused(REVIEWS, changed(REVIEWS, text="4111\0 1111"))
    assert (violation.reason, violation.field) == (Reason.INVALID_VALUE, "/text")
    violation = refused(CATALOG, changed(CATALOG, attributes={"a": ["b\0"]}))
    assert (violation.reason, violation.field) == (Reason.INVALID_VALUE, "/attributes")
    assert decode_counting(REVIEWS, changed(REVIEWS, x="\0"), now=NOW)[1] == 1


def test_a_written_backslash_u0000_is_not_nul() -> None:
    review = decode(REVIEWS, changed(REVIEWS, text="\\u0000"), now=NOW)
    assert review.text == Plaintext("\\u0000")


def test_the_last_of_two_members_counts() -> None:
    value = example_bytes("reviews")[:-1] + b',"rating":1,"rating":2}'
    assert decode(REVIEWS, value, now=NOW).rating == 2


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.999"])
def test_newer_minor_versions_are_accepted(version: str) -> None:
    assert decode(REVIEWS, changed(REVIEWS, contract=version), now=NOW).contract == version


def test_another_major_version_is_refused_before_its_fields_are_judged() -> None:
    violation = refused(REVIEWS, b'{"contract": "2.0", "text": 3}')
    assert (violation.reason, violation.field) == (Reason.UNSUPPORTED_VERSION, "/contract")


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("one", Reason.INVALID_VALUE),
        ("1", Reason.INVALID_VALUE),
        ("1.0.0", Reason.INVALID_VALUE),
        (1.0, Reason.WRONG_TYPE),
        (None, Reason.WRONG_TYPE),
        ("1" * 9 + ".0", Reason.TOO_LONG),
    ],
)
def test_a_version_of_another_form_is_refused(version: object, reason: Reason) -> None:
    violation = refused(REVIEWS, changed(REVIEWS, contract=version))
    assert (violation.reason, violation.field) == (reason, "/contract")


@pytest.mark.parametrize("topic", [REVIEW_INSIGHTS, USER_CHANGES], ids=lambda topic: topic.name)
def test_results_of_before_stars_and_aspects_are_read(topic: Topic[Any]) -> None:
    document = example_document(topic.name) | {"contract": "1.0"}
    for name in ("stars", "aspects", "helpfulness"):
        document.pop(name, None)
    result = decode_result(topic, orjson.dumps(document))
    assert (result.stars, result.aspects) == (None, [])


def test_results_of_another_major_version_are_refused() -> None:
    with pytest.raises(ContractViolation) as caught:
        decode_result(REVIEW_INSIGHTS, changed(REVIEW_INSIGHTS, contract="2.0"))
    assert caught.value.reason is Reason.UNSUPPORTED_VERSION


def test_unknown_fields_are_left_out_and_counted() -> None:
    event, unknown = decode_counting(REVIEWS, changed(REVIEWS, helpful=3, source={"a": 1}), now=NOW)
    assert unknown == 2
    assert event == example("reviews")


def test_a_violation_tells_id_and_user_where_they_are_sound_but_not_in_its_text() -> None:
    violation = refused(REVIEWS, changed(REVIEWS, rating=9))
    assert (violation.event_id, violation.user_id) == ("review-9", "user-42")
    assert "review-9" not in repr(violation)
    assert "user-42" not in repr(violation)
    for bad in ("", "x" * 201, "a\0", 7, None):
        violation = refused(REVIEWS, changed(REVIEWS, id=bad, user_id=bad))
        assert (violation.event_id, violation.user_id) == (None, None)


def test_null_deletes_what_the_key_names_on_compacted_topics() -> None:
    topics: list[Topic[Any]] = [CATALOG, RESOLUTIONS]
    for topic in topics:
        deletion = decode_or_delete(topic, b"boot-7001", None, now=NOW)
        assert deletion == Deletion(topic, "boot-7001")


@pytest.mark.parametrize(
    "topic", [REVIEWS, QUERIES, INTERACTIONS, SUPPORT_TICKETS, ERASURES], ids=lambda t: t.name
)
def test_null_is_an_empty_value_elsewhere(topic: Topic[Any]) -> None:
    with pytest.raises(ContractViolation) as caught:
        decode_or_delete(topic, b"key", None, now=NOW)
    assert caught.value.reason is Reason.EMPTY_VALUE


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (None, Reason.MISSING_KEY),
        (b"", Reason.MISSING_KEY),
        (b"\xff", Reason.INVALID_VALUE),
        (b"a\0", Reason.INVALID_VALUE),
        (b"x" * 201, Reason.INVALID_VALUE),
    ],
)
def test_a_deletion_needs_a_usable_key(key: bytes | None, reason: Reason) -> None:
    with pytest.raises(ContractViolation) as caught:
        decode_or_delete(CATALOG, key, None, now=NOW)
    assert caught.value.reason is reason


def test_an_empty_value_is_not_a_deletion() -> None:
    with pytest.raises(ContractViolation) as caught:
        decode_or_delete(CATALOG, b"boot-7001", b"", now=NOW)
    assert caught.value.reason is Reason.EMPTY_VALUE


def test_what_a_person_wrote_is_hidden_in_repr_and_plain_on_the_wire_only() -> None:
    review = example("reviews")
    assert isinstance(review, Review)
    assert "mia" not in repr(review)
    assert "mia" not in review.model_dump_json()
    assert "user-42" not in repr(review)
    assert b"mia@example.com" in encode_event(review)


def test_errors_of_the_models_do_not_show_the_input() -> None:
    with pytest.raises(ValueError, match="rating") as caught:
        Review.model_validate({**example("reviews").model_dump(), "rating": 4711})
    assert "4711" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"), [("a\0", Reason.INVALID_VALUE), ("\ud800", Reason.INVALID_VALUE)]
)
def test_a_producer_is_told_what_a_worker_would_refuse(text: str, reason: Reason) -> None:
    review = example("reviews").model_copy(update={"text": Plaintext(text)})
    assert isinstance(review, Review)
    with pytest.raises(ContractViolation) as caught:
        encode_event(review)
    assert caught.value.reason is reason


def test_an_event_larger_than_its_topic_is_not_sent() -> None:
    item = example("catalog").model_copy(update={"description": "x" * 2_000_000})
    assert isinstance(item, CatalogItem)
    with pytest.raises(ContractViolation) as caught:
        encode_event(item)
    assert caught.value.reason is Reason.TOO_LONG


@pytest.mark.parametrize(
    ("value", "reason", "field"),
    [
        (b"nonsense", Reason.NOT_JSON, None),
        (b"{}", Reason.MISSING_FIELD, "/id"),
        (b"[" * 5_000, Reason.NOT_JSON, None),
    ],
)
def test_what_is_no_result_is_refused_to_the_client(value: bytes, reason: Reason, field: str | None) -> None:
    with pytest.raises(ContractViolation) as caught:
        decode_result(REVIEW_INSIGHTS, value)
    assert (caught.value.reason, caught.value.field) == (reason, field)
