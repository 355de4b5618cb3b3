"""Embed a training set once, in parts, with progress; kept on disk only where a folder is named."""

from collections.abc import Callable, Sequence
from pathlib import Path

from models.engine.backend import Vectors
from models.engine.encoder import Encoder
from models.engine.vector_file import Maker, vectors_in_parts

Progress = Callable[[str, int, int], None]
"""Told of (stage, done, total)."""

PART_TEXTS = 512


def embedded(
    encoder: Encoder, texts: Sequence[str], progress: Progress, cache: Path | None = None
) -> Vectors:
    """Vectors of all texts, float32 [n, width].

    Args:
        encoder: what makes them.
        texts: what to embed.
        progress: told of stage `embedding`.
        cache: a folder in which vectors are kept by encoder, number format and texts, and found again.
    """
    maker = Maker(encoder.digest, encoder.runs_on, encoder.width, encoder.embed_now)
    total = len(texts)
    return vectors_in_parts(
        maker, texts, PART_TEXTS, lambda done: progress("embedding", done, total), "vectors", cache
    )
