"""Figures of a support evaluation: shares with bootstrap intervals, thresholds, calibration error."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Chances = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

RESAMPLES = 1_000
ECE_BINS = 15
NOTHING = 1.0
"""A threshold that no probability reaches."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its 95 % interval by the percentile bootstrap over tickets (Efron 1979)."""

    value: float
    low: float
    high: float


def bootstrapped(
    figure: Callable[[Places], float], size: int, seed: int = 0, resamples: int = RESAMPLES
) -> Figure:
    """A figure with its interval.

    Args:
        figure: from the places of the tickets that count, each as often as it is there.
        size: how many tickets there are; none give no interval.
        seed: of the resamples.
        resamples: how many.
    """
    if not size:
        nothing = figure(np.arange(0))
        return Figure(nothing, nothing, nothing)
    random = np.random.default_rng(seed)
    drawn = [figure(random.integers(0, size, size)) for _ in range(resamples)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Figure(figure(np.arange(size)), float(low), float(high))


def threshold_for(confidence: Chances, right: Truths, precision: float) -> float:
    """The least confidence such that of all answers at or above it the wanted share is right; `NOTHING` if none is."""
    kept = _kept(confidence, right, precision)
    return float(np.sort(confidence)[::-1][kept - 1]) if kept else NOTHING


def answerable(confidence: Chances, right: Truths, precision: float) -> float:
    """The greatest share of tickets that a threshold answers with this precision, chosen on these very tickets."""
    return _kept(confidence, right, precision) / max(1, len(right))


def calibration_error(confidence: Chances, right: Truths, bins: int = ECE_BINS) -> float:
    """Expected calibration error over 15 bins of equal width (Guo et al. 2017, arXiv:1706.04599)."""
    which = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    gap = np.bincount(which, weights=confidence - right, minlength=bins)
    return float(np.abs(gap).sum() / len(right))


def share(counted: Truths) -> float:
    """Share of what is so; 0 of nothing."""
    return float(counted.mean()) if len(counted) else 0.0


def _kept(confidence: Chances, right: Truths, precision: float) -> int:
    order = np.argsort(-confidence, kind="stable")
    precisions = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    # A threshold takes all of equal confidence or none.
    ordered = confidence[order]
    last_of_equals = np.append(ordered[1:] != ordered[:-1], True)
    good = np.flatnonzero((precisions >= precision) & last_of_equals)
    return int(good[-1]) + 1 if len(good) else 0
