"""Spans as they are of use: of windows together, of one thing together, and without what is around them."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from models.engine.spans import Span

JOINED: Final = frozenset({"ADDRESS"})
"""Labels whose neighbours are one thing: an address is written in parts. Names beside each other are two people's."""
_BETWEEN_PARTS: Final = re.compile(r"\s*[,;/、，·•|-]?\s*")
"""What stands between the parts of one thing, lines included."""
_KEPT: Final = frozenset("LNM")
"""Categories (Unicode) that begin and end a name; a letter's mark belongs to it."""


def tidy(text: str, spans: Sequence[Span]) -> list[Span]:
    """A text's spans: sorted, disjoint, each with a letter or digit at either end.

    Args:
        text: where they stand.
        spans: in any order; overlapping ones, as two windows have them, become one.
    """
    trimmed = [one for span in spans if (one := _trimmed(text, span)) is not None]
    found: list[Span] = []
    for span in sorted(trimmed, key=lambda one: (one.begin, -one.end)):
        if found and (span.begin < found[-1].end or _one_thing(text, found[-1], span)):
            found[-1] = _together(found[-1], span)
        else:
            found.append(span)
    return found


def _one_thing(text: str, left: Span, right: Span) -> bool:
    same = left.label == right.label and left.label in JOINED
    return same and _BETWEEN_PARTS.fullmatch(text, left.end, right.begin) is not None


def _together(left: Span, right: Span) -> Span:
    """One span over both, as sure as the surer of them, which gives the label."""
    surer = max(left, right, key=lambda one: one.probability)
    return replace(surer, begin=left.begin, end=max(left.end, right.end))


def _trimmed(text: str, span: Span) -> Span | None:
    """The span without punctuation, symbols and space at its ends; None where nothing is left."""
    begin, end = span.begin, span.end
    while begin < end and not _keeps(text[begin]):
        begin += 1
    while begin < end and not _keeps(text[end - 1]):
        end -= 1
    if begin == end:
        return None
    return span if (begin, end) == (span.begin, span.end) else replace(span, begin=begin, end=end)


def _keeps(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character)[0] in _KEPT
