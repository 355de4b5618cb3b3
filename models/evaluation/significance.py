"""How sure a figure is: bootstrap intervals over examples, and tests of two models on the same examples.

All resampling is of examples, with replacement, `RESAMPLES` times, from a seed: the same examples give the same
interval. Intervals are percentile intervals, and differences are resampled in pairs, so that what is hard in an
example counts for both models (Efron and Tibshirani 1993, An Introduction to the Bootstrap, ch. 13 and 16; for
paired comparison of systems, Koehn 2004, Statistical Significance Tests for Machine Translation Evaluation).

Figures of classes are taken from confusions. To draw n examples anew is to draw how many there are of each kind
(same truth, same predictions), which is multinomial: the same distribution, without a pass over the examples.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt

RESAMPLES = 2_000
CONFIDENCE = 0.95
SEED = 7

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
ConfusionMetric = Callable[[Labels], Floats]
"""Of confusions [..., classes, classes], rows true and columns said: a figure [...] each."""
RowMetric = Callable[[Labels], float]
"""Of the numbers of the examples that were drawn [n], some more than once: a figure."""

_NONE = "there are no examples to be sure about"
_DRAWN_AT_ONCE = 4_000_000  # numbers, 32 MB


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and its 95 % interval.

    Attributes:
        value: of the examples as they are.
        low: 2.5th percentile of the resamples.
        high: 97.5th percentile.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of a first model less that of a second, on the same examples.

    Attributes:
        value: of the examples as they are; more than 0 where the first has the greater figure.
        low: 2.5th percentile of the resamples.
        high: 97.5th percentile.
        p_value: twice the lesser share of resamples on either side of 0, those at 0 counted with both and one
            resample added (Davison and Hinkley 1997, Bootstrap Methods and their Application, ch. 4): never 0.
    """

    value: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, slots=True)
class McNemar:
    """The exact McNemar test of two classifiers on the same examples.

    Attributes:
        only_first: examples that only the first has right.
        only_second: examples that only the second has right.
        p_value: two-sided, that two equally accurate classifiers differ so much.
    """

    only_first: int
    only_second: int
    p_value: float


def accuracy(confusion: Labels) -> Floats:
    """Share of examples that are right. Of confusions [..., classes, classes]."""
    hits = np.trace(confusion, axis1=-2, axis2=-1)
    return np.asarray(hits / confusion.sum(axis=(-2, -1)), np.float64)


def macro_f1(confusion: Labels) -> Floats:
    """Mean F1 of the classes, 0 for a class that neither is there nor was said. Of confusions [..., c, c]."""
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    both = confusion.sum(axis=-1) + confusion.sum(axis=-2)
    return np.asarray((2 * hits / np.maximum(both, 1)).mean(axis=-1), np.float64)


def class_interval(
    truth: Labels, predicted: Labels, classes: int, metric: ConfusionMetric, *, seed: int = SEED
) -> Interval:
    """The interval of `accuracy`, `macro_f1` or another figure of a confusion.

    Args:
        truth: class indices [n].
        predicted: class indices [n].
        classes: how many there are.
        metric: the figure.
        seed: of the resamples.

    Raises:
        ValueError: there are no examples, or lengths differ.
    """
    kinds = _Kinds.of(truth, predicted)

    def figure(counts: Labels) -> Floats:
        return metric(kinds.confusion(1, counts, classes))

    return _interval(float(figure(kinds.counts[None])[0]), kinds.resampled(figure, classes, seed))


def paired_classes(
    truth: Labels, first: Labels, second: Labels, classes: int, metric: ConfusionMetric, *, seed: int = SEED
) -> Difference:
    """A figure of the first classifier's confusion less that of the second's: the paired bootstrap.

    Args:
        truth: class indices [n].
        first: what the first classifier says [n].
        second: what the second says of the same examples [n].
        classes: how many there are.
        metric: the figure.
        seed: of the resamples.

    Raises:
        ValueError: there are no examples, or lengths differ.
    """
    kinds = _Kinds.of(truth, first, second)

    def figure(counts: Labels) -> Floats:
        return metric(kinds.confusion(1, counts, classes)) - metric(kinds.confusion(2, counts, classes))

    return _difference(float(figure(kinds.counts[None])[0]), kinds.resampled(figure, classes, seed))


def mean_interval(values: npt.ArrayLike, *, seed: int = SEED) -> Interval:
    """The interval of a mean over examples, as of absolute errors (MAE) or of a query's nDCG.

    Args:
        values: one of each example [n].
        seed: of the resamples.

    Raises:
        ValueError: there are no examples.
    """
    sample = _filled(values)
    return _interval(float(sample.mean()), _means(sample, seed))


def paired_means(first: npt.ArrayLike, second: npt.ArrayLike, *, seed: int = SEED) -> Difference:
    """A mean over examples of the first model less that of the second: the paired bootstrap.

    Args:
        first: one value of each example [n], of the first model.
        second: of the same examples [n], of the second.
        seed: of the resamples.

    Raises:
        ValueError: there are no examples, or lengths differ.
    """
    minuend, subtrahend = _filled(first), _filled(second)
    _of_one_length(minuend, subtrahend)
    gains = minuend - subtrahend
    return _difference(float(gains.mean()), _means(gains, seed))


