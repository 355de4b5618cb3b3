"""Echoes: further occurrences of a value that was found elsewhere in the same event.

A number vouched for by context words in one place is the same number where it stands without them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from privacy.detect.span import Span, merged

ECHO = "echo"
"""The recognizer of what `within` finds."""

_SHORTEST = 6
_WORK = 64_000_000
"""Bound on values times text length; 20,000 code points never reach it."""

Stays = Callable[[str, str], bool]
"""Whether a value, given its kind and itself, stays in the text."""


class Echoes:
    """The values found in one event, in all its fields."""

    def __init__(self) -> None:
        self._labels: dict[str, str] = {}

    def note(self, text: str, spans: Iterable[Span]) -> None:
        """Remember what stands at `spans`."""
        for span in spans:
            value = text[span.start : span.end]
            if _recognisable(value):
                self._labels.setdefault(value, span.label)

    def within(self, text: str, spans: Sequence[Span], stays: Stays) -> list[Span]:
        """Where remembered values stand in `text` outside of `spans`: sorted, overlapping ones as one.

        Args:
            text: one of the event's fields.
            spans: what was found in it, sorted and disjoint.
            stays: tells what is left alone.
        """
        if len(self._labels) * len(text) > _WORK:
            return []
        gaps = list(_gaps(spans, len(text)))
        outside = "\n".join(text[start:end] for start, end in gaps)
        echoes = {
            value: label
            for value, label in self._labels.items()
            if value in outside and not stays(label, value)
        }
        if not echoes:
            return []
        lengths = _lengths(echoes)
        return merged([span for gap in gaps for span in _occurrences(text, echoes, lengths, *gap)])


def _recognisable(value: str) -> bool:
    """Whether it can be looked for elsewhere: it is long enough, and no ordinary word."""
    return len(value) >= _SHORTEST and ("@" in value or any(map(str.isdigit, value)))


def _gaps(spans: Sequence[Span], length: int) -> Iterator[tuple[int, int]]:
    position = 0
    for span in spans:
        if position < span.start:
            yield position, span.start
        position = span.end
    if position < length:
        yield position, length


def _lengths(values: Iterable[str]) -> dict[str, list[int]]:
    """By their beginning, the lengths of values, longest first; a text has room for few of one beginning."""
    lengths: dict[str, set[int]] = {}
    for value in values:
        lengths.setdefault(value[:_SHORTEST], set()).add(len(value))
    return {beginning: sorted(known, reverse=True) for beginning, known in lengths.items()}


def _occurrences(
    text: str, echoes: Mapping[str, str], lengths: Mapping[str, list[int]], start: int, end: int
) -> Iterator[Span]:
    """The longest value that stands at each place of `text[start:end]`."""
    for place in range(start, end - _SHORTEST + 1):
        for length in lengths.get(text[place : place + _SHORTEST], ()):
            value = text[place : place + length]
            if place + length <= end and value in echoes:
                yield Span(place, place + length, echoes[value], 1.0, ECHO)
                break
