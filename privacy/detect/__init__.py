"""Finding personal data in texts."""

from privacy.detect.detector import Detector
from privacy.detect.explanation import Explanation, Verdict
from privacy.detect.own import OwnPattern, PatternError, own
from privacy.detect.recognizer import Found, Pattern, PatternRecognizer
from privacy.detect.span import Span, SpanTagger
from privacy.detect.table import DEFAULT, KINDS
from privacy.detect.tagger import TaggerDefect

__all__ = [
    "DEFAULT",
    "KINDS",
    "Detector",
    "Explanation",
    "Found",
    "OwnPattern",
    "Pattern",
    "PatternError",
    "PatternRecognizer",
    "Span",
    "SpanTagger",
    "TaggerDefect",
    "Verdict",
    "own",
]