def interval(metric: RowMetric, examples: int, *, resamples: int = RESAMPLES, seed: int = SEED) -> Interval:
    """The interval of any figure: one call of it for every resample.

    Args:
        metric: called with the numbers of the drawn examples; first with every one once, in order.
        examples: how many there are.
        resamples: how many times they are drawn.
        seed: of the resamples.

    Raises:
        ValueError: there are no examples.
    """
    value, drawn = _figures(metric, examples, resamples, seed)
    return _interval(value, drawn)


def paired(
    first: RowMetric, second: RowMetric, examples: int, *, resamples: int = RESAMPLES, seed: int = SEED
) -> Difference:
    """Any figure of the first model less that of the second: the paired bootstrap.

    Args:
        first: the figure of the first model; called as that of `interval`.
        second: of the second, with the same draws.
        examples: how many there are.
        resamples: how many times they are drawn.
        seed: of the resamples.

    Raises:
        ValueError: there are no examples.
    """

    def difference(rows: Labels) -> float:
        return first(rows) - second(rows)

    return _difference(*_figures(difference, examples, resamples, seed))


def mcnemar(truth: Labels, first: Labels, second: Labels) -> McNemar:
    """Whether two classifiers are equally accurate: the exact test of the examples on which just one is right.

    Of such examples, equally accurate classifiers share each with chance 1/2, so that the number of the first's is
    binomial (McNemar 1947, Psychometrika 12; in its exact form, Edwards 1948, and Dietterich 1998, Approximate
    Statistical Tests for Comparing Supervised Classification Learning Algorithms). Without any, p is 1.

    Args:
        truth: class indices [n].
        first: what the first classifier says [n].
        second: what the second says of the same examples [n].

    Raises:
        ValueError: there are no examples, or lengths differ.
    """
    _of_one_length(truth, first, second)
    right, other = first == truth, second == truth
    only_first, only_second = int((right & ~other).sum()), int((other & ~right).sum())
    return McNemar(
        only_first, only_second, _two_sided(min(only_first, only_second), only_first + only_second)
    )


def _two_sided(fewer: int, flips: int) -> float:
    """Chance that of fair flips one side has at most `fewer`, exactly: in whole numbers up to the last division."""
    chances = sum(comb(flips, number) for number in range(fewer + 1))
    return min(1.0, float(2 * chances / 2**flips))


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Examples, of which those with the same classes in all columns are of one kind.

    Attributes:
        columns: class indices [kinds, columns]; the first is the truth.
        counts: examples of each kind [kinds].
    """

    columns: Labels
    counts: Labels

    @classmethod
    def of(cls, *columns: Labels) -> "_Kinds":
        _of_one_length(*columns)
        kinds, counts = np.unique(np.stack(columns, axis=1).astype(np.int64), axis=0, return_counts=True)
        return cls(kinds, counts.astype(np.int64))

    def confusion(self, column: int, counts: Labels, classes: int) -> Labels:
        """Confusions [some, classes, classes] of a column with the truth, for counts [some, kinds]."""
        cells = np.ravel_multi_index((self.columns[:, 0], self.columns[:, column]), (classes, classes))
        found = np.zeros((classes * classes, len(counts)), np.int64)
        np.add.at(found, cells, counts.T)
        return np.ascontiguousarray(found.T).reshape(-1, classes, classes)

    def resampled(self, figure: Callable[[Labels], Floats], classes: int, seed: int) -> Floats:
        """The figure, of counts [some, kinds], of every resample."""
        random, total = np.random.default_rng(seed), int(self.counts.sum())
        return np.concatenate(
            [
                figure(random.multinomial(total, self.counts / total, some))
                for some in _portions(RESAMPLES, classes * classes + len(self.counts))
            ]
        )


def _means(sample: Floats, seed: int) -> Floats:
    return np.concatenate(
        [sample[rows].mean(axis=1) for rows in _draws(len(sample), RESAMPLES, seed)], dtype=np.float64
    )


def _figures(metric: RowMetric, examples: int, resamples: int, seed: int) -> tuple[float, Floats]:
    if not examples:
        raise ValueError(_NONE)
    drawn = [metric(row) for rows in _draws(examples, resamples, seed) for row in rows]
    return metric(np.arange(examples)), np.array(drawn, np.float64)


def _draws(examples: int, resamples: int, seed: int) -> Iterator[Labels]:
    """Numbers of drawn examples [some resamples, examples]."""
    random = np.random.default_rng(seed)
    for some in _portions(resamples, examples):
        yield random.integers(0, examples, (some, examples))


def _portions(resamples: int, width: int) -> Iterator[int]:
    """How many resamples are made at once, so that their `width` numbers each stay within a bounded memory."""
    most = max(1, _DRAWN_AT_ONCE // width)
    for start in range(0, resamples, most):
        yield min(most, resamples - start)


def _interval(value: float, drawn: Floats) -> Interval:
    return Interval(value, *_bounds(drawn))


def _difference(value: float, drawn: Floats) -> Difference:
    beyond = 1 + min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    return Difference(value, *_bounds(drawn), min(1.0, 2 * beyond / (len(drawn) + 1)))


def _bounds(drawn: Floats) -> tuple[float, float]:
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def _filled(values: npt.ArrayLike) -> Floats:
    sample = np.asarray(values, np.float64)
    if not sample.size:
        raise ValueError(_NONE)
    return sample


def _of_one_length(*columns: npt.NDArray[np.generic]) -> None:
    if not len(columns[0]):
        raise ValueError(_NONE)
    if any(len(one) != len(columns[0]) for one in columns):
        raise ValueError("the truth and what is said of it must be of one length")
