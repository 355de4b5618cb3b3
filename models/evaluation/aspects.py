"""How well aspects of reviews are told, beside word lists, on reviews that people labelled."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.errors import TrainingDataError
from models.evaluation.significance import Difference, Interval, Labels, interval, paired
from models.reviews.aspect_words import aspects_by_words
from models.reviews.aspects import ASPECT_LABELS
from models.reviews.reader import Reading
from models.training.aspect_labels import AspectLabels, text_key
from models.training.review_files import Review, ReviewSource
from models.training.splits import first_of_each

MODEL: Final = "model"
WORDS: Final = "word lists"
RESAMPLES: Final = 1_000


@dataclass(frozen=True, slots=True)
class LabelledReviews:
    """Reviews and their aspects: for each aspect, indices into `ASPECT_LABELS` [n]."""

    reviews: tuple[Review, ...]
    aspects: Mapping[str, Labels]
    missing: int

    @property
    def texts(self) -> list[str]:
        """What is read."""
        return [one.text for one in self.reviews]


@dataclass(frozen=True, slots=True)
class AspectResult:
    """One aspect, told by one system.

    Attributes:
        mentions: reviews that speak of it.
        there: F1 of whether a review does.
        by_sentiment: F1 by sentiment, for those that occur: right means there and with this sentiment.
    """

    mentions: int
    there: float
    by_sentiment: dict[str, float]


@dataclass(frozen=True, slots=True)
class SystemAspects:
    """One system.

    Attributes:
        there: mean F1 over the aspects of whether a review speaks of one.
        sentiment: mean F1 over the aspects' sentiments that occur.
        aspects: by name.
    """

    there: Interval
    sentiment: Interval
    aspects: dict[str, AspectResult]


@dataclass(frozen=True, slots=True)
class AspectReport:
    """What `evaluate_aspects` found.

    Attributes:
        reviews: judged.
        missing: labels whose text is in none of the files.
        systems: the model and the word lists.
        gain_there: the model less the word lists, by paired bootstrap.
        gain_sentiment: likewise.
    """

    reviews: int
    missing: int
    systems: dict[str, SystemAspects]
    gain_there: Difference
    gain_sentiment: Difference

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def labelled_reviews(sources: Sequence[ReviewSource], labels: AspectLabels) -> LabelledReviews:
    """Find the labelled reviews in some files.

    Raises:
        TrainingDataError: none of them is there.
    """
    reviews = [review for source in sources for review in source.reviews]
    chosen = [reviews[at] for at in first_of_each(one.body for one in reviews)]
    chosen = [one for one in chosen if text_key(one.body) in labels]
    if not chosen:
        raise TrainingDataError(
            "no labelled text is in the files; give the files that were labelled as --data"
        )
    said = [labels[text_key(one.body)] for one in chosen]
    names = sorted({aspect for one in said for aspect in one})
    truth = {name: np.array([one.get(name, 0) for one in said], np.int64) for name in names}
    return LabelledReviews(tuple(chosen), truth, len(labels) - len(chosen))


def told_by_model(readings: Sequence[Reading], names: Sequence[str]) -> dict[str, Labels]:
    """Indices into `ASPECT_LABELS` [n] by aspect."""
    told = {name: np.zeros(len(readings), np.int64) for name in names}
    for place, reading in enumerate(readings):
        for one in reading.aspects:
            if one.aspect in told:
                told[one.aspect][place] = ASPECT_LABELS.index(one.sentiment)
    return told


def told_by_words(texts: Sequence[str], names: Sequence[str]) -> dict[str, Labels]:
    """The same from word lists; an aspect that they don't know is never there."""
    found = [aspects_by_words(text) for text in texts]
    return {name: np.array([one.get(name, 0) for one in found], np.int64) for name in names}


def evaluate_aspects(known: LabelledReviews, readings: Sequence[Reading]) -> AspectReport:
    """Compare a model's readings and word lists with what people said."""
    names = list(known.aspects)
    truth = _table(known.aspects, names)
    tables = {
        MODEL: _table(told_by_model(readings, names), names),
        WORDS: _table(told_by_words(known.texts, names), names),
    }
    count = len(truth)
    systems = {system: _system(truth, told, names) for system, told in tables.items()}
    model, words = tables[MODEL], tables[WORDS]
    return AspectReport(
        reviews=count,
        missing=known.missing,
        systems=systems,
        gain_there=paired(
            lambda at: _there(truth[at], model[at]),
            lambda at: _there(truth[at], words[at]),
            count,
            resamples=RESAMPLES,
        ),
        gain_sentiment=paired(
            lambda at: _sentiments(truth[at], model[at]),
            lambda at: _sentiments(truth[at], words[at]),
            count,
            resamples=RESAMPLES,
        ),
    )


def _system(truth: Labels, told: Labels, names: Sequence[str]) -> SystemAspects:
    """Figures of what was told [n, aspects]."""
    return SystemAspects(
        there=interval(lambda at: _there(truth[at], told[at]), len(truth), resamples=RESAMPLES),
        sentiment=interval(lambda at: _sentiments(truth[at], told[at]), len(truth), resamples=RESAMPLES),
        aspects={name: _result(truth[:, column], told[:, column]) for column, name in enumerate(names)},
    )


def _table(aspects: Mapping[str, Labels], names: Sequence[str]) -> Labels:
    """[n, aspects]."""
    return np.column_stack([aspects[name] for name in names])


def _there(truth: Labels, told: Labels) -> float:
    """Mean over the aspects that occur among these rows."""
    return _mean_f1(truth > 0, told > 0)


def _sentiments(truth: Labels, told: Labels) -> float:
    """Mean over the aspects' sentiments that occur among these rows."""
    by_label = range(1, len(ASPECT_LABELS))
    return _mean_f1(
        np.column_stack([truth == label for label in by_label]),
        np.column_stack([told == label for label in by_label]),
    )


def _mean_f1(truth: npt.NDArray[np.bool_], told: npt.NDArray[np.bool_]) -> float:
    """Mean F1 of the columns in which anything is true."""
    there = truth.sum(axis=0)
    scores = 2 * (truth & told).sum(axis=0) / np.maximum(there + told.sum(axis=0), 1)
    return float(scores[there > 0].mean()) if (there > 0).any() else 0.0


def _result(truth: Labels, told: Labels) -> AspectResult:
    sentiments = {
        label: _mean_f1((truth == number)[:, None], (told == number)[:, None])
        for number, label in enumerate(ASPECT_LABELS)
        if number and (truth == number).any()
    }
    return AspectResult(
        int((truth > 0).sum()), _mean_f1((truth > 0)[:, None], (told > 0)[:, None]), sentiments
    )
