"""Texts that are about none of the intents: the threshold below which none is said, and how well that works."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from models.support.intents import NO_INTENT

KEPT: Final = 0.95
"""Share of right answers that a threshold keeps where nothing is known of texts that are out of scope."""

Names = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Scope:
    """How texts that are about no intent are told from others. "None of these" is an answer like an intent.

    Attributes:
        threshold: least probability of an intent that is said.
        in_scope_accuracy: share of texts about an intent that get it.
        out_of_scope_recall: share of the others that get none.
        out_of_scope_precision: of all texts that get none, share of those about none.
        mcc: Matthews' correlation coefficient for several classes (Gorodkin 2004) of all answers.
    """

    threshold: float
    in_scope_accuracy: float
    out_of_scope_recall: float
    out_of_scope_precision: float
    mcc: float


def fit_threshold(
    inside: npt.NDArray[np.float64], right: npt.NDArray[np.bool_], outside: npt.NDArray[np.float64]
) -> float:
    """The least probability of an intent that is said.

    On the greatest probability, as in Hendrycks and Gimpel 2017, "A Baseline for Detecting Misclassified and
    Out-of-Distribution Examples in Neural Networks".

    Args:
        inside: greatest probabilities of texts about an intent [n].
        right: whether that intent is the likeliest [n].
        outside: greatest probabilities of texts about none [m].

    Returns:
        What gives the greatest mean of two shares: of texts about an intent that get it, and of the others that get
        none. Without others, what keeps `KEPT` of the right answers; 0 where nothing is right.
    """
    if not right.any():
        return 0.0
    if not len(outside):
        return float(np.quantile(inside[right], 1 - KEPT))
    options = np.unique(np.concatenate([inside, outside, [0.0]]))
    hits = np.sort(inside[right])
    kept = (len(hits) - np.searchsorted(hits, options)) / len(inside)
    refused = np.searchsorted(np.sort(outside), options) / len(outside)
    best = int(np.argmax(kept + refused))
    # Halfway to the next probability below: one that lies exactly on the threshold proves nothing.
    return float((options[best] + options[max(0, best - 1)]) / 2)


def measured_scope(
    truth: Names, best: Names, chances: npt.NDArray[np.float64], threshold: float
) -> Scope | None:
    """Compare answers with the truth.

    Args:
        truth: intents, or `NO_INTENT` [n].
        best: the likeliest intents [n].
        chances: their probabilities [n].
        threshold: of the model.

    Returns:
        None where all texts are about an intent, or none is.
    """
    from sklearn.metrics import matthews_corrcoef

    inside = truth != NO_INTENT
    if inside.all() or not inside.any():
        return None
    answers = np.where(chances >= threshold, best, NO_INTENT)
    refused = answers == NO_INTENT
    return Scope(
        threshold=threshold,
        in_scope_accuracy=float((answers[inside] == truth[inside]).mean()),
        out_of_scope_recall=float(refused[~inside].mean()),
        out_of_scope_precision=float((~inside)[refused].mean()) if refused.any() else 0.0,
        mcc=float(matthews_corrcoef(truth, answers)),
    )
