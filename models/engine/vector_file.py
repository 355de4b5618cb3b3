"""Vectors of a whole set of texts, made in parts with progress; kept on disk only where a folder is named."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from models.engine.backend import Vectors

Embed = Callable[[Sequence[str]], Vectors]
"""Texts to float32 [n, width]."""

Done = Callable[[int], None]
"""Told how many texts are done."""


class Maker(NamedTuple):
    """What makes vectors: its digest, backend with device and number format, the width, and the function."""

    digest: str
    runs_on: str
    width: int
    embed: Embed


def vectors_in_parts(
    maker: Maker, texts: Sequence[str], part_texts: int, done: Done, file_prefix: str, cache: Path | None
) -> Vectors:
    """Vectors of all texts, float32 [n, width].

    Args:
        maker: the encoder.
        texts: what to embed.
        part_texts: most texts in one call of it.
        done: told after each part.
        file_prefix: beginning of the file's name.
        cache: a folder in which vectors are kept by encoder, number format and texts, and found again.
    """
    file = cache and cache / f"{file_prefix}-{_key(maker, texts)}.npy"
    if file and file.is_file():
        stored: Vectors = np.load(file, allow_pickle=False)
        done(len(texts))
        return stored
    vectors = np.empty((len(texts), maker.width), np.float32)
    # Neighbours in length share a part, which saves padding; a set has thousands, so the bar still moves.
    by_length = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    for start in range(0, len(texts), part_texts):
        part = by_length[start : start + part_texts]
        vectors[part] = maker.embed([texts[index] for index in part])
        done(start + len(part))
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file, vectors, allow_pickle=False)
    return vectors


def _key(maker: Maker, texts: Sequence[str]) -> str:
    digest = hashlib.sha256(f"{maker.digest} {maker.runs_on}".encode())
    for text in texts:
        encoded = text.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8))
        digest.update(encoded)
    return digest.hexdigest()[:32]
