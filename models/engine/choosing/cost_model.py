"""What a batch costs: seconds = a + b·tokens + c·tokens·length. `b` is the linear layers' part, `c` attention's."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

_TERMS = 3


@dataclass(frozen=True, slots=True)
class Measurement:
    """One batch of rows of the same length, timed.

    Attributes:
        rows: how many.
        length: tokens of each.
        seconds: what the batch took.
    """

    rows: int
    length: int
    seconds: float


@dataclass(frozen=True, slots=True)
class CostModel:
    """Seconds of a batch.

    Attributes:
        per_batch: a, in seconds.
        per_token: b, in seconds.
        per_token_and_length: c, in seconds.
        mean_error: mean of the relative errors of what it was fitted to; 0.1 is 10 %.
        worst_error: the largest of them.
    """

    per_batch: float
    per_token: float
    per_token_and_length: float
    mean_error: float
    worst_error: float

    def predict(self, rows: int, length: int) -> float:
        """Seconds for a batch of `rows` rows of `length` tokens, padding included."""
        tokens = rows * length
        return self.per_batch + tokens * (self.per_token + length * self.per_token_and_length)


def fit(measured: Sequence[Measurement]) -> CostModel:
    """Fit a cost model by least squares of the relative errors; no coefficient is negative.

    Raises:
        ValueError: fewer than three batches were measured, or one took no time.
    """
    if len(measured) < _TERMS or any(one.seconds <= 0 for one in measured):
        raise ValueError(f"a cost model needs at least {_TERMS} batches that took time")
    seconds = np.array([one.seconds for one in measured])
    tokens = np.array([one.rows * one.length for one in measured], np.float64)
    lengths = np.array([one.length for one in measured], np.float64)
    terms = np.stack([np.ones_like(tokens), tokens, tokens * lengths], axis=1)
    relative = terms / seconds[:, None]
    factors = _non_negative(relative)
    errors = np.abs(relative @ factors - 1)
    a, b, c = (float(factor) for factor in factors)
    return CostModel(a, b, c, float(errors.mean()), float(errors.max()))


def _non_negative(relative: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The least-squares solution of `relative @ x = 1` with x >= 0: the best of all sets of terms that has one.

    With three terms, trying all seven sets is exact and short.
    """
    scale = relative.max(axis=0)  # terms differ by many powers of ten
    scaled = relative / scale
    best, least = np.zeros(_TERMS), np.inf
    for size in range(1, _TERMS + 1):
        for chosen in map(list, combinations(range(_TERMS), size)):
            part, *_ = np.linalg.lstsq(scaled[:, chosen], np.ones(len(scaled)), rcond=None)
            squares = float(np.square(scaled[:, chosen] @ part - 1).sum())
            if (part >= 0).all() and squares < least:
                best, least = np.zeros(_TERMS), squares
                best[chosen] = part / scale[chosen]
    return best
