"""Each kind of personal data, by published sample numbers: found, and left alone with a wrong check digit."""

import pytest
import re2

from privacy.detect import DEFAULT, Detector, Span
from privacy.detect.checksum import luhn
from privacy.detect.national_id.in_aadhaar import verhoeff

DETECTOR = Detector()


def found(text: str) -> list[tuple[str, str]]:
    return [(span.label, text[span.start : span.end]) for span in DETECTOR.detect([text])[0]]


def spans(text: str) -> list[Span]:
    return DETECTOR.detect([text])[0]


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("EMAIL", "anna.k+shop@mail.example.org"),
        ("EMAIL", "müller@büro-süd.de"),
        ("CARD", "4111111111111111"),
        ("CARD", "5555 5555 5555 4444"),
        ("CARD", "3782-822463-10005"),
        ("CARD", "6011.1111.1111.1117"),
        ("CARD", "2223003122003222"),
        ("CARD", "30569309025904"),
        ("IBAN", "GB82 WEST 1234 5698 7654 32"),
        ("IBAN", "de89370400440532013000"),
        ("IBAN", "FR1420041010050500013M02606"),
        ("IBAN", "NO93 8601 1117 947"),
        ("IP", "192.168.17.3"),
        ("IP", "2001:db8:85a3::8a2e:370:7334"),
        ("IP", "::ffff:192.168.17.3"),
        ("PHONE", "+49 171 1234567"),
        ("PHONE", "0033 1 42 68 53 00"),
        ("PHONE", "(212) 736-5000"),
        ("PHONE", "1-800-692-7753 x12"),
        ("PHONE", "020 7946 0018"),
        ("PHONE", "089 72 63 41 50"),
        ("NATIONAL_ID", "11010519491231002X"),
        ("NATIONAL_ID", "RSSMRA85T10A562S"),
        ("NATIONAL_ID", "MRTMTT25D09F205Z"),
        ("NATIONAL_ID", "2 55 08 14 168 025 38"),
        ("NATIONAL_ID", "86095742719"),
        ("NATIONAL_ID", "12345678Z"),
        ("NATIONAL_ID", "X1234567L"),
        ("NATIONAL_ID", "2341 2341 2346"),
    ],
)
@pytest.mark.parametrize("sentence", ["{}", "see {}, please", "我的是{}。", "x\n{}\ny", "é {}."])
def test_a_value_is_found_exactly_wherever_it_stands(label: str, value: str, sentence: str) -> None:
    assert found(sentence.format(value)) == [(label, value)]


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("my ssn is {}", "536-90-4399"),
        ("{} is my social security number", "536904399"),
        ("NINO: {}", "AB 12 34 56 C"),
        ("NHS number {}", "401 023 2137"),
        ("burgerservicenummer {}", "111222333"),
        ("aadhaar no. {}", "234123412346"),
    ],
)
def test_an_identity_number_without_a_telling_checksum_needs_context(words: str, value: str) -> None:
    assert ("NATIONAL_ID", value) in found(words.format(value))
    assert found(f"article {value} in blue") == []


@pytest.mark.parametrize(
    "text",
    [
        "card 4111111111111112",  # Luhn
        "card 9111111111111112",  # Luhn passes, no network begins with 9
        "IBAN GB83 WEST 1234 5698 7654 32",
        "IBAN GB82 WEST 1234 5698 7654 321",
        "110105194912310021",
        "110105194913310021",  # month 13
        "RSSMRA85T10A562T",
        "255081416802539",
        "86095742718",
        "12345678A",
        "2341 2341 2347",
        "burgerservicenummer 111222334",
        "NHS 401 023 2138",
        "my ssn is 666-90-4399 or 900-12-3456 or 536-00-4399",
        "nino BG123456C",
        "256.1.1.300",
        "2001:db8::85a3::7334",
    ],
)
def test_a_number_that_fails_its_check_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "I am 5'8\" 120 lbs, 34-26-36, usually 32-24.5-32 and 145-150",
        "bought 2019-2020, again 2007-03-23 18:43:36 and 12/15/1995",
        "$1234567.89, 1,299,000.00, 0.4111111111111111",
        "order 112-1234567-1234567, article 4006381333931, part 010-123",
        "order #2127365000 shipped, tracking 9400100000000000000000",
        "5/5 stars!!! 10 out of 10, 2 4 6 8 10 12 14",
        "version 1.2.3.4, section 2.1.1.3, at 12:30:45, a::b, std::string",
        "@home 50% off, love it @ work. a@b",
        "size 00 0 2 4 6 8 10",
    ],
)
def test_sizes_prices_years_ratings_and_order_numbers_are_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("value", ["785 8949", "166-684-7899", "13800138000", "96 228011"])
def test_digits_that_no_numbering_plan_has_are_phone_numbers_where_people_say_so(value: str) -> None:
    assert found(f"please call me: {value}") == [("PHONE", value)]
    assert found(f"we liked it: {value}") == []


def test_neighbouring_numbers_are_told_apart() -> None:
    assert found("0171 1234567 0171 7654321") == [("PHONE", "0171 1234567"), ("PHONE", "0171 7654321")]
    assert found("in 2027 4111 1111 1111 1111 12/27") == [("CARD", "4111 1111 1111 1111")]
    assert found("+1 212 736 5000 2 dresses") == [("PHONE", "+1 212 736 5000")]
    assert found("4111111111111111,5555555555554444;x@y.zz") == [
        ("CARD", "4111111111111111"),
        ("CARD", "5555555555554444"),
        ("EMAIL", "x@y.zz"),
    ]


def test_words_behind_an_iban_are_not_taken_for_its_end() -> None:
    assert found("GB82 WEST 1234 5698 7654 32 is my iban") == [("IBAN", "GB82 WEST 1234 5698 7654 32")]


def test_the_recognizer_of_a_finding_says_which_country_it_is_from() -> None:
    assert [span.recognizer for span in spans("12345678Z, 86095742719")] == ["es_dni", "de_tax_id"]


def test_published_checksum_examples_hold() -> None:
    assert luhn("79927398713")
    assert not luhn("79927398710")
    assert verhoeff("2363")
    assert not verhoeff("2364")


def test_names_are_unique_and_every_pattern_has_a_score_and_compiles() -> None:
    names = [recognizer.name for recognizer in DEFAULT]
    assert len(set(names)) == len(names)
    for recognizer in DEFAULT:
        for pattern in recognizer.patterns:
            assert 0 < pattern.score <= 1
            assert re2.compile(pattern.expression()).groups == 1


def test_patterns_are_bounded_so_that_resuming_a_search_is_linear() -> None:
    unbounded = [
        recognizer.name
        for recognizer in DEFAULT
        for pattern in recognizer.patterns
        if any(sign in _outside_classes(pattern.regex) for sign in ("*", "+", ",}"))
    ]
    assert unbounded == []


def _outside_classes(regex: str) -> str:
    """`regex` without its character classes and escaped characters."""
    return str(re2.sub(r"\\.", "", re2.sub(r"\[[^\]]*\]", "", regex)))


def test_a_number_with_a_country_code_that_no_plan_hands_out_is_still_a_phone_number() -> None:
    text = "Reach me under +44 7700 900123, thanks."
    (span,) = Detector().detect([text])[0]
    assert (span.label, text[span.start : span.end]) == ("PHONE", "+44 7700 900123")
