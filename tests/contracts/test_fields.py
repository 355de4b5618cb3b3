"""What each kind of field takes, and what it refuses."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest

from privacy.plaintext import Plaintext
from streams.contracts import (
    CATALOG,
    INTERACTIONS,
    RESOLUTIONS,
    REVIEW_INSIGHTS,
    REVIEWS,
    CatalogItem,
    ContractViolation,
    Reason,
    decode,
    decode_result,
    encode_event,
)
from streams.contracts.examples import example, example_bytes
from tests.contracts.documents import NOW, changed, refused, without


def test_other_control_characters_stay_in_free_text_and_not_in_ids() -> None:
    assert decode(REVIEWS, changed(REVIEWS, text="a\x0b\x1b\u202e\u200b b"), now=NOW).text == Plaintext(
        "a\x0b\x1b\u202e\u200b b"
    )
    for bad in ("a\x1bb", "a\nb", "\u200bab", "a\u202eb", " ab", "ab ", "ab\n", "", " "):
        assert refused(REVIEWS, changed(REVIEWS, product_id=bad)).field == "/product_id"


@pytest.mark.parametrize("good", ["x", "x y", "商品-1", "bob@example.com", "a" * 200, "😀"])
def test_ids_are_any_printable_text(good: str) -> None:
    assert decode(REVIEWS, changed(REVIEWS, product_id=good), now=NOW).product_id == good


@pytest.mark.parametrize(
    ("rating", "reason"),
    [
        (b"0", Reason.OUT_OF_RANGE),
        (b"6", Reason.OUT_OF_RANGE),
        (b"-1", Reason.OUT_OF_RANGE),
        (b"18446744073709551615", Reason.OUT_OF_RANGE),
        (b"1" * 50, Reason.WRONG_TYPE),
        (b"4.0", Reason.WRONG_TYPE),
        (b"4e0", Reason.WRONG_TYPE),
        (b'"4"', Reason.WRONG_TYPE),
        (b"true", Reason.WRONG_TYPE),
        (b"[4]", Reason.WRONG_TYPE),
    ],
)
def test_a_rating_is_a_whole_number_from_1_to_5(rating: bytes, reason: Reason) -> None:
    violation = refused(REVIEWS, example_bytes("reviews")[:-1] + b',"rating":' + rating + b"}")
    assert (violation.reason, violation.field) == (reason, "/rating")


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        (1_770_000_000, Reason.WRONG_TYPE),
        (1.77e9, Reason.WRONG_TYPE),
        ("1770000000", Reason.INVALID_VALUE),
        ("2026-03-14", Reason.INVALID_VALUE),
        ("2026-03-14T09:26:53", Reason.INVALID_VALUE),
        ("2026-02-30T09:26:53Z", Reason.INVALID_VALUE),
        ("2026-03-14T09:26:53+99:00", Reason.INVALID_VALUE),
        ("2026-W11-6T09:26:53Z", Reason.INVALID_VALUE),
        ("2026-03-14T09:26:53Z" + "0" * 100, Reason.INVALID_VALUE),
        ("1969-12-31T23:59:59Z", Reason.OUT_OF_RANGE),
        ("0001-01-01T00:00:00+14:00", Reason.OUT_OF_RANGE),
        ("9999-12-31T23:59:59-14:00", Reason.OUT_OF_RANGE),
        ("2126-03-14T09:26:53Z", Reason.TIME_IN_FUTURE),
    ],
)
def test_a_time_has_date_clock_and_offset_and_lies_in_bounds(time: object, reason: Reason) -> None:
    violation = refused(REVIEWS, changed(REVIEWS, time=time))
    assert (violation.reason, violation.field) == (reason, "/time")


def test_time_may_be_ahead_as_far_as_allowed() -> None:
    value = changed(REVIEWS, time=(NOW + timedelta(hours=24)).isoformat())
    assert decode(REVIEWS, value, now=NOW).id == "review-9"
    with pytest.raises(ContractViolation) as caught:
        decode(REVIEWS, value, now=NOW, max_ahead=timedelta(hours=23))
    assert caught.value.reason is Reason.TIME_IN_FUTURE


def test_nanoseconds_as_java_writes_them_are_read() -> None:
    review = decode(REVIEWS, changed(REVIEWS, time="2026-03-14T09:26:53.123456789+01:00"), now=NOW)
    assert review.time == datetime(2026, 3, 14, 8, 26, 53, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    "field",
    [
        {"stars": 0.9},
        {"stars": 5.1},
        {"helpfulness": 1.1},
        {"aspects": [{"aspect": "fit", "sentiment": "neutral", "probability": 0.5}]},
        {"aspects": [{"aspect": "fit/negative", "sentiment": "mixed", "probability": 0.5}]},
        {"aspects": [{"aspect": "fit", "sentiment": "mixed"}]},
    ],
    ids=str,
)
def test_an_insight_out_of_its_bounds_is_refused(field: dict[str, Any]) -> None:
    with pytest.raises(ContractViolation):
        decode_result(REVIEW_INSIGHTS, changed(REVIEW_INSIGHTS, **field))


@pytest.mark.parametrize(
    "language", ["en", "de-DE", "zh-Hans-CN", "es-419", "sl-rozaj-biske", "de-CH-1996", "en-x-shop"]
)
def test_languages_are_tags_of_bcp_47(language: str) -> None:
    assert decode(REVIEWS, changed(REVIEWS, language=language), now=NOW).language == language


@pytest.mark.parametrize("language", ["english please", "e", "en_US", "en-", "-en", "1234", "x" * 40])
def test_what_is_no_language_tag_is_refused(language: str) -> None:
    assert refused(REVIEWS, changed(REVIEWS, language=language)).field == "/language"


@pytest.mark.parametrize("amount", ["0", "0.5", "129.90", "999999999999.9999"])
def test_amounts_are_decimals_in_strings(amount: str) -> None:
    item = decode(CATALOG, changed(CATALOG, price={"amount": amount, "currency": "EUR"}), now=NOW)
    assert item.price is not None
    assert item.price.amount == Decimal(amount)
    assert orjson.loads(encode_event(item))["price"]["amount"] == amount


@pytest.mark.parametrize(
    "amount", [129.9, 130, "-1", "1e3", "NaN", "Infinity", "1,5", "٣", "01", ".5", "5.", "1" * 13, " 1"]
)
def test_other_amounts_are_refused(amount: object) -> None:
    violation = refused(CATALOG, changed(CATALOG, price={"amount": amount, "currency": "EUR"}))
    assert violation.field == "/price/amount"
    assert violation.reason in (Reason.INVALID_VALUE, Reason.WRONG_TYPE)


def test_amounts_made_in_python_are_held_to_the_same_form() -> None:
    with pytest.raises(ValueError, match="decimal"):
        CatalogItem.model_validate(
            {**example("catalog").model_dump(), "price": {"amount": Decimal("1.23456"), "currency": "EUR"}}
        )


@pytest.mark.parametrize("currency", ["eur", "EURO", "€", "E R"])
def test_a_currency_is_three_capitals(currency: str) -> None:
    violation = refused(CATALOG, changed(CATALOG, price={"amount": "1", "currency": currency}))
    assert (violation.reason, violation.field) == (Reason.INVALID_VALUE, "/price/currency")


def test_keys_of_a_map_stay_out_of_the_pointer() -> None:
    violation = refused(CATALOG, changed(CATALOG, attributes={"bob@example.com": {"deep": 1}}))
    assert violation.field == "/attributes"
    assert "bob" not in str(violation)


def test_an_attribute_out_of_bounds_says_so() -> None:
    violation = refused(CATALOG, changed(CATALOG, attributes={"weight": 10**17}))
    assert (violation.reason, violation.field) == (Reason.OUT_OF_RANGE, "/attributes")


def test_lists_are_bounded_and_their_places_named() -> None:
    assert refused(CATALOG, changed(CATALOG, categories=["a"] * 21)).reason is Reason.TOO_LONG
    assert refused(CATALOG, changed(CATALOG, categories=["a", "b\n"])).field == "/categories/1"


@pytest.mark.parametrize("gtin", ["123", "400638133393a", "1" * 15, "123456789"])
def test_a_gtin_has_8_or_12_to_14_digits(gtin: str) -> None:
    assert refused(CATALOG, changed(CATALOG, gtin=gtin)).reason is Reason.INVALID_VALUE


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x", "http://a b", "//x", "https://"])
def test_addresses_are_http(url: str) -> None:
    assert refused(CATALOG, changed(CATALOG, url=url)).reason is Reason.INVALID_VALUE


def test_an_interaction_of_an_unknown_kind_is_refused() -> None:
    assert refused(INTERACTIONS, changed(INTERACTIONS, kind="stolen")).reason is Reason.INVALID_VALUE


def test_a_resolved_ticket_needs_its_question_and_an_article_its_title() -> None:
    violation = refused(RESOLUTIONS, without(RESOLUTIONS, "title"))
    assert (violation.reason, violation.field) == (Reason.MISSING_FIELD, "/title")
    violation = refused(RESOLUTIONS, changed(RESOLUTIONS, kind="ticket"))
    assert (violation.reason, violation.field) == (Reason.MISSING_FIELD, "/question")
