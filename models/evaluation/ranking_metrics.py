"""How good rankings are. Pure functions; one query each."""

import math
from collections.abc import Mapping, Sequence


def ndcg(ranked: Sequence[str], gains: Mapping[str, float], depth: int) -> float:
    """Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002): gain / log2(rank + 1), summed.

    Args:
        ranked: ids, best first.
        gains: of the judged ids; others gain 0. At least one must be more than 0.
        depth: places that count.

    Returns:
        From 0 to 1, which is the best possible order of all judged ids.
    """
    ideal = _dcg(sorted(gains.values(), reverse=True)[:depth])
    if ideal == 0:
        raise ValueError("a query without gains has no best order")
    return _dcg([gains.get(key, 0.0) for key in ranked[:depth]]) / ideal


def reciprocal_rank(ranked: Sequence[str], relevant: frozenset[str], depth: int) -> float:
    """1 / rank of the first relevant id; 0 where none is within the depth."""
    return next((1 / rank for rank, key in enumerate(ranked[:depth], 1) if key in relevant), 0.0)


def recall(ranked: Sequence[str], relevant: frozenset[str], depth: int) -> float:
    """Share of the relevant ids, of which there is at least one, that are within the depth."""
    return len(relevant.intersection(ranked[:depth])) / len(relevant)


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))
