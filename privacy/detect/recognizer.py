"""What a recognizer is: patterns, a check of what they matched, and context words.

Patterns are RE2 syntax (linear time, no lookaround) on folded texts (see `fold`). Each carries the score of a
match that passed the check: how sure it is without any context. Context words near it add `CONTEXT_WEIGHT`. A
finding counts from the detector's threshold on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import re2

from privacy.detect.context import AFTER, BEFORE, Context
from privacy.detect.fold import latin1

CONTEXT_WEIGHT = 0.4

NOT_A_DIGIT = "[^0-9]"
NOT_ALPHANUMERIC = r"[^0-9A-Za-z\xe0]"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A shape to look for.

    Args:
        regex: RE2 syntax, case-insensitive, of bounded length (a search resumes one character on after a
            match that failed its check, which is linear for bounded matches only).
        score: how sure a match is that passed the check, without context (0..1).
        border: what has to stand right before and after a match, unless the text begins or ends there: a
            character class, or nothing for "anything".
        hint: a simpler expression that occurs wherever this one does, for the pass over all texts; where it
            is not given, the expression itself.
    """

    regex: str
    score: float
    border: str = NOT_A_DIGIT
    hint: str = ""

    def expression(self) -> bytes:
        """What to search for; the match proper is group 1."""
        before, after = (f"(?:^|{self.border})", f"(?:{self.border}|$)") if self.border else ("", "")
        return f"(?i){before}({self.regex}){after}".encode("latin-1")

    def occurrence(self) -> bytes:
        """What tells in one pass, without saying where, whether to search at all."""
        return f"(?i){self.hint}".encode("latin-1") if self.hint else self.expression()


class Found(NamedTuple):
    """A match that passed its check: offsets into the folded text, and the score without context."""

    start: int
    end: int
    score: float


class PatternRecognizer:
    """One kind of personal data: label, patterns, context, and a check in `validate` or `examine`."""

    name: str
    label: str
    patterns: tuple[Pattern, ...]
    context: tuple[str, ...] = ()
    reach: tuple[int, int] = (BEFORE, AFTER)
    """How far context words count, in code points before and after a match."""
    check: str = ""
    """In words, for explanations: what `examine` asks of a match beyond its shape."""

    def __init__(self) -> None:
        self.vicinity = Context(self.context, *self.reach)
        self._compiled = tuple(re2.compile(pattern.expression(), latin1()) for pattern in self.patterns)

    def validate(self, value: str) -> bool:  # noqa: ARG002 - for subclasses
        """Whether a matched value is what it looks like, say by its check digits."""
        return True

    def examine(self, folded: bytes, start: int, end: int, score: float) -> Found | None:
        """Judge one match: no part of more, and valid. Override it to cut matches or to score them."""
        if joined(folded, start, end) or not self.validate(folded[start:end].decode("latin-1")):
            return None
        return Found(start, end, score)

    def candidates(self, folded: bytes, index: int) -> Iterator[tuple[int, int, Found | None]]:
        """Every match of pattern number `index`, where it stands, and what the check made of it."""
        expression, score = self._compiled[index], self.patterns[index].score
        position = 0
        while (match := expression.search(folded, position)) is not None:
            start, end = match.span(1)
            found = self.examine(folded, start, end, score)
            yield start, end, found
            position = start + 1 if found is None else max(found.end, start + 1)


_JOINTS = frozenset({b".", b"-", b"/", b":"})


def joined(folded: bytes, start: int, end: int) -> bool:
    """Whether digits go on behind a joint on either side of a match, as in 112-1234567-1234567."""
    before, after = folded[max(0, start - 2) : start], folded[end : end + 2]
    return (before[-1:] in _JOINTS and before[:1].isdigit()) or (after[:1] in _JOINTS and after[1:].isdigit())


def digits(value: str) -> str:
    """The digits of `value`, in order."""
    return "".join(filter(str.isdigit, value))
