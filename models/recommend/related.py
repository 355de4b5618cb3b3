"""The neighbours of several products put together: what each brings to a candidate, and who gets most."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Related:
    """Products with any association to one of s sources.

    Attributes:
        names: product ids by index.
        index: the other way round.
        found: [n], indices, ascending.
        shares: [n, s], the source's weight times its similarity.
    """

    names: Sequence[str]
    index: Mapping[str, int]
    found: Indices
    shares: Matrix

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        index: Mapping[str, int],
        weights: Sequence[float],
        neighbours: Mapping[int, tuple[Indices, Matrix]],
    ) -> Self:
        """From the indices and similarities of each source's neighbours, by the source's place in `weights`."""
        if not neighbours:
            return cls(names, index, np.empty(0, np.int64), np.zeros((0, len(weights))))
        found, rows = np.unique(
            np.concatenate([indices for indices, _ in neighbours.values()]), return_inverse=True
        )
        shares = np.zeros((len(found), len(weights)))
        columns = np.repeat(list(neighbours), [len(indices) for indices, _ in neighbours.values()])
        shares[rows, columns] = np.concatenate(
            [weights[place] * similarities for place, (_, similarities) in neighbours.items()]
        )
        return cls(names, index, found, shares)

    def best(self, limit: int, allowed: Callable[[str], bool]) -> list[str]:
        """The ids with the highest sums, best first, ties by id.

        Args:
            limit: at most so many.
            allowed: asked from the best down, until enough have passed.
        """
        sums = self.shares.sum(axis=1)
        passed: list[tuple[float, str]] = []
        for row in np.argsort(-sums, kind="stable").tolist():
            least = float(-sums[row])
            if len(passed) >= limit and least > passed[-1][0]:
                break
            product_id = self.names[int(self.found[row])]
            if allowed(product_id):
                passed.append((least, product_id))
        return [product_id for _, product_id in sorted(passed)[:limit]]

    def shares_of(self, ids: Sequence[str]) -> Matrix:
        """Rows of `shares` for these products, float64 [len(ids), s]; zeros for those without any association."""
        shares = np.zeros((len(ids), self.shares.shape[1]))
        if len(self.found):
            wanted = np.array([self.index.get(product_id, -1) for product_id in ids], np.int64)
            rows = np.minimum(np.searchsorted(self.found, wanted), len(self.found) - 1)
            there = self.found[rows] == wanted
            shares[there] = self.shares[rows[there]]
        return shares
