"""Finding personal data in texts."""

from privacy.detect.detector import Detector
from privacy.detect.recognizer import Found, Pattern, PatternRecognizer
from privacy.detect.span import Span, SpanTagger
from privacy.detect.table import DEFAULT

__all__ = ["DEFAULT", "Detector", "Found", "Pattern", "PatternRecognizer", "Span", "SpanTagger"]
