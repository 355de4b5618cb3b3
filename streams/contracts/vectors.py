"""Vectors on the wire: float16, little-endian, in base64. Rounding to float16 moves a cosine by about 1e-4."""

from base64 import b64decode, b64encode
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]


def pack(vector: Vector) -> str:
    """Writes a vector, shape [width]."""
    return b64encode(vector.astype("<f2").tobytes()).decode()


def unpack(packed: str) -> Vector:
    """Reads a vector, float32 [width].

    Raises:
        ValueError: it is no base64 of whole float16 numbers.
    """
    return np.frombuffer(b64decode(packed, validate=True), "<f2").astype(np.float32)


def unpack_many(packed: Sequence[str]) -> npt.NDArray[np.float32]:
    """Reads vectors of one width, float32 [n, width].

    Raises:
        ValueError: one is no base64 of float16 numbers, or they differ in width.
    """
    if not packed:
        return np.empty((0, 0), np.float32)
    raw = b"".join(b64decode(one, validate=True) for one in packed)
    return np.frombuffer(raw, "<f2").reshape(len(packed), -1).astype(np.float32)
