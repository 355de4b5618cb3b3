"""Heads for what is known of few reviews: aspects from labels by hand, helpfulness from readers' votes."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from models.engine.backend import Vectors
from models.heads import Head, shares
from models.reviews.aspect_words import word_evidence
from models.reviews.aspects import ASPECT_LABELS, decided
from models.reviews.names import ASPECT, HELPFUL, HELPFUL_LABELS
from models.training.fixed_heads import fit_fixed_head
from models.training.metrics import Labels
from models.training.review_data import Example, ReviewData
from models.training.splits import Part

FEWEST_MENTIONS: Final = 15
"""Labelled reviews that speak of an aspect, below which no head is fitted."""
THRESHOLDS: Final = (0.2, 0.5)
"""Between which that of an aspect's being there lies."""
MOST_VOTED: Final = 4_000
"""Reviews that helpfulness is learned from; more would change its figures little."""
FEWEST_VOTED: Final = 200
LEAST_GAIN: Final = 0.02
"""Of the area under the curve over what the length of the text alone tells, for helpfulness to be worth telling."""
LEAST_AREA: Final = 0.65
RESAMPLES: Final = 500

ReadVectors = Callable[[Sequence[str], str], Vectors]
"""Vectors of texts; the second argument names the stage for the progress bar."""


@dataclass(frozen=True, slots=True)
class AspectFigures:
    """One aspect, each labelled review told by a fit without it.

    Attributes:
        mentions: labelled reviews that speak of it.
        there: F1 of whether a review speaks of it.
        f1: macro-F1 over the sentiments that it is spoken of with; being there is part of being right.
    """

    mentions: int
    there: float
    f1: float


@dataclass(frozen=True, slots=True)
class HelpfulFigures:
    """Whether helpfulness can be told, on the validation part, as areas under the ROC curve.

    Attributes:
        more_than: votes of a review that counts as helpful: more than the median of the training part.
        area: of the head.
        length_area: of the text's length alone.
        gain_low: lower end of the 95 % bootstrap interval of the difference.
        kept: whether the model has the head.
    """

    more_than: float
    area: float
    length_area: float
    gain_low: float
    kept: bool


def aspect_heads(data: ReviewData, vectors: ReadVectors, seed: int) -> dict[str, tuple[Head, AspectFigures]]:
    """Fit a head for every aspect that enough labelled reviews of training and validation part speak of."""
    labelled = [
        one for part in (Part.TRAIN, Part.VALIDATION) for one in data.parts[part] if one.aspects is not None
    ]
    mentions = Counter(aspect for one in labelled for aspect in one.aspects or ())
    names = sorted(aspect for aspect, count in mentions.items() if count >= FEWEST_MENTIONS)
    if not names:
        return {}
    texts = [one.review.text for one in labelled]
    read, evidence = vectors(texts, "aspects"), word_evidence(texts, names)
    found = {}
    for name in names:
        truth = aspect_truth(labelled, name)
        fitted = fit_fixed_head(ASPECT + name, ASPECT_LABELS, read, truth, seed, evidence.get(name))
        if fitted is not None:
            told = shares(fitted.held_out / fitted.head.temperature)
            head = replace(fitted.head, threshold=there_threshold(truth > 0, 1 - told[:, 0]))
            found[name] = head, aspect_figures(truth, decided(told, head.threshold))
    return found


def there_threshold(truth: npt.NDArray[np.bool_], chances: npt.NDArray[np.float64]) -> float:
    """From which probability on an aspect counts as there: half of the best F1, which is where F1 is best.

    Lipton, Elkan, Naryanaswamy 2014, arXiv:1402.1892, theorem 1: so for probabilities that are calibrated.
    """
    best = max((_f1(truth, chances > one) for one in np.linspace(0.1, 0.9, 33)), default=0.0)
    return float(np.clip(best / 2, *THRESHOLDS))


def aspect_truth(examples: Sequence[Example], name: str) -> Labels:
    """Indices [n] into `ASPECT_LABELS` of labelled examples."""
    return np.array([(one.aspects or {}).get(name, 0) for one in examples], np.int64)


def aspect_figures(truth: Labels, told: Labels) -> AspectFigures:
    """Compare indices into `ASPECT_LABELS` [n]."""
    sentiments = [label for label in range(1, len(ASPECT_LABELS)) if (truth == label).any()]
    return AspectFigures(
        mentions=int((truth > 0).sum()),
        there=_f1(truth > 0, told > 0),
        f1=float(np.mean([_f1(truth == label, told == label) for label in sentiments]))
        if sentiments
        else 0.0,
    )


def helpful_head(
    data: ReviewData, vectors: ReadVectors, seed: int
) -> tuple[Head | None, HelpfulFigures | None]:
    """A head for helpfulness, if it can be told clearly better than by the length of the text.

    Returns:
        The head or None, and the figures, None where too few reviews have votes.
    """
    votes, held = data.votes(Part.TRAIN), data.votes(Part.VALIDATION)
    if (~np.isnan(votes)).sum() < FEWEST_VOTED or (~np.isnan(held)).sum() < FEWEST_VOTED:
        return None, None
    more_than = float(np.nanmedian(votes))
    known = np.flatnonzero(~np.isnan(votes))
    chosen = np.sort(np.random.default_rng(seed).permutation(known)[:MOST_VOTED])
    held_known = np.flatnonzero(~np.isnan(held))
    truth, held_truth = votes[chosen] > more_than, held[held_known] > more_than
    if truth.all() or not truth.any() or held_truth.all() or not held_truth.any():
        return None, None
    texts, held_texts = data.texts(Part.TRAIN), data.texts(Part.VALIDATION)
    read = vectors([texts[at] for at in chosen], "helpfulness")
    fitted = fit_fixed_head(HELPFUL, HELPFUL_LABELS, read, truth.astype(np.int64), seed)
    assert fitted is not None  # noqa: S101 - there are examples of both
    measured = [held_texts[at] for at in held_known]
    told = fitted.head(vectors(measured, "helpfulness, measured"))[:, 1]
    figures = _helpful_figures(
        more_than, held_truth, told, np.array([len(text) for text in measured], float), seed
    )
    return (fitted.head if figures.kept else None), figures


def _helpful_figures(
    more_than: float,
    truth: npt.NDArray[np.bool_],
    told: npt.NDArray[np.float64],
    lengths: npt.NDArray[np.float64],
    seed: int,
) -> HelpfulFigures:
    area, length_area = _area(truth, told), _area(truth, lengths)
    random = np.random.default_rng(seed)
    gains = []
    for _ in range(RESAMPLES):
        at = random.integers(len(truth), size=len(truth))
        if truth[at].any() and not truth[at].all():
            gains.append(_area(truth[at], told[at]) - _area(truth[at], lengths[at]))
    low = float(np.quantile(gains, 0.025))
    return HelpfulFigures(more_than, area, length_area, low, kept=area >= LEAST_AREA and low >= LEAST_GAIN)


def _area(truth: npt.NDArray[np.bool_], scores: npt.NDArray[np.float64]) -> float:
    """Under the ROC curve: how often one of the true scores higher than one of the others."""
    _, kind, counts = np.unique(scores, return_inverse=True, return_counts=True)
    # Equal scores share the mean of their ranks.
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[kind]
    positives = int(truth.sum())
    others = len(truth) - positives
    return float((ranks[truth].sum() - positives * (positives + 1) / 2) / (positives * others))


def _f1(truth: npt.NDArray[np.bool_], told: npt.NDArray[np.bool_]) -> float:
    both, said = int((truth & told).sum()), int(truth.sum() + told.sum())
    return 2 * both / said if said else 0.0
