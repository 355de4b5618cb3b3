"""Vectors of a catalogue, in parts, with progress; kept on disk only where a folder is named."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from models.catalogue.vectors import Vectors
from models.engine.vector_file import Maker, vectors_in_parts
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
    maker = Maker(encoder.identity.digest, encoder.runs_on, encoder.width, encoder.passages_now)
    return vectors_in_parts(maker, texts, PART_TEXTS, progress, "products", cache)
