"""The task of `shopstream train reviews`: a sentiment head on a frozen encoder, beside its baselines.

Candidates (linear or one hidden layer; class weights or not) are trained on the training part and chosen on
validation, which also stops each training early and sets the temperature. The test part is used once, at the end.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.engine.backend import Vectors
from models.engine.encoder import Encoder
from models.identity import ModelIdentity
from models.reviews.head import SentimentHead
from models.reviews.labels import LABELS
from models.training.baselines import SvmPrediction, TextsAndLabels, majority, tfidf_svm
from models.training.embedded import Progress, embedded
from models.training.metrics import Metrics, measure
from models.training.review_data import ReviewData
from models.training.sentiment_candidates import CANDIDATES, Examples, Tried, try_candidate
from models.training.splits import Part

HEAD_ID = "review-sentiment"
HEAD, SVM, MAJORITY = "sentiment head", "TF-IDF + linear SVM", "majority class"


@dataclass(frozen=True, slots=True)
class SentimentReport:
    """What a training came to.

    Attributes:
        encoder: whose vectors the head reads, and what they were computed on.
        tried: every candidate; `chosen` is one of them.
        test: metrics on the test part of the head, the SVM and the majority class.
        svm_settings: what validation chose for the SVM.
        seconds: wall-clock time by stage.
    """

    encoder: ModelIdentity
    runs_on: str
    seed: int
    tried: tuple[Tried, ...]
    chosen: Tried
    test: dict[str, Metrics]
    svm_settings: str
    seconds: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "encoder": self.encoder._asdict() | {"runs_on": self.runs_on},
            "seed": self.seed,
            "chosen": self.chosen.candidate.name,
            "temperature": self.chosen.temperature,
            "tried": [
                {"name": one.candidate.name, "epochs": one.epochs, "validation": one.validation.as_json()}
                for one in self.tried
            ],
            "test": {name: metrics.as_json() for name, metrics in self.test.items()},
            "svm_settings": self.svm_settings,
            "seconds": self.seconds,
        }


def train_review_sentiment(
    data: ReviewData, encoder: Encoder, *, seed: int, progress: Progress, cache: Path | None = None
) -> tuple[SentimentHead, SentimentReport]:
    """Train, choose, calibrate and measure a head.

    Args:
        data: reviews in their parts.
        encoder: stays as it is.
        seed: the same seed and data give the same head on the same kind of machine.
        progress: told of the stages `embedding`, `candidates`, `baselines`.
        cache: where vectors may be kept; nowhere where None.

    Returns:
        The head (not saved yet) and the report.
    """
    clock = _Clock()
    vectors = _embedded_parts(data, encoder, progress, cache)
    clock.lap("embedding")
    training, validation = (
        Examples(vectors[part], data.labels(part)) for part in (Part.TRAIN, Part.VALIDATION)
    )
    tried = []
    for number, candidate in enumerate(CANDIDATES):
        tried.append(try_candidate(candidate, training, validation, seed))
        progress("candidates", number + 1, len(CANDIDATES))
    chosen, layers = max(tried, key=lambda one: one[0].validation.selection_score)
    clock.lap("candidates")
    progress("baselines", 0, 1)
    svm = tfidf_svm(_texts(data, Part.TRAIN), _texts(data, Part.VALIDATION), data.texts(Part.TEST), LABELS)
    progress("baselines", 1, 1)
    clock.lap("baselines")
    head = SentimentHead(
        identity=ModelIdentity(HEAD_ID, f"1.0.0+{data.digest[:8]}.{encoder.digest[:8]}.{seed}", ""),
        encoder=encoder.identity,
        layers=layers,
        temperature=chosen.temperature,
    )
    report = SentimentReport(
        encoder=encoder.identity,
        runs_on=encoder.runs_on,
        seed=seed,
        tried=tuple(one for one, _ in tried),
        chosen=chosen,
        test=_test_once(head, vectors[Part.TEST], data, svm),
        svm_settings=svm.settings,
        seconds=clock.laps,
    )
    return head, report


def _embedded_parts(
    data: ReviewData, encoder: Encoder, progress: Progress, cache: Path | None
) -> dict[Part, Vectors]:
    vectors = embedded(encoder, [text for part in Part for text in data.texts(part)], progress, cache)
    ends = np.cumsum([len(data.parts[part]) for part in Part])
    return dict(zip(Part, np.split(vectors, ends[:-1]), strict=True))


def _test_once(
    head: SentimentHead, vectors: Vectors, data: ReviewData, svm: SvmPrediction
) -> dict[str, Metrics]:
    truth = data.labels(Part.TEST)
    probabilities = head.probabilities(vectors)
    return {
        HEAD: measure(truth, probabilities.argmax(axis=1), LABELS, probabilities),
        SVM: measure(truth, svm.predicted, LABELS),
        MAJORITY: measure(truth, majority(data.labels(Part.TRAIN), len(truth)), LABELS),
    }


def _texts(data: ReviewData, part: Part) -> TextsAndLabels:
    return TextsAndLabels(data.texts(part), data.labels(part))


class _Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.laps[stage] = round(now - self._last, 1)
        self._last = now
