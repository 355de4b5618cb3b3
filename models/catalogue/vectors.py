"""Exact nearest neighbours by cosine, in memory. Knows nothing of what the vectors stand for."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

BLOCK_ROWS = 16_384
SAME = 1e-6
"""Vectors whose cosine is as near to 1 as this are equal."""


class VectorIndex:
    """Unit vectors by id, in slots that are used again after a deletion.

    The vectors lie in blocks of 16,384 rows, so that growth copies nothing and stops nobody; the memory of a block is
    taken as its rows are written. A search is one matrix product per block: exact, and for 100,000 vectors of 384
    numbers a few milliseconds. One thread changes the index. Searches in other threads meanwhile never fail, but may
    see half of a batch.

    Args:
        width: numbers in a vector.

    Attributes:
        width: as given.
    """

    def __init__(self, width: int) -> None:
        if width < 1:
            raise ValueError("width must be at least 1")
        self.width = width
        self._blocks: list[Vectors] = []
        self._ids: list[str | None] = []
        self._slots: dict[str, int] = {}
        self._free: list[int] = []
        self._sum = np.zeros(width, np.float64)

    def __len__(self) -> int:
        return len(self._slots)

    def __contains__(self, key: object) -> bool:
        return key in self._slots

    @property
    def size(self) -> int:
        """Slots, free ones included: the length of masks and similarities."""
        return len(self._ids)

    @property
    def mean(self) -> Vectors:
        """The mean of all vectors, float32 [width]; zero while there are none."""
        return np.asarray(self._sum / max(1, len(self._slots)), np.float32)

    def slot(self, key: str) -> int | None:
        """Where a vector lies; it stays there until it is deleted."""
        return self._slots.get(key)

    def key(self, slot: int) -> str | None:
        """Whose vector lies there; None is free."""
        return self._ids[slot] if 0 <= slot < len(self._ids) else None

    def get(self, key: str) -> Vectors | None:
        """A copy of a vector, float32 [width]."""
        slot = self._slots.get(key)
        return None if slot is None else self._row(slot).copy()

    def rows(self, keys: Sequence[str]) -> Vectors:
        """Copies of several vectors, float32 [n, width]; zero where there is none."""
        out = np.zeros((len(keys), self.width), np.float32)
        for place, key in enumerate(keys):
            slot = self._slots.get(key)
            if slot is not None:
                out[place] = self._row(slot)
        return out

    def upsert(self, keys: Sequence[str], vectors: Vectors) -> None:
        """Add or replace vectors.

        Args:
            keys: ids [n]; of an id that comes twice the last counts.
            vectors: float32 [n, width]; scaled to length 1 here, a zero vector stays zero and is near nothing.

        Raises:
            ValueError: the shape is another, or a number isn't finite; nothing was changed then.
        """
        for key, row in zip(keys, self.checked(len(keys), vectors), strict=True):
            self.put(key, row)

    def checked(self, count: int, vectors: Vectors) -> Vectors:
        """The vectors scaled to length 1.

        Raises:
            ValueError: they aren't `count`, not of the index's width, or not finite.
        """
        if vectors.shape != (count, self.width):
            raise ValueError(f"expected vectors of shape {(count, self.width)}, got {vectors.shape}")
        if not np.isfinite(vectors).all():
            raise ValueError("vectors must be finite")
        return unit(np.asarray(vectors, np.float32))

    def put(self, key: str, row: Vectors) -> bool:
        """Add or replace one of `checked`, [width]; tells whether that changed anything.

        A vector that went through float16 is still the same: it is kept as it was where their cosine is 1 within 10^-6.
        """
        slot = self._slots.get(key)
        if slot is None:
            slot = self._take_slot()
            self._ids[slot] = key
            self._slots[key] = slot
            self._sum += row  # a free slot holds zeros
        else:
            known = self._row(slot)
            if float(row @ known) > 1 - SAME:
                return False
            self._sum += row - known
        self._row(slot)[:] = row
        return True

    def delete(self, keys: Iterable[str]) -> None:
        """Forget vectors; unknown ids are skipped."""
        for key in keys:
            slot = self._slots.pop(key, None)
            if slot is not None:
                self._ids[slot] = None
                self._sum -= self._row(slot)
                self._row(slot)[:] = 0
                self._free.append(slot)

    def similarities(self, vectors: Vectors) -> Vectors:
        """Cosine of each given vector to each slot.

        Args:
            vectors: unit vectors [q, width].

        Returns:
            float32 [q, size]; minus infinity in free slots.
        """
        size = self.size
        out = np.empty((len(vectors), size), np.float32)
        for start in range(0, size, BLOCK_ROWS):
            stop = min(start + BLOCK_ROWS, size)
            np.matmul(vectors, self._blocks[start // BLOCK_ROWS][: stop - start].T, out=out[:, start:stop])
        free = np.asarray(self._free, np.int64)
        out[:, free[free < size]] = -np.inf
        return out

    def top(self, similarities: Vectors, limit: int, allowed: Mask | None = None) -> list[tuple[str, float]]:
        """The best ids of one row of `similarities`, best first; equal ones in the order of their slots.

        Args:
            similarities: float32 [size].
            limit: most ids to give.
            allowed: which slots may be given, bool [size].
        """
        slots = np.arange(len(similarities)) if allowed is None else np.flatnonzero(allowed)
        wanted = min(len(slots), limit)
        if wanted < 1:
            return []
        scores = similarities[slots]
        if wanted < len(slots):
            chosen = np.argpartition(-scores, wanted - 1)[:wanted]
            slots, scores = slots[chosen], scores[chosen]
        order = np.lexsort((slots, -scores))
        found = ((self._ids[slots[place]], float(scores[place])) for place in order)
        return [(key, score) for key, score in found if key is not None and score > -np.inf]

    def nearest(
        self, vector: Vectors, limit: int, allowed: Mask | Callable[[str], bool] | None = None
    ) -> list[tuple[str, float]]:
        """Ids with their cosines, best first.

        Args:
            vector: a unit vector [width].
            limit: most ids to give.
            allowed: a mask over slots, bool [size], or a test of ids; a test is asked from the best down, until
                enough have passed.
        """
        (similarities,) = self.similarities(vector[np.newaxis])
        if not callable(allowed):
            return self.top(similarities, limit, allowed)
        looked_at = max(4 * limit, 64)
        while True:
            ranked = self.top(similarities, looked_at)
            passed = [(key, score) for key, score in ranked if allowed(key)][:limit]
            if len(passed) == limit or len(ranked) < looked_at:
                return passed
            looked_at *= 8

    def _row(self, slot: int) -> Vectors:
        row: Vectors = self._blocks[slot // BLOCK_ROWS][slot % BLOCK_ROWS]
        return row

    def _take_slot(self) -> int:
        if self._free:
            return self._free.pop()
        slot = len(self._ids)
        if slot == len(self._blocks) * BLOCK_ROWS:
            self._blocks.append(np.zeros((BLOCK_ROWS, self.width), np.float32))
        self._ids.append(None)
        return slot


def unit(rows: Vectors) -> Vectors:
    """Rows scaled to length 1; zero rows stay zero."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), np.float32)
