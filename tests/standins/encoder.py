"""An encoder that costs nothing: a vector is the sum of its words' random directions, the same in every process."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np

from models.engine.backend import Vectors
from models.engine.requests import Priority
from models.identity import ModelIdentity

WIDTH = 64


@lru_cache(maxsize=100_000)
def direction(word: str) -> Vectors:
    """Float32 [WIDTH], by the word's hash."""
    seed = int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big")
    return np.random.default_rng(seed).standard_normal(WIDTH).astype(np.float32)


class StandInEncoder:
    """`TextEncoder` for the fault tests."""

    identity = ModelIdentity("stand-in-encoder", "1", "0" * 64)
    width = WIDTH

    async def queries(
        self, texts: Sequence[str], priority: Priority = Priority.QUERY, timeout: float | None = None
    ) -> Vectors:
        return self._sums(texts)

    async def passages(self, texts: Sequence[str], priority: Priority = Priority.BACKFILL) -> Vectors:
        return self._sums(texts)

    def close(self) -> None:
        """Nothing is open."""

    def _sums(self, texts: Sequence[str]) -> Vectors:
        words = [text.lower().split() or [""] for text in texts]
        sums = [sum(map(direction, some), np.zeros(WIDTH, np.float32)) for some in words]
        vectors = np.array(sums, np.float32).reshape(-1, WIDTH)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = (vectors / np.maximum(lengths, 1e-6)).astype(np.float32)
        return unit
