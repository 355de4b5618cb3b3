"""The detector: one linear pass tells which patterns occur in a text; only those are looked at closely."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import re2

from privacy.detect.character_references import reading
from privacy.detect.explanation import Explanation, Verdict, told_apart
from privacy.detect.fold import fold, latin1, offsets
from privacy.detect.recognizer import CONTEXT_WEIGHT, Found, PatternRecognizer
from privacy.detect.span import Span, merged
from privacy.detect.table import DEFAULT

THRESHOLD = 0.5
_AUTOMATON_BYTES = 64 << 20


class Detector:
    """Finds personal data by patterns, checksums and context; what a tagger model found joins it.

    A text with HTML character references is searched twice, as it is written and as it reads, so that neither
    form hides a value.

    Args:
        recognizers: the kinds to look for; the order breaks ties between equal findings.
        threshold: findings below this score (after context) are dropped, the tagger's too.
        thresholds: other thresholds for some labels.

    Raises:
        ValueError: a threshold is not in 0..1.
    """

    def __init__(
        self,
        recognizers: Sequence[PatternRecognizer] = DEFAULT,
        threshold: float = THRESHOLD,
        thresholds: Mapping[str, float] | None = None,
    ) -> None:
        self._threshold = threshold
        self._thresholds = dict(thresholds or {})
        for label, value in {"all kinds": threshold, **self._thresholds}.items():
            if not 0 <= value <= 1:
                raise ValueError(f"threshold of {label}: {value} is not in 0..1")
        self._searches = [
            (recognizer, index) for recognizer in recognizers for index in range(len(recognizer.patterns))
        ]
        self._occurring = _all_at_once(
            [recognizer.patterns[index].occurrence() for recognizer, index in self._searches]
        )

    def detect(
        self, texts: Sequence[str], tagged: Sequence[Sequence[Span]] | None = None
    ) -> list[list[Span]]:
        """The findings in each text: sorted, disjoint (see `span.merged`), in code points.

        Args:
            texts: what is searched.
            tagged: what a tagger found in each; see `tagger.tagged`.
        """
        return [merged(spans) if spans else spans for spans in self.findings(texts, tagged)]

    def findings(
        self, texts: Sequence[str], tagged: Sequence[Sequence[Span]] | None = None
    ) -> list[list[Span]]:
        """The findings in each text before overlaps are resolved, for callers that leave some kinds out.

        Arguments as of `detect`.
        """
        found = [self._by_patterns(text) for text in texts]
        if tagged is not None:
            for spans, more in zip(found, tagged, strict=True):
                spans += [span for span in more if span.score >= self._needed(span.label)]
        return found

    def matches(self, value: str) -> bool:
        """Whether a short value such as an identifier looks like personal data by the patterns alone."""
        return bool(self._by_patterns(value))

    def explain(self, text: str, tagged: Iterable[Span] = ()) -> list[Explanation]:
        """Every candidate in `text`, found or rejected, with the reason, in order of appearance.

        Overlaps are not resolved: `detect` makes one span of overlapping findings. Costs more than `detect`.

        Args:
            text: what is searched.
            tagged: what a tagger found in it.
        """
        candidates = list(self._explained(text))
        if (read := reading(text)) is not None:
            candidates += [
                one.moved(*read.written(one.span.start, one.span.end)) for one in self._explained(read.text)
            ]
        for span in tagged:
            needed = self._needed(span.label)
            verdict = Verdict.FOUND if span.score >= needed else Verdict.BELOW_THRESHOLD
            candidates.append(Explanation(span, verdict, span.score, needed))
        return told_apart(candidates)

    def _needed(self, label: str) -> float:
        return self._thresholds.get(label, self._threshold)

    def _by_patterns(self, text: str) -> list[Span]:
        folded = fold(text)
        occurring = self._occurring.Match(folded)
        spans = self._closely(text, folded, occurring) if occurring else []
        if "&" in text and (read := reading(text)) is not None:
            folded = fold(read.text)
            for span in self._closely(read.text, folded, self._occurring.Match(folded) or ()):
                spans.append(span.moved(*read.written(span.start, span.end)))
        return spans

    def _closely(self, text: str, folded: bytes, occurring: Iterable[int]) -> list[Span]:
        """What the patterns with these numbers find."""
        places = offsets(text, folded)
        spans = []
        for number in sorted(occurring):
            recognizer, index = self._searches[number]
            needed = self._needed(recognizer.label)
            for _, _, found in recognizer.candidates(folded, index):
                if found is not None:
                    span, _ = self._judged(text, places, recognizer, found)
                    if span.score >= needed:
                        spans.append(span)
        return spans

    def _judged(
        self, text: str, places: list[int] | None, recognizer: PatternRecognizer, found: Found
    ) -> tuple[Span, str | None]:
        """A finding in the text with its final score, and the context word that raised it."""
        start, end, score = found
        if places is not None:
            start, end = places[start], places[end - 1] + 1
        word = None
        if score < self._needed(recognizer.label):
            word = recognizer.vicinity.near(text, start, end)
            if word is not None:
                score = min(1.0, score + CONTEXT_WEIGHT)
        return Span(start, end, recognizer.label, score, recognizer.name), word

    def _explained(self, text: str) -> Iterator[Explanation]:
        folded = fold(text)
        places = offsets(text, folded)
        for number in sorted(self._occurring.Match(folded) or ()):
            recognizer, index = self._searches[number]
            needed, score = self._needed(recognizer.label), recognizer.patterns[index].score
            for start, end, found in recognizer.candidates(folded, index):
                span, word = self._judged(text, places, recognizer, found or Found(start, end, score))
                if found is None:
                    yield Explanation(span, Verdict.FAILED_CHECK, score, needed, recognizer.check)
                else:
                    verdict = Verdict.FOUND if span.score >= needed else Verdict.BELOW_THRESHOLD
                    yield Explanation(span, verdict, found.score, needed, recognizer.check, word)


def _all_at_once(expressions: Sequence[bytes]) -> "re2.Set":
    """One automaton that tells which of the expressions match somewhere."""
    options = re2.Options()
    options.encoding = latin1().encoding
    options.log_errors = False
    options.max_mem = _AUTOMATON_BYTES
    together = re2.Set.SearchSet(options)
    for expression in expressions:
        together.Add(expression)
    together.Compile()
    return together
