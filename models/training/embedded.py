"""Embed a training set once, in parts, with progress; kept on disk only where a folder is named."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from models.engine.backend import Vectors
from models.engine.engine import Engine

Progress = Callable[[str, int, int], None]
"""Told of (stage, done, total)."""

PART_TEXTS = 512


def embedded(engine: Engine, texts: Sequence[str], progress: Progress, cache: Path | None = None) -> Vectors:
    """Vectors of all texts, float32 [n, width].

    Args:
        engine: the encoder.
        texts: what to embed.
        progress: told of stage `embedding`.
        cache: a folder in which vectors are kept by encoder, number format and texts, and found again.
    """
    file = cache and cache / f"vectors-{_key(engine, texts)}.npy"
    if file and file.is_file():
        stored: Vectors = np.load(file, allow_pickle=False)
        progress("embedding", len(texts), len(texts))
        return stored
    vectors = np.empty((len(texts), engine.width), np.float32)
    # Neighbours in length share a part, which saves padding; a set has thousands, so the bar still moves.
    by_length = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    for start in range(0, len(texts), PART_TEXTS):
        part = by_length[start : start + PART_TEXTS]
        vectors[part] = engine.embed_now([texts[index] for index in part])
        progress("embedding", start + len(part), len(texts))
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file, vectors, allow_pickle=False)
    return vectors


def _key(engine: Engine, texts: Sequence[str]) -> str:
    digest = hashlib.sha256(f"{engine.digest} {engine.runs_on}".encode())
    for text in texts:
        encoded = text.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8))
        digest.update(encoded)
    return digest.hexdigest()[:32]
