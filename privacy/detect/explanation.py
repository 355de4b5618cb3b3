"""Why something was found or left alone: for `shopstream privacy check --explain`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from privacy.detect.span import Span


class Verdict(StrEnum):
    """What became of a candidate."""

    FOUND = "found"
    FAILED_CHECK = "failed check"
    BELOW_THRESHOLD = "below threshold"


@dataclass(frozen=True, slots=True)
class Explanation:
    """One candidate, before overlaps are resolved.

    Args:
        span: where it stands, its kind, its final score and who proposed it. It holds no text.
        verdict: what became of it.
        pattern_score: how sure the pattern or the tagger was without context (0..1).
        threshold: what the final score had to reach (0..1).
        check: in words, the check that was passed or failed; empty where the shape alone decides.
        context_word: the word nearby that raised the score, if one was needed and stood there.
    """

    span: Span
    verdict: Verdict
    pattern_score: float
    threshold: float
    check: str = ""
    context_word: str | None = None

    def moved(self, start: int, end: int) -> Self:
        """The same candidate at another place."""
        return replace(self, span=self.span.moved(start, end))


def told_apart(candidates: Sequence[Explanation]) -> list[Explanation]:
    """Candidates in order of appearance, without repetitions.

    A search resumes one character after a rejected match, so the same number comes back without its first
    digits: what lies inside an earlier candidate of the same recognizer is left out, unless it was found.
    """
    result: list[Explanation] = []
    covered: dict[str, int] = {}
    known: set[tuple[int, int, str]] = set()
    in_order = sorted(
        candidates,
        key=lambda one: (one.span.start, -one.span.end, one.verdict is not Verdict.FOUND, -one.span.score),
    )
    for one in in_order:
        key = one.span.start, one.span.end, one.span.recognizer
        inside = one.span.end <= covered.get(one.span.recognizer, 0)
        if key not in known and (one.verdict is Verdict.FOUND or not inside):
            known.add(key)
            covered[one.span.recognizer] = max(one.span.end, covered.get(one.span.recognizer, 0))
            result.append(one)
    return result
