import numpy as np
import pytest
from scipy.stats import binomtest  # type: ignore[import-untyped]
from sklearn.metrics import accuracy_score, f1_score

from models.evaluation.significance import (
    ConfusionMetric,
    accuracy,
    class_interval,
    interval,
    macro_f1,
    mcnemar,
    mean_interval,
    paired,
    paired_classes,
    paired_means,
)

RANDOM = np.random.default_rng(3)
TRUTH = RANDOM.choice(3, 600, p=[0.1, 0.2, 0.7]).astype(np.int64)


def _said(right: float) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.where(RANDOM.random(len(TRUTH)) < right, TRUTH, RANDOM.integers(0, 3, len(TRUTH))).astype(
        np.int64
    )


GOOD, BETTER = _said(0.7), _said(0.85)


def test_values_are_those_of_scikit_learn() -> None:
    assert class_interval(TRUTH, GOOD, 3, accuracy).value == pytest.approx(accuracy_score(TRUTH, GOOD))
    assert class_interval(TRUTH, GOOD, 3, macro_f1).value == pytest.approx(
        f1_score(TRUTH, GOOD, average="macro")
    )


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_an_interval_of_accuracy_is_near_the_binomials(share: float) -> None:
    truth = np.zeros(1_000, np.int64)
    said = (np.arange(1_000) >= share * 1_000).astype(np.int64)
    found = class_interval(truth, said, 2, accuracy)
    exact = binomtest(int(share * 1_000), 1_000).proportion_ci(method="wilson")
    assert found.value == pytest.approx(share)
    assert found.low == pytest.approx(exact.low, abs=0.004)
    assert found.high == pytest.approx(exact.high, abs=0.004)


@pytest.mark.parametrize("metric", [accuracy, macro_f1])
def test_counting_kinds_and_drawing_examples_give_the_same_interval(metric: ConfusionMetric) -> None:
    figure = accuracy_score if metric is accuracy else lambda *both: f1_score(*both, average="macro")
    fast = class_interval(TRUTH, GOOD, 3, metric)
    slow = interval(lambda rows: figure(TRUTH[rows], GOOD[rows]), len(TRUTH), resamples=400)
    assert slow.value == pytest.approx(fast.value)
    assert (slow.low, slow.high) == pytest.approx((fast.low, fast.high), abs=0.01)


def test_an_interval_of_a_mean_is_near_the_normal_one_and_the_same_for_the_same_seed() -> None:
    errors = RANDOM.gamma(2, 0.5, 2_000)
    found = mean_interval(errors)
    half = 1.96 * errors.std() / np.sqrt(len(errors))
    assert (found.low, found.high) == pytest.approx((errors.mean() - half, errors.mean() + half), abs=0.004)
    assert found == mean_interval(errors)
    assert found != mean_interval(errors, seed=8)


def test_a_difference_is_paired() -> None:
    easy = RANDOM.normal(0, 10, 500)
    both = paired_means(easy + 0.1, easy + RANDOM.normal(0, 0.01, 500))
    # Unpaired, the spread of the examples would hide it.
    assert both.low == pytest.approx(0.1, abs=0.01)
    assert both.p_value < 0.01


def test_of_two_classifiers_the_better_one_is_found_by_both_ways() -> None:
    found = paired_classes(TRUTH, BETTER, GOOD, 3, accuracy)
    slow = paired(
        lambda rows: accuracy_score(TRUTH[rows], BETTER[rows]),
        lambda rows: accuracy_score(TRUTH[rows], GOOD[rows]),
        len(TRUTH),
        resamples=400,
    )
    assert found.value == pytest.approx(slow.value)
    assert (found.low, found.high) == pytest.approx((slow.low, slow.high), abs=0.01)
    assert 0 < found.low < found.value < found.high
    assert found.p_value < 0.01


def test_a_classifier_does_not_differ_from_itself() -> None:
    found = paired_classes(TRUTH, GOOD, GOOD, 3, macro_f1)
    assert (found.value, found.low, found.high, found.p_value) == (0, 0, 0, 1)
    assert mcnemar(TRUTH, GOOD, GOOD).p_value == 1


@pytest.mark.parametrize(("only_first", "only_second"), [(6, 1), (10, 10), (0, 5), (59, 6), (400, 300)])
def test_mcnemar_is_exact(only_first: int, only_second: int) -> None:
    truth = np.zeros(only_first + only_second + 50, np.int64)
    first, second = truth.copy(), truth.copy()
    second[:only_first] = 1
    first[only_first : only_first + only_second] = 1
    found = mcnemar(truth, first, second)
    assert (found.only_first, found.only_second) == (only_first, only_second)
    assert found.p_value == pytest.approx(binomtest(only_first, only_first + only_second).pvalue, rel=1e-9)


def test_six_against_one_is_an_eighth() -> None:
    # By hand: 2 * (1 + 7) / 2**7.
    truth, first, second = (np.array(text, np.int64) for text in ([0] * 7, [0] * 6 + [1], [1] * 6 + [0]))
    assert mcnemar(truth, first, second).p_value == 0.125


def test_many_classes_stay_within_the_memory() -> None:
    truth = RANDOM.integers(0, 150, 5_000)
    said = np.where(RANDOM.random(5_000) < 0.9, truth, RANDOM.integers(0, 150, 5_000))
    found = paired_classes(truth, said, truth, 150, macro_f1)
    assert found.low < found.value < found.high < 0


def test_nothing_is_not_sure() -> None:
    none = np.array([], np.int64)
    for refused in (
        lambda: class_interval(none, none, 2, accuracy),
        lambda: mean_interval([]),
        lambda: interval(lambda rows: float(rows.mean()), 0),
        lambda: mcnemar(none, none, none),
    ):
        with pytest.raises(ValueError, match="no examples"):
            refused()
    with pytest.raises(ValueError, match="one length"):
        mcnemar(TRUTH, GOOD[1:], BETTER)
