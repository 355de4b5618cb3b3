"""What a reviews model came to on its test part, beside what it has to beat."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.engine.backend import Vectors
from models.heads import Floats, Head
from models.reviews.labels import LABELS
from models.reviews.names import SENTIMENT, STARS
from models.training.baselines import Baseline, WordCounts, majority
from models.training.metrics import Labels, Metrics
from models.training.review_data import ReviewData
from models.training.review_metrics import classes_of, measured_sentiment
from models.training.splits import Part

MODEL: Final = "this model"
SVM: Final = "TF-IDF + linear SVM"
MAJORITY: Final = "commonest class"
RIDGE: Final = "TF-IDF + ridge"
MEAN: Final = "mean of the training part"
ALL: Final = "all"

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Baselines:
    """Scores [n, 3] of the test texts by name, and numbers [n] where stars are known."""

    sentiment: Mapping[str, Baseline]
    stars: Mapping[str, Baseline]


@dataclass(frozen=True, slots=True)
class Results:
    """On the test part.

    Attributes:
        sentiment: by source (`all` first), then by classifier.
        stars: mean absolute error by who tells them; empty where none are known.
        settings: of the baselines, as validation chose them.
    """

    sentiment: dict[str, dict[str, Metrics]]
    stars: dict[str, float]
    settings: dict[str, str]

    @property
    def model(self) -> Metrics:
        """Of the model on the whole test part."""
        return self.sentiment[ALL][MODEL]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def baselines(data: ReviewData, progress: Callable[[str, int, int], None]) -> Baselines:
    """Fit word counts, and what needs no texts. `progress` is told of stage `baselines`."""
    train, validation, test = (data.labels(part) for part in Part)
    progress("baselines", 0, 3)
    words = WordCounts(data.texts(Part.TRAIN), data.texts(Part.VALIDATION), data.texts(Part.TEST))
    progress("baselines", 1, 3)
    commonest = np.eye(len(LABELS))[majority(train, len(test))]
    sentiment = {
        SVM: words.svm(train, validation, LABELS),
        MAJORITY: Baseline(commonest, "none"),
    }
    progress("baselines", 2, 3)
    stars: dict[str, Baseline] = {}
    known = data.stars(Part.TRAIN)
    if not np.isnan(known).all():
        stars = {
            RIDGE: words.ridge(known, data.stars(Part.VALIDATION)),
            MEAN: Baseline(np.full(len(test), np.nanmean(known)), "none"),
        }
    progress("baselines", 3, 3)
    return Baselines(sentiment, stars)


def results(
    data: ReviewData,
    heads: Mapping[str, Head],
    vectors: Vectors,
    evidence: Mapping[str, Floats],
    compared: Baselines,
) -> Results:
    """Measure everything on the test part.

    Args:
        data: with the truth.
        heads: of the model.
        vectors: of the test texts.
        evidence: what heads weigh beside them, by head.
        compared: the baselines.
    """
    truth, stars = data.labels(Part.TEST), data.stars(Part.TEST)
    scores: dict[str, Scores] = {MODEL: heads[SENTIMENT](vectors, evidence.get(SENTIMENT))}
    scores |= {name: one.outputs for name, one in compared.sentiment.items()}
    of_source = data.of_sources(Part.TEST)
    everywhere = np.concatenate([data.labels(part) for part in Part])
    everywhere_of = np.concatenate([data.of_sources(part) for part in Part])
    sentiment = {ALL: _by_name(truth, scores, classes_of(everywhere))}
    for number, source in enumerate(data.sources):
        here = of_source == number
        if len(data.sources) > 1 and here.any():
            classes = classes_of(everywhere[everywhere_of == number])
            chosen = {name: one[here] for name, one in scores.items()}
            sentiment[source.name] = _by_name(truth[here], chosen, classes)
    numbers = {name: one.outputs for name, one in compared.stars.items()}
    known = ~np.isnan(stars)
    errors: dict[str, float] = {}
    if STARS in heads and known.any():
        told = {MODEL: heads[STARS](vectors), **numbers}
        errors = {name: float(np.abs(one[known] - stars[known]).mean()) for name, one in told.items()}
    settings = {name: one.settings for name, one in {**compared.sentiment, **compared.stars}.items()}
    return Results(sentiment, errors, settings)


def _by_name(truth: Labels, scores: Mapping[str, Scores], classes: tuple[int, ...]) -> dict[str, Metrics]:
    return {
        name: measured_sentiment(truth, one, classes, calibrated=name == MODEL)
        for name, one in scores.items()
    }
