"""One score for a candidate, made of parts; and a list of which not all is the same."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from models.recommend.history import Standing
from models.recommend.index import Vectors

Scores = npt.NDArray[np.float64]

PARTS = ("taken_together", "similar", "opinion", "popular")
"""The columns of a matrix of parts."""

WEIGHTS = np.array([0.7, 0.15, 0.1, 0.05])
"""Of `PARTS`. `similar` and `popular` were chosen on the training rows of online_retail, where .1 to .3 and .02 to .1
of `taken_together` did alike. `opinion` is a judgement: no data set at hand has purchases and reviews of the same
users."""

VARIETY = 0.3
"""How much of its score a product loses for being the same as one before it in the list. On the training rows .3
changed HR@10 and NDCG@10 by less than .001 and made lists a fifth less alike; .5 cost .007 of HR@10."""

DOUBT = 5
"""Reviews at which their opinion counts half."""


def normalised(values: Scores) -> Scores:
    """Values [n] from 0 to 1, relative to the highest; what is below 0 is 0."""
    positive = np.maximum(values, 0)
    return positive / positive.max() if positive.any() else positive


def standing_parts(standings: Sequence[Standing]) -> Scores:
    """Opinion, -1 to 1, trusted by the number of reviews, and popularity, 0 to 1, as float64 [n, 2]."""
    return np.array(
        [
            ((one.opinion or 0.0) * one.reviews / (one.reviews + DOUBT), min(max(one.popularity, 0.0), 1.0))
            for one in standings
        ],
        np.float64,
    ).reshape(len(standings), 2)


def varied(parts: Scores, vectors: Vectors, limit: int) -> list[tuple[int, Mapping[str, float]]]:
    """Choose the best one after the other, each less for being like one already chosen.

    Maximal marginal relevance (Carbonell and Goldstein 1998) with a factor in place of a difference, so that the
    parts still add up: all are scaled by 1 - `VARIETY` x the highest cosine to a chosen one. A score only ever sinks
    on the way, so the list is sorted by it.

    Args:
        parts: weighted, [n, 4], sorted by their sums, highest first, ties by id.
        vectors: unit or zero vectors, float32 [n, width].
        limit: how many to choose.

    Returns:
        Row and parts of each chosen one.
    """
    sums = parts.sum(axis=1)
    left = np.ones(len(parts), bool)
    likeness = np.zeros(len(parts))
    chosen: list[tuple[int, Mapping[str, float]]] = []
    for _ in range(min(limit, len(parts))):
        factors = np.where(sums > 0, 1 - VARIETY * likeness, 1.0)
        row = int(np.argmax(np.where(left, sums * factors, -np.inf)))
        left[row] = False
        scaled = (parts[row] * factors[row]).tolist()
        chosen.append((row, {name: value for name, value in zip(PARTS, scaled, strict=True) if value}))
        likeness = np.clip(vectors @ vectors[row], likeness, 1)
    return chosen
