"""A shop's own patterns: found like the built-in kinds, and refused by name where they cannot work."""

from typing import Any

import pytest

from privacy import Detector
from privacy.detect import DEFAULT, OwnPattern, PatternError, own


def found(text: str, *patterns: OwnPattern) -> list[tuple[str, str]]:
    detector = Detector([*DEFAULT, *own(patterns)])
    return [(span.label, text[span.start : span.end]) for span in detector.detect([text])[0]]


def test_an_own_pattern_is_found_where_it_stands_alone_beside_the_built_in_kinds() -> None:
    customer = OwnPattern("CUSTOMER_NUMBER", "KD-[0-9]{6}")
    text = "é kd-123456, KD-12345, XKD-123456 and \uff2b\uff24-123\u200b457 of anna@example.org"
    assert found(text, customer) == [
        ("CUSTOMER_NUMBER", "kd-123456"),
        ("CUSTOMER_NUMBER", "\uff2b\uff24-123\u200b457"),
        ("EMAIL", "anna@example.org"),
    ]


def test_a_weak_own_pattern_counts_with_its_context_words_only() -> None:
    loyalty = OwnPattern("LOYALTY", "[0-9]{5}", context=("bonuskarte*", "积分"), score=0.2)
    assert found("Bonuskartennummer 12345", loyalty) == found("12345积分", loyalty) == [("LOYALTY", "12345")]
    assert found("article 12345", loyalty) == []


@pytest.mark.parametrize(
    ("checksum", "right", "wrong"),
    [
        ("luhn", "79927-398713", "79927-398710"),
        ("verhoeff", "23-63", "23-64"),
        ("mod97", "GB82-WEST-12345698765432", "GB83-WEST-12345698765432"),
    ],
)
def test_an_own_pattern_may_have_a_checksum(checksum: str, right: str, wrong: str) -> None:
    detector = Detector(own([OwnPattern("MEMBER", "[a-z0-9-]{5,30}", checksum=checksum)]))
    assert [(span.start, span.end) for span in detector.detect([f"({right})"])[0]] == [(1, len(right) + 1)]
    assert detector.detect([f"({wrong})"]) == [[]]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"regex": "(?=a)b"}, "not valid RE2"),
        ({"regex": "(unclosed"}, "not valid RE2"),
        ({"regex": "[0-9]+"}, r"repeats without end"),
        ({"regex": "a{3,}"}, r"repeats without end"),
        ({"regex": "a?"}, "empty text"),
        ({"regex": "kundé"}, "ASCII"),
        ({"checksum": "crc32"}, "none of luhn, mod97, verhoeff"),
        ({"score": 0.0}, "score"),
        ({"context": ("*",)}, "context words"),
    ],
)
def test_a_pattern_that_cannot_work_is_refused_with_its_label_and_the_reason(
    changes: dict[str, Any], message: str
) -> None:
    values = {"label": "BADGE", "regex": "[0-9]{5}"} | changes
    with pytest.raises(PatternError, match=message) as raised:
        own([OwnPattern(**values)])
    assert "'BADGE'" in str(raised.value)


@pytest.mark.parametrize("label", ["", "customer", "KUNDEN NR", "1A", "A" * 41])
def test_a_label_that_would_break_placeholders_is_refused(label: str) -> None:
    with pytest.raises(PatternError, match="a label is capitals"):
        own([OwnPattern(label, "[0-9]{5}")])


def test_signs_inside_classes_and_escapes_are_no_repetitions() -> None:
    assert found("a+*b and x.y", OwnPattern("CODE", r"[a+*]{2,3}\*?b")) == [("CODE", "a+*b")]
