"""Vectors of a catalogue, in parts, with progress; kept on disk only where a folder is named."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from models.catalogue.vectors import Vectors
from models.identity import ModelIdentity

PART_TEXTS = 256

Progress = Callable[[int], None]
"""Told how many are done."""


class Encoder(Protocol):
    """What an evaluation needs of `models.retrieval.encoder.TextEncoder`."""

    @property
    def identity(self) -> ModelIdentity:
        """Which encoder it is."""
        ...

    @property
    def runs_on(self) -> str:
        """Backend, device and number format."""
        ...

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        ...

    def queries_now(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries, float32 [n, width]."""
        ...

    def passages_now(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of what is searched, float32 [n, width]."""
        ...


def product_vectors(
    encoder: Encoder, texts: Sequence[str], progress: Progress, cache: Path | None = None
) -> Vectors:
    """Vectors of all texts, float32 [n, width].

    Args:
        encoder: what makes them.
        texts: of products.
        progress: told after each part.
        cache: a folder in which vectors are kept by encoder, number format and texts, and found again.
    """
    file = cache and cache / f"products-{_key(encoder, texts)}.npy"
    if file and file.is_file():
        stored: Vectors = np.load(file, allow_pickle=False)
        progress(len(texts))
        return stored
    vectors = np.empty((len(texts), encoder.width), np.float32)
    # Neighbours in length share a part, which saves padding.
    by_length = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    for start in range(0, len(texts), PART_TEXTS):
        part = by_length[start : start + PART_TEXTS]
        vectors[part] = encoder.passages_now([texts[index] for index in part])
        progress(start + len(part))
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file, vectors, allow_pickle=False)
    return vectors


def _key(encoder: Encoder, texts: Sequence[str]) -> str:
    digest = hashlib.sha256(f"{encoder.identity.digest} {encoder.runs_on}".encode())
    for text in texts:
        encoded = text.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8))
        digest.update(encoded)
    return digest.hexdigest()[:32]
