"""Masking: findings replaced by placeholders, so that the language around them survives."""

from collections.abc import Sequence
from itertools import pairwise

from privacy.detect.span import Span
from privacy.placeholders import Placeholders


def mask(text: str, spans: Sequence[Span], placeholders: Placeholders) -> str:
    """`text` with its findings replaced, and nothing else changed.

    Args:
        text: the original.
        spans: disjoint findings in it, in code points; the order does not matter.
        placeholders: what to write for each.

    Raises:
        ValueError: spans overlap or reach outside the text.
    """
    ordered = sorted(spans, key=lambda span: span.start)
    _check(text, ordered)
    pieces: list[str] = []
    position = 0
    for span in ordered:
        pieces += text[position : span.start], placeholders.of(span.label, text[span.start : span.end])
        position = span.end
    pieces.append(text[position:])
    return "".join(pieces)


def _check(text: str, ordered: Sequence[Span]) -> None:
    if any(not 0 <= span.start < span.end <= len(text) for span in ordered):
        raise ValueError(
            "mask: a span is empty or reaches outside its text; pass the spans of this very text"
        )
    if any(left.end > right.start for left, right in pairwise(ordered)):
        raise ValueError("mask: spans overlap; merge them first")
