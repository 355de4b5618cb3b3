"""Our detector, as the guard uses it."""

import asyncio
from collections.abc import Sequence
from importlib.metadata import version

from privacy.detect import DEFAULT, Detector, Span, SpanTagger
from privacy.detect.tagger import tagged
from privacy.evaluation.labels import TAGGER_KINDS
from privacy.evaluation.turns import System

NAME = "shopstream"


def shopstream(tagger: SpanTagger | None = None) -> System:
    """The default recognizers, and a tagger where one is given."""
    detector = Detector()

    def find(texts: Sequence[str]) -> list[list[Span]]:
        return detector.detect(texts, None if tagger is None else asyncio.run(tagged(tagger, texts)))

    kinds = frozenset(recognizer.label for recognizer in DEFAULT)
    return System(
        name=NAME,
        find=find,
        kinds=kinds if tagger is None else kinds | TAGGER_KINDS,
        about=f"shopstream {version('shopstream')}, {len(DEFAULT)} recognizers, "
        + ("no tagger" if tagger is None else "with a tagger"),
    )
