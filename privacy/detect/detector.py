"""The detector: one linear pass tells which patterns occur in a text; only those are looked at closely."""

from collections.abc import Sequence

import re2

from privacy.detect.fold import fold, latin1, offsets
from privacy.detect.recognizer import CONTEXT_WEIGHT, Found, PatternRecognizer
from privacy.detect.span import Span, SpanTagger, merged
from privacy.detect.table import DEFAULT

THRESHOLD = 0.5
_AUTOMATON_BYTES = 64 << 20


class Detector:
    """Finds personal data by patterns, checksums and context, and by a tagger model where one is given.

    Args:
        recognizers: the kinds to look for; the order breaks ties between equal findings.
        tagger: a model for names, addresses and the like.
        threshold: findings below this score (after context) are dropped, the tagger's too.
    """

    def __init__(
        self,
        recognizers: Sequence[PatternRecognizer] = DEFAULT,
        tagger: SpanTagger | None = None,
        threshold: float = THRESHOLD,
    ) -> None:
        self._tagger = tagger
        self._threshold = threshold
        self._searches = [
            (recognizer, index) for recognizer in recognizers for index in range(len(recognizer.patterns))
        ]
        self._occurring = _all_at_once(
            [recognizer.patterns[index].occurrence() for recognizer, index in self._searches]
        )

    def detect(self, texts: Sequence[str]) -> list[list[Span]]:
        """The findings in each text: sorted, disjoint (see `span.merged`), in code points."""
        found = [self._by_patterns(text) for text in texts]
        if self._tagger is not None:
            tagged = self._tagger.tag(texts)
            found = [
                spans + [span for span in more if span.score >= self._threshold]
                for spans, more in zip(found, tagged, strict=True)
            ]
        return [merged(spans) if spans else spans for spans in found]

    def matches(self, value: str) -> bool:
        """Whether a short value such as an identifier looks like personal data by the patterns alone."""
        return bool(self._by_patterns(value))

    def _by_patterns(self, text: str) -> list[Span]:
        folded = fold(text)
        occurring = self._occurring.Match(folded)
        if not occurring:
            return []
        places = offsets(text, folded)
        spans = []
        for number in sorted(occurring):
            recognizer, index = self._searches[number]
            for found in recognizer.search(folded, index):
                span = self._judged(text, places, recognizer, found)
                if span is not None:
                    spans.append(span)
        return spans

    def _judged(
        self, text: str, places: list[int] | None, recognizer: PatternRecognizer, found: Found
    ) -> Span | None:
        start, end, score = found
        if places is not None:
            start, end = places[start], places[end - 1] + 1
        if score < self._threshold and recognizer.vicinity.near(text, start, end):
            score += CONTEXT_WEIGHT
        if score < self._threshold:
            return None
        return Span(start, end, recognizer.label, score, recognizer.name)


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
