"""Vectors on the wire: float16, little-endian, in base64. Rounding to float16 moves a cosine by about 1e-4."""

from base64 import b64decode, b64encode

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
