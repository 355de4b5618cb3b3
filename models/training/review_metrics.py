"""How good readings of reviews are, whether or not the data knows neutral ones."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.reviews.labels import LABELS
from models.training.metrics import Labels, Metrics, Probabilities, measure


def classes_of(truth: Labels) -> tuple[int, ...]:
    """Which of `LABELS` (indices) a data set knows: all, or negative and positive where nothing in it is neutral."""
    known = tuple(int(one) for one in np.unique(truth))
    return known if known == (0, 2) else tuple(range(len(LABELS)))


def among(scores: npt.NDArray[np.float64], classes: Sequence[int]) -> npt.NDArray[np.float64]:
    """Columns [n, len(classes)] of scores [n, 3]."""
    chosen: npt.NDArray[np.float64] = scores[:, list(classes)]
    return chosen


def shared_out(probabilities: Probabilities, classes: Sequence[int]) -> Probabilities:
    """Probabilities [n, len(classes)], given that it is one of these."""
    chosen = among(probabilities, classes)
    shares: Probabilities = chosen / np.maximum(chosen.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    return shares


def measured_sentiment(
    truth: Labels, scores: npt.NDArray[np.float64], classes: Sequence[int], *, calibrated: bool
) -> Metrics:
    """Compare scores with the truth.

    Args:
        truth: indices into `LABELS` [n], all of them among `classes`.
        scores: [n, 3]; the greatest among `classes` is what is said.
        classes: as `classes_of` tells them of the whole data set.
        calibrated: whether the scores are probabilities, whose calibration is measured.

    Raises:
        ValueError: no examples.
    """
    shares = shared_out(scores, classes) if calibrated else among(scores, classes)
    position = {label: place for place, label in enumerate(classes)}
    places = np.array([position[label] for label in truth.tolist()], np.int64)
    return measure(
        places, shares.argmax(axis=1), [LABELS[one] for one in classes], shares if calibrated else None
    )
