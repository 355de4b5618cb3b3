"""Masking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy import Detector, Numbering, Span
from privacy.mask import mask

DETECTOR = Detector()
pieces = st.sampled_from(
    [
        *("anna@example.org", "ANNA@example.org", "bob@x.co", "bob@x.com", "xbob@x.com", "4111111111111111"),
        *(
            "4111 1111 1111 1111",
            "x4111111111111111x",
            "call ",
            "785 8949",
            "7858949",
            "tel 785 8949",
            "192.168.17.3",
        ),
        *(" ", " and ", ", ", "\n", "é", "电话", "\ud800", "\0", "\uff11", "\u200b", "-", "1", "."),
    ]
)
texts = st.lists(pieces, max_size=12).map("".join)


def masked(text: str) -> str:
    return mask(text, DETECTOR.detect([text])[0], Numbering())


@given(texts)
def test_no_detected_value_is_left_in_the_text(text: str) -> None:
    spans = DETECTOR.detect([text])[0]
    result = mask(text, spans, Numbering())
    for span in spans:
        assert text[span.start : span.end] not in result


@given(st.text(st.characters(), max_size=80))
def test_a_text_without_findings_is_unchanged(text: str) -> None:
    assert mask(text, [], Numbering()) == text


def test_kinds_are_numbered_in_order_and_equal_values_alike() -> None:
    text = "anna@example.org, bob@x.com, Anna@Example.org; 4111111111111111 is 4111-1111-1111-1111"
    assert masked(text) == "[EMAIL_1], [EMAIL_2], [EMAIL_1]; [CARD_1] is [CARD_1]"


def test_different_values_have_different_numbers_though_they_differ_by_a_dot() -> None:
    assert masked("a.b@x.com ab@x.com") == "[EMAIL_1] [EMAIL_2]"


def test_a_value_vouched_for_once_is_masked_everywhere_in_the_event() -> None:
    numbering = Numbering()
    text, title = "call me: 785 8949", "785 8949 again"
    numbering.register(text, DETECTOR.detect([text])[0])
    assert DETECTOR.detect([title]) == [[]]
    assert mask(title, [], numbering) == "[PHONE_1] again"
    assert mask(text, DETECTOR.detect([text])[0], numbering) == "call me: [PHONE_1]"
    assert numbering.counts == {"PHONE": 2}


def test_short_names_are_not_cut_out_of_words() -> None:
    assert mask("Al also", [Span(0, 2, "PERSON", 0.9, "names")], Numbering()) == "[PERSON_1] also"


@pytest.mark.parametrize(
    "spans",
    [
        [Span(0, 3, "A", 1, "a"), Span(2, 4, "B", 1, "b")],
        [Span(-1, 2, "A", 1, "a")],
        [Span(3, 99, "A", 1, "a")],
        [Span(2, 2, "A", 1, "a")],
    ],
)
def test_spans_of_another_text_are_refused_without_showing_it(spans: list[Span]) -> None:
    with pytest.raises(ValueError, match="span") as caught:
        mask("anna@x.com", spans, Numbering())
    assert "anna" not in str(caught.value)


def test_many_findings_take_linear_time() -> None:
    text = " ".join(f"user{number}@example.org" for number in range(20_000))
    assert masked(text).endswith("[EMAIL_20000]")
