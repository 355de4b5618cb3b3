"""How well reviews are read, by the very reader that the agent uses."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from models.errors import TrainingDataError
from models.evaluation.significance import (
    Difference,
    Interval,
    McNemar,
    accuracy,
    class_interval,
    macro_f1,
    mcnemar,
    mean_interval,
    paired_classes,
    paired_means,
)
from models.reviews.reader import Reading, ReviewReader
from models.training.metrics import Labels, Metrics, Probabilities
from models.training.review_files import Review, ReviewSource
from models.training.review_metrics import among, classes_of, measured_sentiment
from models.training.splits import Part, first_of_each, part_of

CHUNK: Final = 256
"""Texts that are read at a time, as a worker's batch."""

Wanted = Literal["all", "test"]
Progress = Callable[[int], None]
"""Told how many texts are done."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Reviews whose sentiment is known, each text once.

    Attributes:
        reviews: in the file's order.
        classes: indices into `LABELS` of the sentiments that the file knows: without neutral ones, two.
        repeated: rows that were left out because their text had come before.
    """

    reviews: tuple[Review, ...]
    classes: tuple[int, ...]
    repeated: int

    @property
    def texts(self) -> list[str]:
        """What is read."""
        return [one.text for one in self.reviews]

    @property
    def truth(self) -> Labels:
        """Indices into `LABELS` [n]."""
        return np.array([one.label for one in self.reviews], np.int64)

    @property
    def stars(self) -> npt.NDArray[np.float64]:
        """Stars [n]; NaN where a review has none."""
        return np.array([np.nan if one.stars is None else one.stars for one in self.reviews], np.float64)


@dataclass(frozen=True, slots=True)
class Told:
    """What a model made of the texts: readings in order, and how many it read in a second."""

    readings: tuple[Reading, ...]
    texts_per_second: float

    @property
    def probabilities(self) -> Probabilities:
        """Of `LABELS` [n, 3]."""
        return np.array([one.probabilities for one in self.readings], np.float64)

    @property
    def stars(self) -> npt.NDArray[np.float64] | None:
        """Estimates [n]; None from a model that gives none."""
        told = [one.stars for one in self.readings]
        return None if any(one is None for one in told) else np.array(told, np.float64)


@dataclass(frozen=True, slots=True)
class StarsFigures:
    """Mean absolute error of the estimated stars.

    Attributes:
        examples: reviews with stars.
        error: of the model.
        mean_error: of always telling the mean of these very reviews, which no model can know beforehand.
    """

    examples: int
    error: Interval
    mean_error: float


@dataclass(frozen=True, slots=True)
class ReviewFigures:
    """One model.

    Attributes:
        accuracy: share of reviews whose sentiment is told rightly.
        macro_f1: mean F1 of the sentiments.
        metrics: these without intervals, calibration, figures by class, confusion.
        stars: None where no stars are known, or the model gives none.
        texts_per_second: read.
    """

    accuracy: Interval
    macro_f1: Interval
    metrics: Metrics
    stars: StarsFigures | None
    texts_per_second: float

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "accuracy": asdict(self.accuracy),
            "macro_f1": asdict(self.macro_f1),
            "ece": self.metrics.ece,
            "per_class": {label: asdict(one) for label, one in self.metrics.per_class.items()},
            "confusion": self.metrics.confusion,
            "stars": None if self.stars is None else asdict(self.stars),
            "texts_per_second": self.texts_per_second,
        }


@dataclass(frozen=True, slots=True)
class ReviewComparison:
    """The first model less the second, on the same reviews.

    Attributes:
        accuracy: difference, by paired bootstrap.
        macro_f1: likewise.
        stars_error: likewise; None where one of them gives no stars, or none are known. Less than 0 favours the first.
        mcnemar: whether they are equally accurate.
    """

    accuracy: Difference
    macro_f1: Difference
    stars_error: Difference | None
    mcnemar: McNemar


def judged(source: ReviewSource, wanted: Wanted) -> Judged:
    """The reviews of a file to judge by: all, or the test part, which training leaves alone.

    Raises:
        TrainingDataError: there are none.
    """
    kept = first_of_each(review.body for review in source.reviews)
    reviews = [source.reviews[position] for position in kept]
    classes = classes_of(np.array([one.label for one in reviews], np.int64))
    if wanted == "test":
        reviews = [one for one in reviews if part_of(one.body) is Part.TEST]
    if not reviews:
        raise TrainingDataError(f"{source.name} has no reviews to judge by in the part {wanted}")
    return Judged(tuple(reviews), classes, len(source.reviews) - len(kept))


async def read_all(reader: ReviewReader, texts: Sequence[str], progress: Progress = lambda _: None) -> Told:
    """Ask a reader, as many texts at a time as a worker would.

    Raises:
        EncodingFailed, EngineClosed, EngineBroken: as `ReviewReader.read`.
    """
    await reader.read(texts[:CHUNK])  # so that no first call's cost is measured
    readings: list[Reading] = []
    began = time.perf_counter()
    for start in range(0, len(texts), CHUNK):
        readings += await reader.read(texts[start : start + CHUNK])
        progress(len(readings))
    return Told(tuple(readings), len(texts) / (time.perf_counter() - began))


def figures(known: Judged, told: Told) -> ReviewFigures:
    """Compare what was told with what is so."""
    truth = _places(known)
    said = _said(known, told)
    classes = len(known.classes)
    return ReviewFigures(
        accuracy=class_interval(truth, said, classes, accuracy),
        macro_f1=class_interval(truth, said, classes, macro_f1),
        metrics=measured_sentiment(known.truth, told.probabilities, known.classes, calibrated=True),
        stars=_stars(known, told),
        texts_per_second=told.texts_per_second,
    )


def compared(known: Judged, first: Told, second: Told) -> ReviewComparison:
    """Compare two models on the same reviews."""
    truth, one, other = _places(known), _said(known, first), _said(known, second)
    classes = len(known.classes)
    errors = _star_errors(known, first), _star_errors(known, second)
    return ReviewComparison(
        accuracy=paired_classes(truth, one, other, classes, accuracy),
        macro_f1=paired_classes(truth, one, other, classes, macro_f1),
        stars_error=None if errors[0] is None or errors[1] is None else paired_means(errors[0], errors[1]),
        mcnemar=mcnemar(truth, one, other),
    )


def _places(known: Judged) -> Labels:
    """The truth as indices into `known.classes`."""
    places: Labels = np.searchsorted(np.array(known.classes), known.truth).astype(np.int64)
    return places


def _said(known: Judged, told: Told) -> Labels:
    said: Labels = among(told.probabilities, known.classes).argmax(axis=1).astype(np.int64)
    return said


def _star_errors(known: Judged, told: Told) -> npt.NDArray[np.float64] | None:
    stars, estimates = known.stars, told.stars
    there = ~np.isnan(stars)
    if estimates is None or not there.any():
        return None
    errors: npt.NDArray[np.float64] = np.abs(estimates[there] - stars[there])
    return errors


def _stars(known: Judged, told: Told) -> StarsFigures | None:
    errors = _star_errors(known, told)
    if errors is None:
        return None
    stars = known.stars[~np.isnan(known.stars)]
    return StarsFigures(len(stars), mean_interval(errors), float(np.abs(stars - stars.mean()).mean()))
