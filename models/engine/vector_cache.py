"""Vectors that need not be computed again: in this process, then in a store that processes share.

Both are content-addressed: a key is a hash over the encoder, how it runs, and the text, so that nothing is ever stale.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from models.engine.model import LoadedModel

ENTRY_BYTES = 300
"""What an entry takes besides its vector: key, array object, place in the table."""

Vector = npt.NDArray[np.float32]
"""Shape [width]."""


class VectorStore(Protocol):
    """A shared cache. It never raises for being away: then nothing is found, and nothing is kept.

    Keys are 32 bytes, a hash that covers encoder, precision and text. Values are float16, little-endian.
    """

    async def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """What is there, in the order of the keys."""

    async def put(self, entries: Mapping[bytes, bytes]) -> None:
        """Keep these for a while."""


@dataclass(frozen=True, slots=True)
class Caching:
    """Where a model's vectors are kept.

    Attributes:
        process_bytes: most memory of the cache in this process; 0 is none.
        store: the shared cache, asked by coroutines only.
    """

    process_bytes: int = 0
    store: VectorStore | None = None


class VectorCache:
    """Least recently used vectors of one model, bounded in bytes. Thread-safe."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._vectors: OrderedDict[bytes, Vector] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Memory that the entries take, in bytes."""
        return self._bytes

    def get(self, key: bytes) -> Vector | None:
        """The vector, read-only, or None."""
        with self._lock:
            vector = self._vectors.get(key)
            if vector is not None:
                self._vectors.move_to_end(key)
            return vector

    def put(self, key: bytes, vector: Vector) -> None:
        """Keep a copy; what was not used for longest goes for it."""
        kept = vector.copy()  # a row of a batch would keep the whole batch
        kept.flags.writeable = False
        size = kept.nbytes + ENTRY_BYTES
        if size > self._most_bytes:
            return
        with self._lock:
            if key in self._vectors:
                return
            self._vectors[key] = kept
            self._bytes += size
            while self._bytes > self._most_bytes:
                _, gone = self._vectors.popitem(last=False)
                self._bytes -= gone.nbytes + ENTRY_BYTES


def vector_keys(model: LoadedModel, texts: Sequence[str]) -> list[bytes]:
    """A key for each text: SHA-256 over all that a vector depends on: weights, how they run, token limit and text."""
    parts = (model.identity.digest, model.vector_id, model.backend.precision, model.tokeniser.max_tokens)
    encoder = f"{' '.join(map(str, parts))}\n".encode()
    return [hashlib.sha256(encoder + text.encode("utf-8", "surrogatepass")).digest() for text in texts]


def packed(vector: Vector) -> bytes:
    """A vector as the store keeps it."""
    return vector.astype("<f2").tobytes()


def unpacked(value: bytes, width: int) -> Vector | None:
    """A vector from the store, of length 1 again after its rounding; None where it is damaged."""
    if len(value) != 2 * width:
        return None
    vector: Vector = np.frombuffer(value, "<f2").astype(np.float32)
    length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or length == 0:
        return None
    return vector / np.float32(length)
