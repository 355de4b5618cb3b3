"""What products can be filtered by without looking at price or stock: category, brand, attributes.

A facet is a normalised text such as `brand:acme`. A product has a set of them, a filter asks for some of them:
`Required` is a conjunction of disjunctions (of each group at least one).
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from models.catalogue.product import AttributeValue, Product

Scalar = str | bool | int | float
Required = tuple[tuple[str, ...], ...]
"""Groups of facets: a product must have at least one of each group."""

Mask = npt.NDArray[np.bool_]

_FREE = 0
_FIRST_ROOM = 1024
_PATH = ">"
_REMEMBERED = 1 << 14
"""Brands, categories and values whose facets are kept: many products share them, and to normalise them anew for each
took a quarter of the time in which a catalogue is filled."""


def category_facet(category: str) -> str:
    """Of a category name or a path `A > B`."""
    return _category(_path(category))


@lru_cache(_REMEMBERED)
def brand_facet(brand: str) -> str:
    """Of a brand."""
    return "brand:" + _normal(brand)


@lru_cache(_REMEMBERED, typed=True)  # True, 1 and 1.0 are equal
def attribute_facet(name: str, value: Scalar) -> str:
    """Of one value of an attribute; the number 10 and the text "10" are the same, and so are yes and "true"."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, float) and value.is_integer():
        text = str(int(value))
    else:
        text = str(value)
    return f"attribute:{_normal(name)}={_normal(text)}"


def facets_of(product: Product) -> frozenset[str]:
    """All facets of a product: brand, attribute values, of each category path every part and every beginning."""
    return frozenset(_facets(product))


def satisfies(facets: frozenset[str], required: Required) -> bool:
    """Whether of each group at least one is there."""
    return all(not facets.isdisjoint(group) for group in required)


class FacetTable:
    """Which slots have which facet: (hash, slot) pairs in two arrays, scanned whole.

    A pair costs 12 bytes and a scan of two million of them (100,000 products) 1 to 2 ms, so filters need no Python loop
    over products and no set per facet. The 64-bit hashes of two facets are equal once in 10^19 pairs; an exact check
    of the few products that are shown follows anyway.
    """

    def __init__(self) -> None:
        self._hashes = np.zeros(_FIRST_ROOM, np.int64)
        self._slots = np.zeros(_FIRST_ROOM, np.uint32)
        self._spans: dict[int, tuple[int, int]] = {}
        self._end = 0
        self._live = 0

    def put(self, slot: int, facets: frozenset[str]) -> None:
        """Replace a slot's facets."""
        self.remove(slot)
        if self._end + len(facets) > len(self._hashes):
            self._make_room(len(facets))
        start, stop = self._end, self._end + len(facets)
        self._hashes[start:stop] = [_hashed(facet) for facet in facets]
        self._slots[start:stop] = slot
        self._spans[slot] = (start, stop)
        self._end = stop
        self._live += len(facets)

    def remove(self, slot: int) -> None:
        """Forget a slot; unknown ones too."""
        start, stop = self._spans.pop(slot, (0, 0))
        self._hashes[start:stop] = _FREE
        self._live -= stop - start

    def mask(self, required: Required, size: int) -> Mask:
        """Which of the first `size` slots have of each group at least one facet, bool [size]."""
        allowed = np.ones(size, np.bool_)
        for group in required:
            having = np.zeros(max(size, 1), np.bool_)
            for facet in group:
                end = self._end  # once: a restore in another thread may move it
                found = self._slots[:end][self._hashes[:end] == _hashed(facet)]
                having[found[found < size]] = True
            allowed &= having[:size]
        return allowed

    def _make_room(self, needed: int) -> None:
        """Doubles the arrays, or closes the gaps where those are more than half."""
        if 2 * (self._live + needed) < len(self._hashes):
            self._close_gaps()
            return
        room = len(self._hashes)
        while room < self._end + needed:
            room *= 2
        self._hashes = np.concatenate([self._hashes, np.zeros(room - len(self._hashes), np.int64)])
        self._slots = np.concatenate([self._slots, np.zeros(room - len(self._slots), np.uint32)])

    def _close_gaps(self) -> None:
        kept = np.flatnonzero(self._hashes[: self._end] != _FREE)
        self._hashes[: len(kept)] = self._hashes[kept]
        self._slots[: len(kept)] = self._slots[kept]
        starts = np.searchsorted(kept, [start for start, _ in self._spans.values()])
        self._spans = {
            slot: (int(start), int(start) + stop - begin)
            for (slot, (begin, stop)), start in zip(self._spans.items(), starts, strict=True)
        }
        self._end = len(kept)


def _facets(product: Product) -> Iterator[str]:
    if product.brand:
        yield brand_facet(product.brand)
    for category in product.categories:
        yield from _category_facets(category)
    for name, value in product.attributes.items():
        for one in _values(value):
            yield attribute_facet(name, one)


@lru_cache(_REMEMBERED)
def _category_facets(category: str) -> tuple[str, ...]:
    """Of a path: every part and every beginning."""
    parts = _path(category)
    beginnings = (parts[: index + 1] for index in range(len(parts)))
    return tuple({_category(one) for one in (*([part] for part in parts), *beginnings)})


def _values(value: AttributeValue) -> Sequence[Scalar]:
    return value if isinstance(value, tuple) else (value,)


def _category(parts: Sequence[str]) -> str:
    return "category:" + " > ".join(parts)


def _path(category: str) -> list[str]:
    return [part for part in (_normal(part) for part in category.split(_PATH)) if part]


def _normal(text: str) -> str:
    return " ".join(text.casefold().split())


def _hashed(facet: str) -> int:
    """64 bits, and never the mark of a free place."""
    return hash(facet) or 1
