"""What a classifier has to beat: saying the commonest class, and word counts with a linear SVM."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.training.metrics import Labels, measure

REGULARISATION = (0.05, 0.1, 0.3, 1.0)
CLASS_WEIGHTS = (None, "balanced")


@dataclass(frozen=True, slots=True)
class TextsAndLabels:
    """One part of a data set."""

    texts: Sequence[str]
    labels: Labels


def majority(train: Labels, count: int) -> Labels:
    """The commonest class of the training part, `count` times."""
    return np.full(count, np.bincount(train).argmax(), np.int64)


@dataclass(frozen=True, slots=True)
class SvmPrediction:
    """Predicted classes, and the settings that validation chose."""

    predicted: Labels
    settings: str


def tfidf_svm(
    train: TextsAndLabels, validation: TextsAndLabels, test_texts: Sequence[str], labels: Sequence[str]
) -> SvmPrediction:
    """TF-IDF of words and word pairs with a linear SVM.

    Its C and class weights are chosen on validation by the same score as the head's candidates, so that it is a
    fair opponent.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, strip_accents="unicode")
    train_words, validation_words = words.fit_transform(train.texts), words.transform(validation.texts)
    fitted = []
    for weights, c in itertools.product(CLASS_WEIGHTS, REGULARISATION):
        machine = LinearSVC(C=c, class_weight=weights, random_state=0).fit(train_words, train.labels)
        score = measure(validation.labels, machine.predict(validation_words), labels).selection_score
        fitted.append((score, machine, f"C={c}, class weights {weights or 'none'}"))
    _, best, settings = max(fitted, key=lambda one: one[0])
    return SvmPrediction(best.predict(words.transform(test_texts)), settings)
