"""The detector: offsets, disguises, overlaps, the tagger's port, hostile texts."""

import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy import Detector, Span
from privacy.detect.context import Context, words
from privacy.detect.fold import fold, offsets
from privacy.detect.span import merged

DETECTOR = Detector()
VALUES = [
    "anna.k@example.org",
    "4111 1111 1111 1111",
    "GB82WEST12345698765432",
    "192.168.17.3",
    "+49 171 1234567",
    "RSSMRA85T10A562S",
]
HOSTILE = [
    *(
        "1-",
        "a@",
        ".",
        "1",
        "+1 ",
        "4111 ",
        "a.",
        "(0",
        "GB82",
        "1.1.",
        ":",
        "ab:",
        "a@b.c1.",
        "a@b.cc ",
        "\uff11",
    ),
    *(
        "1\u200b",
        "tel 555 1234 ",
        "\ud800",
        "4111111111111111 ",
        "+49 171 1",
        "212-736-5000 ",
        "\0",
        "0171 1234567 ",
    ),
    *("6011 0000 ", "1 84 12 76 ", "[", "é1", "卡1 "),
    *(
        "&#64;",
        "&",
        "a://",
        "a://b:",
        "?token=",
        "?token=abcd ",
        "password:",
        "password: [A_1] ",
        "eyJabcdefghi.",
    ),
    *(
        "-----BEGIN PRIVATE KEY----- ",
        "DEUTDEFF ",
        "DEUTDEFF GB82 ",
        "aa:bb:",
        "12/03/",
        "born 12/03/1990 ",
        "dob 1 ",
    ),
    *("call 123456 ", "AKIA", "sk-a", "12 mar ", "&#x31;&#x2d;", "pin is 123 ", "密码：a1b2 "),
]
any_text = st.text(st.characters(), max_size=60)


@given(any_text, st.sampled_from(VALUES), any_text)
def test_offsets_are_code_points_whatever_stands_around(before: str, value: str, after: str) -> None:
    text = f"{before} ; {value} ; {after}"
    start = len(before) + 3
    assert any(span.start <= start and start + len(value) <= span.end for span in DETECTOR.detect([text])[0])


@given(
    st.text(st.characters(min_codepoint=0x3041, max_codepoint=0x1F9FF, categories=["Lo", "So"]), max_size=30)
)
def test_offsets_are_exact_behind_characters_of_several_bytes(before: str) -> None:
    text = f"{before} 4111111111111111 {before}"
    assert [(span.start, span.end) for span in DETECTOR.detect([text])[0]] == [
        (len(before) + 1, len(before) + 17)
    ]


def _full_width(value: str) -> str:
    return "".join(
        chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character for character in value
    )


def _spread(value: str) -> str:
    return "\u200b".join(value)


def _keycaps(value: str) -> str:
    return "".join(character + "\ufe0f\u20e3" if character.isdigit() else character for character in value)


def _en_dashes(value: str) -> str:
    return value.replace(" ", "–")


@pytest.mark.parametrize("disguise", [_full_width, _spread, _keycaps, _en_dashes])
@pytest.mark.parametrize("value", VALUES)
def test_disguised_values_are_found_whole(disguise: object, value: str) -> None:
    hidden = disguise(value)  # type: ignore[operator]
    text = f"é {hidden} ok"
    (span,) = DETECTOR.detect([text])[0]
    assert text[span.start : span.end].startswith(hidden[: len(hidden) - 2])
    assert span.start == 2


@given(st.text(st.characters(), max_size=200))
def test_folding_keeps_a_byte_for_each_character_that_does_not_vanish(text: str) -> None:
    folded = fold(text)
    places = offsets(text, folded)
    assert len(folded) == (len(text) if places is None else len(places))
    for place, byte in enumerate(folded):
        character = text[place if places is None else places[place]]
        assert byte == ord(character) or not character.isascii()


@given(st.lists(st.text(st.characters(), max_size=300), max_size=5))
def test_findings_are_sorted_disjoint_and_inside_their_text(texts: list[str]) -> None:
    for text, spans in zip(texts, DETECTOR.detect(texts), strict=True):
        ends = [0]
        for span in spans:
            assert ends[-1] <= span.start < span.end <= len(text)
            ends.append(span.end)


