"""The task of `shopstream train reviews`: an encoder that reads reviews, with heads for all that is known of them.

Sentiment and stars are learned together with the encoder, by cross-entropy and by squared error. Aspects and
helpfulness, of which less is known, are fitted afterwards on the finished encoder's vectors, see `fixed_heads`.
Training stops by the validation part, which also sets the temperatures. The test part is used once, at the end.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.engine.backend import Vectors
from models.reviews.evidence import TextEvidence
from models.reviews.labels import FEWEST_STARS, LABELS, MOST_STARS
from models.reviews.names import SENTIMENT, STARS
from models.training.checkpoint import Checkpoints
from models.training.fitting import ClassifierOptions, Fitted, fit
from models.training.loop import UNWATCHED, Watch
from models.training.metrics import Labels
from models.training.objectives import ClassObjective, NumberObjective, Objective
from models.training.review_data import ReviewData
from models.training.review_extras import AspectFigures, HelpfulFigures, aspect_heads, helpful_head
from models.training.review_results import Baselines, Results, baselines, results
from models.training.splits import Part
from models.training.term_models import with_terms
from models.training.text_batches import TextPart
from models.training.text_vectors import vectors_of

Progress = Callable[[str, int, int], None]
"""Told of (stage, done, total)."""

STARS_WEIGHT: Final = 0.3


@dataclass(frozen=True, slots=True)
class TrainedReviews:
    """A trained model and what is to be told of it.

    Attributes:
        fitted: encoder and all heads.
        results: on the test part.
        aspects: by name, held out by cross-validation; empty without labels.
        helpful: whether helpfulness can be told; None without counts.
        seconds: wall-clock time by stage.
    """

    fitted: Fitted
    results: Results
    aspects: dict[str, AspectFigures]
    helpful: HelpfulFigures | None
    seconds: dict[str, float]


def train_reviews(
    data: ReviewData,
    base: str,
    options: ClassifierOptions,
    *,
    watch: Watch = UNWATCHED,
    progress: Progress = lambda _stage, _done, _total: None,
    checkpoints: Checkpoints | None = None,
) -> TrainedReviews:
    """Train, calibrate and measure a model.

    Args:
        data: reviews in their parts.
        base: source of the encoder to start from.
        options: how.
        watch: told of the training's steps and epochs.
        progress: told of the stages beside it.
        checkpoints: for a training that may be killed.

    Raises:
        ArithmeticError: the loss is not finite.
        ModelError: the base can't be used, or the checkpoint is of another training.
    """
    clock = _Clock()
    # First, because it is short: once the training has ended, its checkpoint is gone.
    compared = baselines(data, progress)
    clock.lap("baselines")
    objectives = _objectives(data, options)
    names = [one.name for one in objectives]
    fitted = fit(
        _part(data, Part.TRAIN, names),
        _part(data, Part.VALIDATION, names),
        objectives,
        base,
        options.fit,
        watch=watch,
        checkpoints=checkpoints,
    )
    clock.lap("training")
    fitted = with_terms(fitted, SENTIMENT, _labelled(data, Part.TRAIN), _labelled(data, Part.VALIDATION))
    clock.lap("words")
    aspects, helpful = _extras(data, fitted, options.fit.schedule.seed, progress)
    clock.lap("aspects and helpfulness")
    found = _test_once(data, fitted, compared, progress)
    clock.lap("test")
    return TrainedReviews(fitted, found, aspects, helpful, clock.laps)


def _objectives(data: ReviewData, options: ClassifierOptions) -> list[Objective]:
    objectives: list[Objective] = [
        ClassObjective(SENTIMENT, LABELS, class_weights=options.class_weights, smoothing=options.smoothing)
    ]
    if not np.isnan(data.stars(Part.TRAIN)).all():
        objectives.append(NumberObjective(STARS, (float(FEWEST_STARS), float(MOST_STARS)), STARS_WEIGHT))
    return objectives


def _part(data: ReviewData, part: Part, names: Sequence[str]) -> TextPart:
    targets = {SENTIMENT: data.labels(part).astype(np.float32), STARS: data.stars(part)}
    return TextPart(data.texts(part), {name: targets[name] for name in names})


def _labelled(data: ReviewData, part: Part) -> tuple[Sequence[str], Labels]:
    return data.texts(part), data.labels(part)


def _extras(
    data: ReviewData, fitted: Fitted, seed: int, progress: Progress
) -> tuple[dict[str, AspectFigures], HelpfulFigures | None]:
    """Adds the heads that are fitted on fixed vectors to the model's."""

    def vectors(texts: Sequence[str], stage: str) -> Vectors:
        return vectors_of(fitted.model, texts, lambda done: progress(stage, done, len(texts)))

    aspects = aspect_heads(data, vectors, seed)
    helpful, figures = helpful_head(data, vectors, seed)
    fitted.heads.update({head.name: head for head, _ in aspects.values()})
    if helpful is not None:
        fitted.heads[helpful.name] = helpful
    return {name: one for name, (_, one) in aspects.items()}, figures


def _test_once(data: ReviewData, fitted: Fitted, compared: Baselines, progress: Progress) -> Results:
    texts = data.texts(Part.TEST)
    vectors = vectors_of(fitted.model, texts, lambda done: progress("test", done, len(texts)))
    evidence = TextEvidence(fitted.heads, fitted.terms, "this model")(texts)
    return results(data, fitted.heads, vectors, evidence, compared)


class _Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.laps[stage] = round(now - self._last, 1)
        self._last = now
