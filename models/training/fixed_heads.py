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
from models.heads import Floats, Head
from models.training.calibration import fit_temperature
from models.training.linear import NEVER, class_rows, log_loss
from models.training.metrics import Labels

REGULARISATION: Final = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""C of scikit-learn, smaller is stronger, over centred vectors scaled to entries of about 1."""
EVIDENCE_SCALE: Final = 3.0
"""Evidence is few numbers beside a vector's hundreds: so scaled, its weights are shrunk a ninth as much."""
FOLDS: Final = 5

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
    name: str,
    labels: Sequence[str],
    vectors: Vectors,
    truth: Labels,
    seed: int,
    evidence: Floats | None = None,
) -> FixedHead | None:
    """Fit a head.

    Args:
        name: of the head.
        labels: its classes; some may have no examples.
        vectors: unit vectors [n, width].
        truth: indices into `labels` [n].
        seed: of the folds.
        evidence: what else is known of the texts [n, evidence], 0 to 1.

    Returns:
        The head; None where the examples are all of one class or fewer than the folds.
    """
    if len(np.unique(truth)) <= 1 or len(truth) < FOLDS:
        return None
    mean = vectors.mean(axis=0)
    spread = max(float((vectors - mean).std()), 1e-6)
    known = np.zeros((len(truth), 0), np.float32) if evidence is None else evidence
    inputs = np.hstack([(vectors - mean) / spread, known * EVIDENCE_SCALE])
    folds = np.random.default_rng(seed).permutation(len(truth)) % FOLDS
    tried = []
    for c in REGULARISATION:
        held_out = np.zeros((len(truth), len(labels)), np.float32)
        for fold in range(FOLDS):
            weight, bias = _fit(inputs[folds != fold], truth[folds != fold], len(labels), c)
            held_out[folds == fold] = inputs[folds == fold] @ weight.T + bias
        tried.append((log_loss(held_out, truth), c, held_out))
    _, c, held_out = min(tried, key=lambda one: one[0])
    weight, bias = _fit(inputs, truth, len(labels), c)
    of_vectors, of_evidence = np.split(weight, [vectors.shape[1]], axis=1)
    # Centring and scale go into the weights: in service a head reads plain vectors and evidence.
    of_vectors = of_vectors / np.float32(spread)
    layer = (of_vectors, bias - of_vectors @ mean)
    head = Head(
        name,
        "classes",
        (layer,),
        tuple(labels),
        fit_temperature(held_out, truth),
        evidence=None if evidence is None else of_evidence * np.float32(EVIDENCE_SCALE),
    )
    return FixedHead(head, held_out, c)


def _fit(inputs: Floats, truth: Labels, classes: int, c: float) -> tuple[Floats, Floats]:
    """Weight [classes, inputs] and bias [classes]."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    there = np.unique(truth)
    if len(there) == 1:
        bias = np.full(classes, NEVER, np.float32)
        bias[there] = 0
        return np.zeros((classes, inputs.shape[1]), np.float32), bias
    # Matrices this small are slower on several threads, and ten times slower on a busy machine.
    with threadpool_limits(1):
        model: Any = LogisticRegression(C=c, max_iter=300, tol=1e-3).fit(inputs, truth)
    return class_rows(model, classes)
