"""HTML character references, zero-width characters, marks and emoji: a hidden value is found, and exactly it."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy import Detector
from privacy.detect.character_references import reading

DETECTOR = Detector()
VALUES = {
    "anna.k@example.org": "EMAIL",
    "4111 1111 1111 1111": "CARD",
    "GB82WEST12345698765432": "IBAN",
    "192.168.17.3": "IP",
    "+49 171 1234567": "PHONE",
    "RSSMRA85T10A562S": "NATIONAL_ID",
    "00:1a:2b:3c:4d:5e": "MAC",
    "AKIAIOSFODNN7EXAMPLE": "SECRET",
}
NAMED = {"@": "&commat;", ".": "&period;", " ": "&nbsp;", "+": "&plus;", ":": "&colon;"}
INVISIBLE = ["\u200b", "\u2060", "\u00ad", "\ufeff", "&#8203;", "&#x200B;", "&ZeroWidthSpace;", "&shy;"]
# Nothing that goes on with a value: no letters, digits, joints or signs that belong to one.
around = st.lists(
    st.sampled_from(
        [
            "🎉",
            "👩\u200d👧",
            " ",
            "é ",
            "\u0301",
            "，",
            "&amp; ",
            "&#128512;",
            "&nbsp;",
            "電",
            "\n",
            "& ",
            "&#; ",
        ]
    ),
    max_size=8,
).map("".join)


@st.composite
def hidden(draw: st.DrawFn) -> tuple[str, str]:
    """A kind, and a value of it in a disguise through which a reader of the page sees it."""
    value = draw(st.sampled_from(sorted(VALUES)))
    pieces = []
    for character in value:
        form = draw(st.sampled_from(["plain", "plain", "decimal", "hexadecimal", "named", "wide"]))
        pieces.append(
            {
                "plain": character,
                "decimal": f"&#{ord(character)};",
                "hexadecimal": f"&#x{ord(character):04x};",
                "named": NAMED.get(character, character),
                "wide": chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character,
            }[form]
        )
        pieces.append(draw(st.sampled_from(["", "", "", *INVISIBLE])))
    return VALUES[value], "".join(pieces[:-1])


@given(around, hidden(), around)
def test_a_hidden_value_is_found_from_its_first_to_its_last_character(
    before: str, one: tuple[str, str], after: str
) -> None:
    label, value = one
    text = f"{before} {value} {after}"
    start = len(before) + 1
    spans = [(span.label, span.start, span.end) for span in DETECTOR.detect([text])[0]]
    assert spans == [(label, start, start + len(value))]


@given(around, hidden(), around)
def test_masking_by_the_spans_leaves_what_stood_around(before: str, one: tuple[str, str], after: str) -> None:
    text = f"{before} {one[1]} {after}"
    for span in reversed(DETECTOR.detect([text])[0]):
        text = text[: span.start] + "█" + text[span.end :]
    assert text == f"{before} █ {after}"


@given(st.text(st.sampled_from("&#;x1234567890aAmpltcoma@. é🎉\ud800\u200b"), max_size=80))
def test_spans_lie_in_texts_of_broken_references_in_order(text: str) -> None:
    ends = [0]
    for span in DETECTOR.detect([text])[0]:
        assert ends[-1] <= span.start < span.end <= len(text)
        ends.append(span.end)


@given(st.text(st.one_of(st.characters(), st.sampled_from("&#;xaAmplt1")), max_size=80))
def test_every_character_that_is_read_stands_somewhere_in_the_writing(text: str) -> None:
    read = reading(text)
    if read is None:
        return
    assert len(read.starts) == len(read.ends) == len(read.text)
    for character, start, end in zip(read.text, read.starts, read.ends, strict=True):
        assert character in html.unescape(text[start:end])


def test_texts_without_references_are_read_as_they_are_written() -> None:
    assert [reading(text) for text in ("", "R&B", "a & b; c", "x;y", "&;", "&#;", "&nosemicolon")] == [
        None
    ] * 7


@pytest.mark.parametrize(
    "text",
    ["Smith&#4111 1111 1111 1111", "&#4111111111111111;", "&x4111111111111111;", "&lt4111111111111111;"],
)
def test_what_looks_like_a_reference_hides_no_value(text: str) -> None:
    spans = DETECTOR.detect([text])[0]
    assert [span.label for span in spans] == ["CARD"]
    assert "1111111" in text[spans[0].start : spans[0].end].replace(" ", "")


def test_context_words_are_read_through_references_too() -> None:
    text = "n&eacute;e le 12/03/1990"
    (span,) = DETECTOR.detect([text])[0]
    assert (span.label, text[span.start : span.end]) == ("BIRTH_DATE", "12/03/1990")


def test_references_without_their_semicolon_are_read_as_browsers_do() -> None:
    text = "anna&#64example&#46;org"
    (span,) = DETECTOR.detect([text])[0]
    assert (span.label, span.start, span.end) == ("EMAIL", 0, len(text))