def test_overlapping_findings_become_one_named_by_the_surest() -> None:
    spans = [
        Span(0, 8, "PHONE", 0.6, "phone"),
        Span(5, 20, "CARD", 0.8, "card"),
        Span(18, 22, "IP", 0.5, "ip"),
        Span(30, 33, "IP", 0.5, "ip"),
    ]
    for order in (spans, spans[::-1]):
        assert merged(order) == [Span(0, 22, "CARD", 0.8, "card"), Span(30, 33, "IP", 0.5, "ip")]


def test_a_finding_inside_another_does_not_shorten_it() -> None:
    inner = Span(3, 5, "CARD", 0.8, "card")
    assert merged([Span(0, 9, "PHONE", 0.6, "phone"), inner]) == [Span(0, 9, "CARD", 0.8, "card")]


def test_of_equally_sure_findings_the_longest_then_the_first_names_the_union() -> None:
    assert merged([Span(0, 4, "A", 0.5, "a"), Span(2, 9, "B", 0.5, "b")])[0].label == "B"
    assert merged([Span(0, 4, "A", 0.5, "a"), Span(0, 4, "B", 0.5, "b")])[0].label == "A"


def test_the_threshold_decides_what_counts() -> None:
    assert DETECTOR.detect(["536-90-4399"]) == [[]]
    assert len(Detector(threshold=0.3).detect(["536-90-4399"])[0]) == 1
    assert Detector(threshold=0.95).detect(["anna@example.org"]) == [[]]


def test_each_kind_may_have_a_threshold_of_its_own() -> None:
    text = "anna@example.org or 192.168.17.3, 536-90-4399"
    detector = Detector(thresholds={"EMAIL": 0.95, "NATIONAL_ID": 0.3})
    assert [span.label for span in detector.detect([text])[0]] == ["IP", "NATIONAL_ID"]


@pytest.mark.parametrize("wrong", [{"threshold": 1.5}, {"thresholds": {"IP": -0.1}}])
def test_a_threshold_outside_its_range_is_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"threshold of (IP|all kinds): (-0\.1|1\.5) is not in 0\.\.1"):
        Detector(**wrong)


def test_context_words_stand_alone_begin_words_or_stand_anywhere() -> None:
    context = Context(words("tel, telefon*, téléphone, 电话"))
    near = ["Tel: ", "TELEFONNUMMER ", "mon téléphone: ", "我的电话", "-tel-"]
    far = ["hotel ", "telling ", "xtelefon ", "téléphones ", "tel" + "." * 80, ""]
    assert all(context.near(text, len(text), len(text)) for text in near)
    assert not any(context.near(text, len(text), len(text)) for text in far)
    assert context.near("1234567 tel", 0, 7) == "tel"
    assert context.near("Telefonnummer: 1", 15, 16) == "Telefon"


def _calls(text: str) -> int:
    """How many functions run to search `text`: RE2 is linear by construction, so what is left is how often we ask."""
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(counted)
    try:
        DETECTOR.detect([text])
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_texts_take_linear_work_and_hide_nothing(unit: str) -> None:
    size = 4_000
    small, large = (_calls(unit * (length // len(unit))) for length in (size, 4 * size))
    assert large <= 5 * small + 1_000  # quadratic work would be 16 times
    text = unit * (size // len(unit)) + " ; anna@example.org"
    last = DETECTOR.detect([text])[0][-1]
    assert last.end == len(text)


@pytest.mark.parametrize(
    "text",
    ["1-" * 1_000_000, "a@" * 1_000_000, "." * 1_000_000, "good \ud800\0 " * 625_000, "a&#64;" * 100_000],
)
def test_megabytes_are_no_harm(text: str) -> None:
    assert DETECTOR.detect([text]) == [[]]


@settings(deadline=None)
@given(st.text(st.sampled_from("0123456789 -.+()@:aAxX/GBDE\0é\uff11\u200b\ud800电话"), max_size=400))
def test_no_text_raises(text: str) -> None:
    DETECTOR.detect([text])
