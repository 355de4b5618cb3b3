"""Masking: what is replaced, by what, and that nothing else changes."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy import Detector, Numbering, Span, Tokeniser
from privacy.canonical import canonical
from privacy.echoes import Echoes
from privacy.mask import mask
from privacy.placeholders import ValueTokens

DETECTOR = Detector()
TOKENS = ValueTokens(Tokeniser(bytes(32)))
pieces = st.sampled_from(
    [
        *("anna@example.org", "ANNA@example.org", "bob@x.co", "bob@x.com", "xbob@x.com", "4111111111111111"),
        *("4111 1111 1111 1111", "x4111111111111111x", "call ", "785 8949", "7858949", "tel 785 8949"),
        *("192.168.17.3", "anna&#64;example.org"),
        *(" ", " and ", ", ", "\n", "é", "电话", "\ud800", "\0", "\uff11", "\u200b", "-", "1", "."),
    ]
)
texts = st.lists(pieces, max_size=12).map("".join)


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, list[Span]]:
    """Any text, and disjoint spans anywhere in it, in any order."""
    text = draw(st.text(st.characters(), max_size=60))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=10)))
    kinds = st.sampled_from(["EMAIL", "PERSON"])
    spans = [
        Span(start, end, draw(kinds), 1, "any") for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    return text, draw(st.permutations(spans))


def masked(text: str) -> str:
    return mask(text, DETECTOR.detect([text])[0], Numbering())


def nothing_stays(_label: str, _value: str) -> bool:
    return False


@given(texts_with_spans(), st.sampled_from([Numbering, lambda: TOKENS]))
def test_outside_of_its_spans_a_text_is_unchanged_to_the_code_point(
    given_text: tuple[str, list[Span]], placeholders: type[Numbering]
) -> None:
    text, spans = given_text
    result = mask(text, spans, placeholders())
    position, rest = 0, result
    for span in sorted(spans, key=lambda span: span.start):
        before = text[position : span.start]
        assert rest.startswith(before)
        rest = rest[len(before) :]
        assert rest.startswith(f"[{span.label}")
        rest, position = rest[rest.index("]") + 1 :], span.end
    assert rest == text[position:]


@given(texts)
def test_no_detected_value_is_left_in_the_text(text: str) -> None:
    spans = DETECTOR.detect([text])[0]
    echoes = Echoes()
    echoes.note(text, spans)
    result = mask(text, [*spans, *echoes.within(text, spans, nothing_stays)], Numbering())
    for span in spans:
        assert text[span.start : span.end] not in result


@given(texts_with_spans())
def test_echoes_lie_outside_of_what_was_found_and_hold_what_was_found(
    given_text: tuple[str, list[Span]],
) -> None:
    text, spans = given_text
    spans.sort(key=lambda span: span.start)
    echoes = Echoes()
    echoes.note(text, spans)
    values = {text[span.start : span.end] for span in spans}
    doubled = text + text
    found = echoes.within(doubled, spans, nothing_stays)
    assert all(any(value in doubled[one.start : one.end] for value in values) for one in found)
    together = sorted([*spans, *found], key=lambda span: span.start)
    assert all(left.end <= right.start for left, right in pairwise(together))


def test_kinds_are_numbered_in_order_and_equal_values_alike() -> None:
    text = "anna@example.org, bob@x.com, Anna@Example.org; 4111111111111111 is 4111-1111-1111-1111"
    assert masked(text) == "[EMAIL_1], [EMAIL_2], [EMAIL_1]; [CARD_1] is [CARD_1]"


def test_different_values_have_different_numbers_though_they_differ_by_a_dot() -> None:
    assert masked("a.b@x.com ab@x.com") == "[EMAIL_1] [EMAIL_2]"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("4111 1111-1111.1111", "4111111111111111", True),
        ("\uff14\uff11\uff11\uff11\u200b1111", "41111111", True),
        ("anna&#64;example.org", "Anna@Example.ORG", True),
        ("an\u200bna@example.org", "anna@example.org", True),
        ("rene\u0301@example.org", "rene@example.org", False),
        ("Müller", "MÜLLER", True),
        ("Müller", "Möller", False),
        ("王伟", "王芳", False),
        ("ab@x.com", "a.b@x.com", False),
    ],
)
def test_spellings_of_one_value_are_told_from_other_values(one: str, other: str, same: bool) -> None:
    assert (canonical(one) == canonical(other)) is same


@given(st.text(st.characters()), st.integers(0))
def test_case_and_invisible_characters_make_no_other_value_of_a_number_or_address(
    value: str, place: int
) -> None:
    for known in ("anna@example.org", "785 8949", "DE89 3704 0044"):
        cut = place % len(known)
        assert canonical(known[:cut].upper() + "\u200b" + known[cut:]) == canonical(known)
        assert (canonical(value) == canonical(known)) is (canonical(value.lower()) == canonical(known))


def test_tokens_are_equal_for_equal_values_and_cannot_be_taken_for_numbers() -> None:
    token = TOKENS.of("CARD", "4111 1111 1111 1111")
    assert token == ValueTokens(Tokeniser(bytes(32))).of("CARD", "4111-1111-1111-1111")
    assert len({token, TOKENS.of("PHONE", "4111 1111 1111 1111"), TOKENS.of("CARD", "4111")}) == 3
    assert token != ValueTokens(Tokeniser(bytes(31) + b"1")).of("CARD", "4111 1111 1111 1111")
    assert token.startswith("[CARD:tok_")
    assert "_" not in token.split(":")[0]


def test_nothing_is_found_in_placeholders_and_tokens() -> None:
    written = [TOKENS.of(kind, str(number)) for kind in ("EMAIL", "SECRET") for number in range(100)]
    text = " ".join([*written, "[PHONE_1] [NATIONAL_ID_12] [URL_CREDENTIALS_3]"])
    assert DETECTOR.detect([text]) == [[]]


def test_a_value_vouched_for_once_is_found_again_where_it_stands_alone() -> None:
    echoes = Echoes()
    text, title = "call me: 785 8949", "785 8949 again"
    echoes.note(text, DETECTOR.detect([text])[0])
    assert DETECTOR.detect([title]) == [[]]
    assert [(one.start, one.end, one.label) for one in echoes.within(title, [], nothing_stays)] == [
        (0, 8, "PHONE")
    ]
    assert not echoes.within(title, [], lambda label, _: label == "PHONE")


def test_echoes_that_overlap_are_one_and_the_longest_names_it() -> None:
    echoes = Echoes()
    text = "123456 456789012 123456789"
    spans = [Span(0, 6, "SHORT", 1, "a"), Span(7, 16, "LONG", 1, "a"), Span(17, 26, "LONG", 1, "a")]
    echoes.note(text, spans)
    found = echoes.within("x123456789012 123456", [], nothing_stays)
    assert [(one.start, one.end, one.label) for one in found] == [(1, 13, "LONG"), (14, 20, "SHORT")]


def test_many_echoes_that_begin_alike_are_all_found() -> None:
    values = [f"aaaaaa1{number}" for number in range(1_500)]
    echoes = Echoes()
    for value in values:
        echoes.note(value, [Span(0, len(value), "X", 1, "a")])
    assert len(echoes.within(" ".join(values), [], nothing_stays)) == len(values)


def test_short_names_are_not_cut_out_of_words() -> None:
    echoes = Echoes()
    echoes.note("Al also", [Span(0, 2, "PERSON", 0.9, "names")])
    assert not echoes.within("Al also", [Span(0, 2, "PERSON", 0.9, "names")], nothing_stays)


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
