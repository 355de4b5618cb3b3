"""What a model has to beat: the commonest class, the mean, and word counts with linear models."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.terms import terms
from models.training.metrics import Labels, measure

REGULARISATION: Final = (0.1, 0.3, 1.0)
CLASS_WEIGHTS: Final = (None, "balanced")
RIDGE_ALPHAS: Final = (1.0, 3.0, 10.0)


def majority(train: Labels, count: int) -> Labels:
    """The commonest class of the training part, `count` times."""
    return np.full(count, np.bincount(train).argmax(), np.int64)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a baseline says, scores [n, classes] or numbers [n], and the settings that validation chose."""

    outputs: npt.NDArray[np.float64]
    settings: str


class WordCounts:
    """TF-IDF of `models.terms`, learned from the training part.

    Args:
        train: texts to learn from.
        validation: texts that settings are chosen by.
        test: texts to tell of.
    """

    def __init__(self, train: Sequence[str], validation: Sequence[str], test: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        words = TfidfVectorizer(analyzer=terms, min_df=2, sublinear_tf=True, dtype=np.float32)
        self._train: Any = words.fit_transform(train)
        self._validation: Any = words.transform(validation)
        self._test: Any = words.transform(test)

    def svm(self, train: Labels, validation: Labels, labels: Sequence[str]) -> Baseline:
        """A linear SVM (one against the others).

        C and class weights are chosen by the same score as the model's epochs, so that it is a fair opponent.

        Returns:
            Scores [n, len(labels)] of the test texts; a class that was not there to learn scores -inf.
        """
        from sklearn.svm import LinearSVC

        fitted = []
        for weights, c in itertools.product(CLASS_WEIGHTS, REGULARISATION):
            machine = LinearSVC(C=c, class_weight=weights, random_state=0).fit(self._train, train)
            score = measure(validation, machine.predict(self._validation), labels).selection_score
            fitted.append((score, machine, f"C={c}, class weights {weights or 'none'}"))
        _, best, settings = max(fitted, key=lambda one: one[0])
        decided = best.decision_function(self._test)
        known = decided if decided.ndim > 1 else np.column_stack([-decided, decided])
        scores = np.full((len(known), len(labels)), -np.inf)
        scores[:, best.classes_] = known
        return Baseline(scores, settings)

    def ridge(self, train: npt.NDArray[np.float32], validation: npt.NDArray[np.float32]) -> Baseline:
        """Ridge regression; numbers that are NaN are left out.

        Returns:
            Numbers [n] of the test texts.
        """
        from sklearn.linear_model import Ridge

        known, held = ~np.isnan(train), ~np.isnan(validation)
        fitted = []
        for alpha in RIDGE_ALPHAS:
            model = Ridge(alpha=alpha, solver="sparse_cg", tol=1e-3).fit(
                self._train[known], train[known].astype(np.float64)
            )
            told = model.predict(self._validation[held]) if held.any() else np.zeros(0)
            error = float(np.abs(told - validation[held]).mean()) if held.any() else 0.0
            fitted.append((error, model, f"alpha={alpha}"))
        _, best, settings = min(fitted, key=lambda one: one[0])
        return Baseline(np.asarray(best.predict(self._test), np.float64), settings)
