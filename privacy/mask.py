"""Masking: findings replaced by typed, numbered placeholders, so that the language around them survives."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from privacy.detect.fold import fold
from privacy.detect.span import Span

_SHORTEST_ECHO = 6
_ECHO_WORK = 64_000_000
"""Bound on values times text length when looking for echoes; 20,000 code points never reach it."""


class Numbering:
    """The placeholders of one event: `[EMAIL_1]`, `[EMAIL_2]`, … by kind, in order of appearance.

    The same value gets the same number across the event's fields; spelling differences that do not make
    another value (case, separators, full-width digits) do not count.
    """

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        """How many placeholders of each kind `mask` has written."""
        self._of_value: dict[tuple[str, bytes], str] = {}
        self._of_spelling: dict[tuple[str, str], str] = {}
        self._last: dict[str, int] = {}
        self._echoing: dict[str, tuple[str, str]] = {}

    def placeholder(self, label: str, value: str) -> str:
        """The placeholder of `value`, a new one if it was not met before."""
        placeholder = self._of_spelling.get((label, value))
        if placeholder is None:
            placeholder = self._of_spelling[label, value] = self._numbered(label, _identity(value))
            if _echoing(value):
                self._echoing[value] = label, placeholder
        return placeholder

    def _numbered(self, label: str, identity: bytes) -> str:
        placeholder = self._of_value.get((label, identity))
        if placeholder is None:
            number = self._last[label] = self._last.get(label, 0) + 1
            placeholder = self._of_value[label, identity] = f"[{label}_{number}]"
        return placeholder

    def written(self, label: str, value: str) -> str:
        """The placeholder of `value`, counted as one more in the masked text."""
        self._count(label, 1)
        return self.placeholder(label, value)

    def _count(self, label: str, more: int) -> None:
        self.counts[label] = self.counts.get(label, 0) + more

    def register(self, text: str, spans: Iterable[Span]) -> None:
        """Number a field's findings before any field is masked, so that each is cleared of all of them."""
        for span in spans:
            self.placeholder(span.label, text[span.start : span.end])

    def clear_echoes(self, text: str) -> str:
        """`text` with every further occurrence of a known value replaced.

        A number vouched for by context words in one place is the same number where it stands without them.
        """
        if len(self._echoing) * len(text) > _ECHO_WORK:
            return text
        echoes = [value for value in self._echoing if value in text]
        for value in sorted(echoes, key=len, reverse=True):
            label, placeholder = self._echoing[value]
            self._count(label, text.count(value))
            text = text.replace(value, placeholder)
        return text


def mask(text: str, spans: Sequence[Span], numbering: Numbering) -> str:
    """`text` with its findings, and other occurrences of values that `numbering` knows, replaced.

    Args:
        text: the original.
        spans: disjoint findings in it, in code points; the order does not matter.
        numbering: shared by all fields of one event.

    Raises:
        ValueError: spans overlap or reach outside the text.
    """
    ordered = sorted(spans, key=lambda span: span.start)
    _check(text, ordered)
    numbering.register(text, ordered)
    pieces: list[str] = []
    position = 0
    for span in ordered:
        pieces += text[position : span.start], numbering.written(span.label, text[span.start : span.end])
        position = span.end
    pieces.append(text[position:])
    return numbering.clear_echoes("".join(pieces))


def _check(text: str, ordered: Sequence[Span]) -> None:
    if any(not 0 <= span.start < span.end <= len(text) for span in ordered):
        raise ValueError(
            "mask: a span is empty or reaches outside its text; pass the spans of this very text"
        )
    if any(left.end > right.start for left, right in pairwise(ordered)):
        raise ValueError("mask: spans overlap; merge them first")


def _echoing(value: str) -> bool:
    """Whether to look for `value` elsewhere: it is no ordinary word, and no part of a placeholder."""
    return len(value) >= _SHORTEST_ECHO and (
        "@" in value or ("_" not in value and any(map(str.isdigit, value)))
    )


def _identity(value: str) -> bytes:
    """What is the same in another spelling: folded, lower case, without separators (but for e-mail)."""
    folded = fold(value).lower()
    kept = folded if b"@" in folded else folded.translate(None, b" .-/()+")
    return kept if value.isascii() or kept.isdigit() else value.casefold().encode("utf-8", "surrogatepass")
