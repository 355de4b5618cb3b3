"""Where personal data stands in a text, and the port for models that find it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self


@dataclass(frozen=True, slots=True)
class Span:
    """One finding: code points `start` to `end` (exclusive), its kind, how sure (0..1), who found it."""

    start: int
    end: int
    label: str
    score: float
    recognizer: str

    def moved(self, start: int, end: int) -> Self:
        """The same finding at another place."""
        return replace(self, start=start, end=end)


class SpanTagger(Protocol):
    """A model that finds what patterns cannot: names, addresses. The one model that sees plaintext."""

    async def tag(self, texts: Sequence[str], topics: Collection[str] = ()) -> list[list[Span]]:
        """The findings in each of `texts`, in their order; those of a text sorted and disjoint, in code points.

        A text is searched to its end, however long it is. What can't be searched is an error, never an empty
        answer: the text would leave as it is. `tagger.tagged` holds an answer to this.

        Args:
            texts: all of a batch, each once, so that they can be searched together.
            topics: whose events they are from; somebody may wait for those of some.
        """
        ...


def merged(spans: Sequence[Span]) -> list[Span]:
    """The overlap rule: spans that overlap become one over their union.

    Its label, score and recognizer are those of the surest of them; of equally sure ones the longest, then
    the first, counts. The union, because what only a weaker finding covered must not stay behind in the text.
    """
    if len(spans) < 2:
        return list(spans)
    result: list[Span] = []
    best: Span | None = None
    for span in sorted(spans, key=lambda span: span.start):
        if best is None or span.start >= result[-1].end:
            result.append(span)
            best = span
            continue
        best = max(best, span, key=lambda candidate: (candidate.score, candidate.end - candidate.start))
        union = result[-1]
        end = max(union.end, span.end)
        result[-1] = Span(union.start, end, best.label, best.score, best.recognizer)
    return result
