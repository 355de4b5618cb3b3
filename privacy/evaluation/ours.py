"""Our detector, as the guard uses it."""

from importlib.metadata import version

from privacy.detect import DEFAULT, Detector, SpanTagger
from privacy.evaluation.labels import TAGGER_KINDS
from privacy.evaluation.turns import System

NAME = "shopstream"


def shopstream(tagger: SpanTagger | None = None) -> System:
    """The default recognizers, and a tagger where one is given."""
    detector = Detector(tagger=tagger)
    kinds = frozenset(recognizer.label for recognizer in DEFAULT)
    return System(
        name=NAME,
        find=detector.detect,
        kinds=kinds if tagger is None else kinds | TAGGER_KINDS,
        about=f"shopstream {version('shopstream')}, {len(DEFAULT)} recognizers, "
        + ("no tagger" if tagger is None else "with a tagger"),
    )
