"""Which products the same people take: item-to-item co-occurrence, kept up to date action by action.

The similarity of two products is the cosine of their columns in the user-product matrix (Sarwar et al. 2001,
"Item-based collaborative filtering recommendation algorithms"), shrunk towards 0 where few users support it:

    sim(i, j) = sum_u s_ui * s_uj / sqrt(sum_u s_ui^2 * sum_u s_uj^2) / (1 + SHRINKAGE / sqrt(users_i * users_j))

With strengths of 1 this is the usual constant added to the denominator (Ferrari Dacrema et al. 2019, "Are we really
making much progress?"); in this form the unit of the strengths doesn't matter.
"""

from collections.abc import Sequence
from typing import Self

import numpy as np

from models.recommend.association_snapshot import AssociationSnapshot
from models.recommend.interactions import WEIGHT_BITS, Interactions
from models.recommend.related import Indices, Matrix, Related

PER_USER = 200
"""Of each user the latest so many distinct (product, weight) pairs count."""

SHRINKAGE = 5.0
"""Chosen among 0, 5, 10, 20 on the training rows of online_retail; in users."""

NEIGHBOURS = 300
"""Kept of each product; more changed nothing measurable."""

SAMPLE = 2_000
"""Of a product with more users, so many are looked at."""

GROWTH = 0.1
"""A product's neighbours are computed anew once its users have changed by this share,"""

RECORDS_SHARE, MOST_RECORDS = 0.01, 10_000
"""or once as many records have passed as this share of all so far, but never more than so many."""

CACHED = 20_000
"""Products whose neighbours are kept ready; about 4 KB each."""


class _Cached:
    """A product's neighbours, best first, and when they were computed."""

    __slots__ = ("holders", "indices", "records", "similarities")

    def __init__(self, indices: Indices, similarities: Matrix, holders: int, records: int) -> None:
        self.indices = indices
        self.similarities = similarities
        self.holders = holders
        self.records = records


class Associations:
    """Co-occurrence of products in the latest actions of each user.

    A user's strength for a product is the sum of the distinct weights of what they did with it, so that a view and a
    purchase count more than two views. What is kept depends only on the set of records, not on the order of their
    arrival nor on repetitions; so workers that follow the same topic agree, up to how old their cached neighbours are
    (`GROWTH`, `RECORDS_SHARE`).

    Not for several threads at once. A million interactions of 50,000 users take about 85 MB, and what is cached at most
    another 80.

    Args:
        per_user: how many (product, weight) pairs of a user count, the latest by event time (ties by product id).
    """

    def __init__(self, per_user: int = PER_USER) -> None:
        self._interactions = Interactions(per_user)
        self._cache: dict[int, _Cached] = {}

    def __len__(self) -> int:
        """Users known."""
        return len(self._interactions)

    def record(self, user: str, product_id: str, at: float, weight: float) -> None:
        """A user did something with a product.

        Args:
            user: any stable id or token.
            product_id: any product, also one that no catalogue knows.
            at: event time, Unix seconds or any other measure of order.
            weight: how much it says, above 0 to 1; kept to three decimals.

        Raises:
            ValueError: the weight is out of its bounds, or the time is not finite.
        """
        self._interactions.record(user, product_id, at, weight)

    def forget(self, user: str) -> None:
        """Leave nothing of a user, in the lists or in what was computed from them; an unknown one is no error."""
        if self._interactions.forget(user):
            self._cache.clear()  # all: products that have left the user's list since are not known any more

    def neighbours(self, product_id: str, limit: int) -> list[tuple[str, float]]:
        """The products most associated with one, best first, ties by id.

        Args:
            product_id: an unknown one has none.
            limit: at most so many; no more than `NEIGHBOURS` are ever known.

        Returns:
            (product id, similarity above 0 and below 1).
        """
        near = self._neighbours(product_id)
        if near is None:
            return []
        ids = [self._interactions.products[index] for index in near.indices[:limit].tolist()]
        return list(zip(ids, near.similarities[:limit].tolist(), strict=True))

    def related(self, sources: Sequence[tuple[str, float]]) -> Related:
        """What a few products together bring in.

        Args:
            sources: (product id, weight); unknown ids bring nothing.
        """
        found = [self._neighbours(product_id) for product_id, _ in sources]
        return Related.of(
            self._interactions.products,
            self._interactions.index,
            [weight for _, weight in sources],
            {place: (near.indices, near.similarities) for place, near in enumerate(found) if near},
        )

    def dump(self) -> bytes:
        """A snapshot, the same bytes for the same set of records."""
        return self._interactions.snapshot().to_bytes()

    @classmethod
    def restore(cls, content: bytes) -> Self:
        """What `dump` wrote.

        Raises:
            ValueError: damaged, or of another format.
        """
        restored = cls()
        restored._interactions = Interactions.restored(AssociationSnapshot.from_bytes(content))
        return restored

    def _neighbours(self, product_id: str) -> _Cached | None:
        product = self._interactions.index.get(product_id)
        if product is None or not self._interactions.holders[product]:
            return None
        cached = self._cache.pop(product, None)
        if cached is None or self._stale(cached, len(self._interactions.holders[product])):
            cached = self._computed(product)
            if len(self._cache) >= CACHED:
                del self._cache[next(iter(self._cache))]
        self._cache[product] = cached  # at the end: the first is the one not asked for longest
        return cached

    def _stale(self, cached: _Cached, holders: int) -> bool:
        records = self._interactions.records
        return abs(holders - cached.holders) > GROWTH * cached.holders or records - cached.records > min(
            MOST_RECORDS, RECORDS_SHARE * records
        )

    def _computed(self, product: int) -> _Cached:
        known = self._interactions
        lists = known.lists_of(product, SAMPLE)
        codes = np.concatenate([np.frombuffer(one.codes, np.uint64) for one in lists]).astype(np.int64)
        products, weights = codes >> WEIGHT_BITS, codes & ((1 << WEIGHT_BITS) - 1)
        lengths = np.array([len(one.codes) for one in lists])
        starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        own = np.add.reduceat(np.where(products == product, weights, 0), starts)
        # Whole numbers below 2^53, so the sums are exact in any order.
        together = np.bincount(products, weights * np.repeat(own, lengths), minlength=len(known.products))
        together[product] = 0
        found = np.flatnonzero(together)
        holders = len(known.holders[product])
        norms = np.frombuffer(known.norms, np.int64)[found].astype(np.float64) * known.norms[product]
        cosines = np.minimum(together[found] * (holders / len(lists)) / np.sqrt(norms), 1)
        users = np.array([len(known.holders[other]) for other in found.tolist()], np.float64)
        similarities = cosines / (1 + SHRINKAGE / np.sqrt(users * holders))
        if len(found) > NEIGHBOURS:
            least = np.partition(similarities, -NEIGHBOURS)[-NEIGHBOURS]
            found, similarities = found[similarities >= least], similarities[similarities >= least]
        order = sorted(
            range(len(found)), key=lambda place: (-similarities[place], known.products[found[place]])
        )[:NEIGHBOURS]
        return _Cached(found[order], similarities[order], holders, known.records)
