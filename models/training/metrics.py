"""How good a classifier is."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int64]
Probabilities = npt.NDArray[np.float64]
ECE_BINS = 15


@dataclass(frozen=True, slots=True)
class ClassMetrics:
    """One class: of what was called it, how much is (precision); of what is it, how much was called it (recall)."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Metrics:
    """One classifier on one set of examples.

    Attributes:
        examples: how many.
        accuracy: share of examples that are right.
        macro_f1: mean of the classes' F1, each class counting alike.
        ece: expected calibration error over 15 bins of equal width (Guo et al. 2017, arXiv:1706.04599); None where
            the classifier has no probabilities.
        per_class: by label.
        confusion: rows are what is true, columns what was said.
    """

    examples: int
    accuracy: float
    macro_f1: float
    ece: float | None
    per_class: dict[str, ClassMetrics]
    confusion: list[list[int]]

    @property
    def selection_score(self) -> float:
        """What candidates are chosen by on validation: the mean of accuracy and macro-F1.

        Accuracy alone would ignore the rare classes, macro-F1 alone would buy them dearly.
        """
        return (self.accuracy + self.macro_f1) / 2

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def measure(
    truth: Labels, predicted: Labels, labels: Sequence[str], probabilities: Probabilities | None = None
) -> Metrics:
    """Compare predictions with the truth.

    Args:
        truth: class indices [n].
        predicted: class indices [n].
        labels: names of the classes.
        probabilities: [n, classes], where the classifier has them.

    Raises:
        ValueError: no examples, or lengths differ.
    """
    if len(truth) == 0 or len(truth) != len(predicted):
        raise ValueError("truth and predictions must be of one length, and not empty")
    confusion = np.zeros((len(labels), len(labels)), np.int64)
    np.add.at(confusion, (truth, predicted), 1)
    per_class = {label: _class_metrics(confusion, index) for index, label in enumerate(labels)}
    return Metrics(
        examples=len(truth),
        accuracy=float(np.trace(confusion) / len(truth)),
        macro_f1=float(np.mean([one.f1 for one in per_class.values()])),
        ece=None if probabilities is None else expected_calibration_error(truth, probabilities),
        per_class=per_class,
        confusion=confusion.tolist(),
    )


def expected_calibration_error(truth: Labels, probabilities: Probabilities, bins: int = ECE_BINS) -> float:
    """Mean distance between confidence and accuracy, over bins of confidence weighted by their size."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    which = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    gap = np.bincount(which, weights=confidence - right, minlength=bins)
    return float(np.abs(gap).sum() / len(truth))


def _class_metrics(confusion: npt.NDArray[np.int64], index: int) -> ClassMetrics:
    hits = int(confusion[index, index])
    said, is_so = int(confusion[:, index].sum()), int(confusion[index].sum())
    precision = hits / said if said else 0.0
    recall = hits / is_so if is_so else 0.0
    f1 = 2 * hits / (said + is_so) if said + is_so else 0.0
    return ClassMetrics(precision, recall, f1, is_so)
