"""Precision, recall and F2 from counts, with intervals."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from privacy.evaluation.alignment import Count, Row

RESAMPLES = 1_000
_BATCH = 50
"""Resamples at a time, to bound memory."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figure:
    """A share with its 95 % interval by the percentile bootstrap over texts (Efron 1979); None: of nothing.

    Where there is no error at all, no resample has one and the interval has no width; by the rule of three the bound is
    then 3 / the number of entities. Texts made from one template are not independent: their intervals are too narrow.
    """

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How exact the findings are.

    Attributes:
        precision: right ones of those found.
        recall: found ones of those labelled.
        f2: 5PR / (4P + R): recall weighs twice as much (van Rijsbergen 1979), since what is missed leaks.
    """

    precision: Figure
    recall: Figure
    f2: Figure


@dataclass(frozen=True, slots=True)
class Score:
    """What was counted of one kind, or of several together.

    Attributes:
        labelled: entities in the data.
        found: entities that the detector found.
        characters: accuracy, each character counting alike.
        entities: accuracy, each entity counting alike.
        masked: share of the labelled characters that were masked, as whatever kind.
    """

    labelled: int
    found: int
    characters: Accuracy
    entities: Accuracy
    masked: Figure


class Scoreboard:
    """The counts of many texts, from which scores of kinds and of groups of kinds are made.

    Args:
        texts: the counts of each text by kind, as `align` gives them.
        seed: of the resamples.
    """

    def __init__(self, texts: Sequence[dict[str, Row]], seed: int = 0) -> None:
        self.kinds = sorted({kind for rows in texts for kind in rows})
        self._place = {kind: number for number, kind in enumerate(self.kinds)}
        counts = np.zeros((len(texts), len(self.kinds), len(Count)))
        for number, rows in enumerate(texts):
            for kind, row in rows.items():
                counts[number, self._place[kind]] = row
        self._total = counts.sum(axis=0)
        self._drawn = _resampled(counts, seed)

    def score(self, kinds: Collection[str]) -> Score:
        """The score of these kinds together; their counts are added up."""
        places = [self._place[kind] for kind in kinds if kind in self._place]
        total, drawn = self._total[places].sum(axis=0), self._drawn[:, places].sum(axis=1)
        return Score(
            labelled=int(total[Count.ENTITIES_LABELLED]),
            found=int(total[Count.ENTITIES_FOUND]),
            characters=_accuracy(
                total,
                drawn,
                (Count.CHARACTERS_RIGHT, Count.CHARACTERS_FOUND),
                (Count.CHARACTERS_RECALLED, Count.CHARACTERS_LABELLED),
            ),
            entities=_accuracy(
                total,
                drawn,
                (Count.ENTITIES_RIGHT, Count.ENTITIES_FOUND),
                (Count.ENTITIES_RECALLED, Count.ENTITIES_LABELLED),
            ),
            masked=_figure(
                _share(total, Count.CHARACTERS_MASKED, Count.CHARACTERS_LABELLED),
                _share(drawn, Count.CHARACTERS_MASKED, Count.CHARACTERS_LABELLED),
            ),
        )


def _resampled(counts: Array, seed: int) -> Array:
    """The totals of resamples: as many texts drawn with replacement as there are, many times."""
    size = len(counts)
    random = np.random.default_rng(seed)
    flat = counts.reshape(size, -1)
    chances = np.full(size, 1 / size)
    drawn = [random.multinomial(size, chances, _BATCH) @ flat for _ in range(0, RESAMPLES, _BATCH)]
    return np.concatenate(drawn).reshape(RESAMPLES, *counts.shape[1:])


def _accuracy(
    total: Array, drawn: Array, right: tuple[Count, Count], recalled: tuple[Count, Count]
) -> Accuracy:
    precision, precisions = _share(total, *right), _share(drawn, *right)
    recall, recalls = _share(total, *recalled), _share(drawn, *recalled)
    return Accuracy(
        _figure(precision, precisions),
        _figure(recall, recalls),
        _figure(_f2(precision, recall), _f2(precisions, recalls)),
    )


def _share(counts: Array, part: Count, whole: Count) -> Array:
    """NaN where the whole is nothing."""
    wholes = counts[..., whole]
    return np.divide(counts[..., part], wholes, out=np.full_like(wholes, np.nan), where=wholes > 0)


def _f2(precision: Array, recall: Array) -> Array:
    """0 where nothing is right; NaN where nothing is labelled, or where only findings of related kinds are right."""
    exact = np.nan_to_num(precision)
    below = 4 * exact + recall
    undefined = np.isnan(recall) | (np.isnan(precision) & (recall > 0))
    f2 = np.divide(5 * exact * recall, below, out=np.zeros_like(below), where=below > 0)
    return np.where(undefined, np.nan, f2)


def _figure(value: Array, drawn: Array) -> Figure:
    if np.isnan(value):
        return Figure(None, None, None)
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return Figure(float(value), float(low), float(high))
