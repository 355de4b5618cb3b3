"""Linear heads on fixed vectors, for what only some hundred examples are labelled with.

They are fitted after the encoder, by logistic regression whose regularisation is chosen by cross-validation: among a
hundred times as many other examples in the encoder's own training they would be learned by heart or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.engine.backend import Vectors
from models.heads import Head
from models.training.calibration import fit_temperature
from models.training.metrics import Labels

REGULARISATION: Final = (0.003, 0.01, 0.03, 0.1, 0.3)
"""C of scikit-learn, smaller is stronger, over vectors scaled to entries of about 1."""
FOLDS: Final = 5
_NEVER: Final = -12.0
"""Logit of a class without examples, below the others': float16 holds it."""

Logits = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FixedHead:
    """A head, and what it says of its own examples, each told by a fit on the other folds.

    Attributes:
        head: fitted on all examples, calibrated by `held_out`.
        held_out: logits [n, classes] before the temperature.
        c: the regularisation that cross-validation chose.
    """

    head: Head
    held_out: Logits
    c: float


def fit_fixed_head(
    name: str, labels: Sequence[str], vectors: Vectors, truth: Labels, seed: int
) -> FixedHead | None:
    """Fit a head.

    Args:
        name: of the head.
        labels: its classes; some may have no examples.
        vectors: unit vectors [n, width].
        truth: indices into `labels` [n].
        seed: of the folds.

    Returns:
        The head; None where the examples are all of one class or fewer than the folds.
    """
    if len(np.unique(truth)) <= 1 or len(truth) < FOLDS:
        return None
    scale = vectors.shape[1] ** 0.5
    scaled = vectors * scale
    folds = np.random.default_rng(seed).permutation(len(truth)) % FOLDS
    tried = []
    for c in REGULARISATION:
        held_out = np.zeros((len(truth), len(labels)), np.float32)
        for fold in range(FOLDS):
            weight, bias = _fit(scaled[folds != fold], truth[folds != fold], len(labels), c)
            held_out[folds == fold] = scaled[folds == fold] @ weight.T + bias
        tried.append((_log_loss(held_out, truth), c, held_out))
    _, c, held_out = min(tried, key=lambda one: one[0])
    weight, bias = _fit(scaled, truth, len(labels), c)
    layer = ((weight * scale).astype(np.float32), bias)
    head = Head(name, "classes", (layer,), tuple(labels), fit_temperature(held_out, truth))
    return FixedHead(head, held_out, c)


def _fit(
    vectors: Vectors, truth: Labels, classes: int, c: float
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Weight [classes, width] and bias [classes]."""
    from sklearn.linear_model import LogisticRegression

    weight = np.zeros((classes, vectors.shape[1]), np.float32)
    bias = np.full(classes, _NEVER, np.float32)
    there = np.unique(truth)
    if len(there) == 1:
        bias[there] = 0
        return weight, bias
    model: Any = LogisticRegression(C=c, max_iter=300, tol=1e-3).fit(vectors, truth)
    # Of two classes there is one row of weights: the second's, against 0 of the first.
    two = len(there) == 2  # noqa: PLR2004
    weight[there] = np.vstack([np.zeros_like(model.coef_), model.coef_]) if two else model.coef_
    bias[there] = np.append(0, model.intercept_) if two else model.intercept_ - model.intercept_.max()
    return weight, bias


def _log_loss(logits: Logits, truth: Labels) -> float:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = powers / powers.sum(axis=1, keepdims=True)
    return float(-np.log(np.maximum(shares[np.arange(len(truth)), truth], 1e-9)).mean())
