"""What linear classifiers of scikit-learn say, as weights and logits of all classes."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.training.metrics import Labels

NEVER: Final = -12.0
"""Logit of a class without examples, far below the others': float16 holds it."""


def class_rows(
    model: Any,  # noqa: ANN401 - scikit-learn's
    classes: int,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Weight [classes, inputs] and bias [classes] of a fitted logistic regression, whose labels are class indices.

    Biases are shifted so that the greatest is 0, which changes no probability.
    """
    weight = np.zeros((classes, model.coef_.shape[1]), np.float32)
    bias = np.full(classes, NEVER, np.float32)
    # Of two classes there is one row of weights: the second's, against 0 of the first.
    two = len(model.classes_) == 2  # noqa: PLR2004 - see above
    weight[model.classes_] = np.vstack([np.zeros_like(model.coef_), model.coef_]) if two else model.coef_
    given = np.append(0, model.intercept_) if two else model.intercept_
    bias[model.classes_] = given - given.max()
    return weight, bias


def log_loss(logits: npt.NDArray[np.float32], truth: Labels) -> float:
    """Mean negative log-likelihood, in nats, of class indices [n] by logits [n, classes]."""
    shifted = (logits - logits.max(axis=1, keepdims=True)).astype(np.float64)
    shares = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-shares[np.arange(len(truth)), truth].mean())
