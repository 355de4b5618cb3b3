"""Fit the wide part: a linear model over words, and how much it counts beside the encoder's logits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.heads import Floats
from models.terms import TermModel, hashed, terms
from models.training.calibration import fit_temperature
from models.training.fitting import Fitted
from models.training.linear import class_rows, log_loss
from models.training.metrics import Labels

MOST_TERMS: Final = 1 << 16
"""The commonest: half a megabyte."""
REGULARISATION: Final = (1.0, 3.0, 10.0)
"""C of scikit-learn, smaller is stronger."""
SHARES: Final = tuple(round(0.1 * step, 1) for step in range(16))
"""By what the words' logits may be multiplied before they are added."""
LEAST_GAIN: Final = 0.005
"""Of the likelihood of validation examples, in nats each, below which words add nothing worth a file."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """How much words count.

    Attributes:
        share: what their logits are multiplied by; 0 where they do not help.
        temperature: of the sum.
        gain: in log-likelihood on validation, nats for each example, over the encoder alone.
    """

    share: float
    temperature: float
    gain: float


def fit_terms(
    train: Sequence[str], truth: Labels, validation: Sequence[str], held: Labels, classes: int
) -> TermModel | None:
    """Logistic regression over words.

    Args:
        train: texts to learn from.
        truth: class indices [train].
        validation: texts that the regularisation is chosen by, for likelihood.
        held: class indices [validation].
        classes: how many there are; those without examples are never said.

    Returns:
        The model; None where there are too few words, or examples of one class alone.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    words = TfidfVectorizer(
        analyzer=terms, min_df=2, max_features=MOST_TERMS, sublinear_tf=True, dtype=np.float32
    )
    try:
        inputs: Any = words.fit_transform(train)
    except ValueError:  # no term is in two texts
        return None
    if len(np.unique(truth)) == 1:
        return None
    seen: Any = words.transform(validation)
    fitted = []
    for c in REGULARISATION:
        model: Any = LogisticRegression(C=c, max_iter=200).fit(inputs, truth)
        weights, bias = class_rows(model, classes)
        fitted.append((log_loss((seen @ weights.T + bias).astype(np.float32), held), weights, bias))
    _, weights, bias = min(fitted, key=lambda one: one[0])
    return _packed(words, weights, bias)


def weigh_terms(logits: Floats, of_terms: Floats, truth: Labels) -> Weighed:
    """How much the logits of words count beside an encoder's, by likelihood on validation.

    One number and a temperature are fitted, so that the examples can serve for both.

    Args:
        logits: the encoder's [n, classes].
        of_terms: those of words [n, classes].
        truth: class indices [n].
    """
    tried = []
    for share in SHARES:
        both = (logits + np.float32(share) * of_terms).astype(np.float32)
        temperature = fit_temperature(both, truth)
        tried.append((log_loss(both / temperature, truth), share, temperature))
    alone, (loss, share, temperature) = tried[0], min(tried)
    gain = alone[0] - loss
    return Weighed(share, temperature, gain) if gain >= LEAST_GAIN else Weighed(0.0, alone[2], 0.0)


def with_terms(
    fitted: Fitted,
    name: str,
    train: tuple[Sequence[str], Labels],
    validation: tuple[Sequence[str], Labels],
) -> Fitted:
    """A model whose head of classes also weighs words, where validation says that it helps.

    Args:
        fitted: as trained; what its head gave for validation is taken from there.
        name: of the head.
        train: texts with class indices to learn words from.
        validation: texts with class indices that their weight is fitted on.
    """
    head, (texts, held) = fitted.heads[name], validation
    terms = fit_terms(*train, texts, held, len(head.labels))
    if terms is None:
        return fitted
    weighed = weigh_terms(fitted.validation[name], terms(texts), held)
    if not weighed.share:
        return fitted
    evidence = weighed.share * np.eye(len(head.labels), dtype=np.float32)
    weighing = replace(head, temperature=weighed.temperature, evidence=evidence)
    return replace(fitted, heads=fitted.heads | {name: weighing}, terms=terms)


def _packed(
    words: Any,  # noqa: ANN401 - scikit-learn's
    weights: npt.NDArray[np.float32],
    bias: npt.NDArray[np.float32],
) -> TermModel:
    """Terms by hash; of two that share one, the commoner, whose idf is lower, stays."""
    keys = np.array([hashed(term) for term in words.get_feature_names_out()], np.uint32)
    order = np.lexsort((words.idf_, keys))
    order = order[np.append(True, np.diff(keys[order].astype(np.int64)) > 0)]
    scales = np.maximum(np.abs(weights).max(axis=1) / 127, 1e-9).astype(np.float32)
    return TermModel(
        keys=keys[order],
        idf=words.idf_[order].astype(np.float16).astype(np.float32),
        weights=np.rint(weights[:, order] / scales[:, None]).astype(np.int8).T,
        scales=scales,
        bias=bias.astype(np.float32),
    )
