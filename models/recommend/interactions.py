"""What users did of late with which products, as small as it can be kept, and from both sides."""

import hashlib
import math
from array import array
from collections.abc import Sequence
from typing import Self

from models.recommend.association_snapshot import AssociationSnapshot

WEIGHT_BITS = 16
UNIT = 1_000
"""Weights are kept in thousandths: sums of whole numbers don't depend on their order."""


class Recent:
    """A user's latest pairs of product and weight.

    Attributes:
        codes: product index and weight in thousandths, in one number: `index << WEIGHT_BITS | weight`.
        times: the latest event time of each.
        rank: a hash of the user, by which samples are drawn.
    """

    __slots__ = ("codes", "rank", "times")

    def __init__(self, user: str) -> None:
        self.codes = array("Q")
        self.times = array("d")
        self.rank = int.from_bytes(hashlib.blake2b(user.encode(), digest_size=8).digest(), "big")

    def strength(self, product: int) -> int:
        """The product's weights added up, in thousandths."""
        return sum(code & 0xFFFF for code in self.codes if code >> WEIGHT_BITS == product)


class Interactions:
    """Users' lists and, inverted, who holds each product.

    What is kept depends only on the set of records, not on the order of their arrival nor on repetitions: of each
    user the `per_user` distinct (product, weight) pairs with the latest event times, ties by product id.

    Attributes:
        per_user: the bound of a user's list.
        products: ids by index.
        index: the other way round.
        holders: of each product, who has it in their list.
        norms: of each product, the sum of its squared strengths, in squared thousandths.
        records: how many came.
    """

    def __init__(self, per_user: int) -> None:
        self.per_user = per_user
        self.products: list[str] = []
        self.index: dict[str, int] = {}
        self.holders: list[set[Recent]] = []
        self.norms = array("q")
        self.records = 0
        self._users: dict[str, Recent] = {}

    def __len__(self) -> int:
        """Users known."""
        return len(self._users)

    def record(self, user: str, product_id: str, at: float, weight: float) -> None:
        """As `Associations.record`."""
        if not (0 < weight <= 1 and math.isfinite(at)):
            raise ValueError(f"weight {weight} is not above 0 and at most 1, or time {at} is not finite")
        product = self._interned(product_id)
        recent = self._users.get(user)
        if recent is None:
            recent = self._users[user] = Recent(user)
        self.records += 1
        self._add(recent, product, at, max(1, round(weight * UNIT)))
        if len(recent.codes) > self.per_user:
            self._drop(recent, self._oldest(recent))

    def forget(self, user: str) -> bool:
        """Drop a user's list; tells whether there was one."""
        recent = self._users.pop(user, None)
        if recent is None:
            return False
        while recent.codes:
            self._drop(recent, len(recent.codes) - 1)
        return True

    def snapshot(self) -> AssociationSnapshot:
        """All lists; equal for equal sets of records."""
        users = sorted(self._users)
        products = sorted(
            product for product, holders in zip(self.products, self.holders, strict=True) if holders
        )
        place = {product: number for number, product in enumerate(products)}
        rows = [
            sorted(
                (at, place[self.products[code >> WEIGHT_BITS]], code & 0xFFFF)
                for at, code in zip(recent.times, recent.codes, strict=True)
            )
            for recent in map(self._users.__getitem__, users)
        ]
        return AssociationSnapshot.of(self.per_user, users, products, rows)

    @classmethod
    def restored(cls, snapshot: AssociationSnapshot) -> Self:
        """The lists of a snapshot."""
        restored = cls(snapshot.per_user)
        for product_id in snapshot.products:
            restored._interned(product_id)
        for user, times, places, weights in snapshot.rows():
            recent = restored._users[user] = Recent(user)
            for at, product, weight in zip(times, places, weights, strict=True):
                restored._add(recent, product, at, weight)
        restored.records = len(snapshot.times)
        return restored

    def lists_of(self, product: int, most: int) -> Sequence[Recent]:
        """The lists that hold a product; of more than `most` those with the smallest hashes (a bottom-k sample)."""
        holders = self.holders[product]
        return (
            sorted(holders, key=lambda recent: recent.rank)[:most] if len(holders) > most else list(holders)
        )

    def _interned(self, product_id: str) -> int:
        product = self.index.get(product_id)
        if product is None:
            product = self.index[product_id] = len(self.products)
            self.products.append(product_id)
            self.holders.append(set())
            self.norms.append(0)
        return product

    def _add(self, recent: Recent, product: int, at: float, weight: int) -> None:
        code = product << WEIGHT_BITS | weight
        holders = self.holders[product]
        before = 0
        if recent in holders:
            if code in recent.codes:
                place = recent.codes.index(code)
                recent.times[place] = max(recent.times[place], at)
                return
            before = recent.strength(product)
        recent.codes.append(code)
        recent.times.append(at)
        holders.add(recent)
        self.norms[product] += (before + weight) ** 2 - before**2

    def _oldest(self, recent: Recent) -> int:
        least = min(recent.times)
        tied = [place for place, at in enumerate(recent.times) if at == least]
        return min(
            tied,
            key=lambda place: (
                self.products[recent.codes[place] >> WEIGHT_BITS],
                recent.codes[place] & 0xFFFF,
            ),
        )

    def _drop(self, recent: Recent, place: int) -> None:
        code = recent.codes[place]
        recent.codes[place], recent.times[place] = recent.codes[-1], recent.times[-1]
        recent.codes.pop()
        recent.times.pop()
        product, weight = code >> WEIGHT_BITS, code & 0xFFFF
        left = recent.strength(product)
        self.norms[product] -= (left + weight) ** 2 - left**2
        if not left:
            self.holders[product].discard(recent)
