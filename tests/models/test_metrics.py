import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from models.training.calibration import fit_temperature
from models.training.metrics import expected_calibration_error, measure

LABELS = ("a", "b", "c")
CLASSES = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=60)


@given(CLASSES)
def test_figures_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    truth, said = (np.array(column, np.int64) for column in zip(*pairs, strict=True))
    metrics = measure(truth, said, LABELS)
    assert metrics.accuracy == pytest.approx(accuracy_score(truth, said))
    assert metrics.macro_f1 == pytest.approx(
        f1_score(truth, said, labels=[0, 1, 2], average="macro", zero_division=0)
    )
    assert metrics.confusion == confusion_matrix(truth, said, labels=[0, 1, 2]).tolist()
    assert sum(one.support for one in metrics.per_class.values()) == metrics.examples


def test_confidence_that_comes_true_has_no_calibration_error() -> None:
    truth = np.array([0] * 8 + [1] * 2, np.int64)
    assert expected_calibration_error(truth, np.tile([0.8, 0.2], (10, 1))) == pytest.approx(0)
    assert expected_calibration_error(truth, np.tile([1.0, 0.0], (10, 1))) == pytest.approx(0.2)


@pytest.mark.parametrize("said", [[], [0, 1]])
def test_lengths_that_differ_are_refused(said: list[int]) -> None:
    with pytest.raises(ValueError, match="one length"):
        measure(np.array([0][: len(said)], np.int64), np.array(said, np.int64), LABELS)


@pytest.mark.parametrize("true_temperature", [0.5, 1.0, 3.0])
def test_the_temperature_that_made_the_labels_is_found(true_temperature: float) -> None:
    random = np.random.default_rng(4)
    logits = random.normal(scale=3, size=(20_000, 3)).astype(np.float32)
    powers = np.exp(logits / true_temperature)
    chances = powers / powers.sum(axis=1, keepdims=True)
    truth = (chances.cumsum(axis=1) < random.random((20_000, 1))).sum(axis=1).astype(np.int64)
    assert fit_temperature(logits, truth) == pytest.approx(true_temperature, rel=0.06)


def test_the_temperature_stays_within_bounds_when_all_is_right() -> None:
    logits = np.eye(3, dtype=np.float32)[[0, 1, 2] * 20]
    truth = np.array([0, 1, 2] * 20, np.int64)
    assert 0.05 <= fit_temperature(logits, truth) < 1
