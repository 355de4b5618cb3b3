"""Values of a followed topic that carry vectors, read one by one: a bad one stops no other."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from streams.contracts.codec import decode_result
from streams.contracts.records import CatalogEntry, MemoryEntry
from streams.contracts.topics import Topic
from streams.contracts.vectors import unpack
from streams.contracts.violation import ContractViolation

Vectors = npt.NDArray[np.float32]


E = TypeVar("E", CatalogEntry, MemoryEntry)


def read_entries(topic: Topic[E], values: Sequence[bytes], width: int) -> tuple[list[E], Vectors, list[int]]:
    """Reads values.

    Args:
        topic: of `CatalogEntry` or `MemoryEntry`.
        values: of its records.
        width: numbers in a vector.

    Returns:
        The readable entries; their vectors, float32 [n, width]; and the places in `values` of all others.
    """
    entries: list[E] = []
    vectors: list[Vectors] = []
    unreadable: list[int] = []
    for place, value in enumerate(values):
        try:
            entry = decode_result(topic, value)
            vector = unpack(entry.vector)
        except (ContractViolation, ValueError):
            unreadable.append(place)
            continue
        if vector.shape == (width,) and np.isfinite(vector).all():
            entries.append(entry)
            vectors.append(vector)
        else:
            unreadable.append(place)
    return entries, np.stack(vectors) if vectors else np.empty((0, width), np.float32), unreadable
