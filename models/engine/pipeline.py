"""One forward over any number of texts: tokenise, cut into batches, encode, put the vectors back in order."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from models.engine.backend import Backend, Vectors
from models.engine.batching import batches_by_tokens


def encode(backend: Backend, texts: Sequence[str]) -> Vectors:
    """Embed texts.

    Returns:
        float32 [len(texts), width], row i for text i.
    """
    vectors = np.empty((len(texts), backend.width), np.float32)
    tokens = backend.encode_pre(texts)
    started: tuple[list[int], Any] | None = None
    for batch in batches_by_tokens([len(ids) for ids in tokens], backend.token_budget):
        pooled = backend.encode_core([tokens[index] for index in batch])
        if started is not None:  # finished only now, so that a GPU already has its next batch
            vectors[started[0]] = backend.encode_post(started[1])
        started = batch, pooled
    if started is not None:
        vectors[started[0]] = backend.encode_post(started[1])
    return vectors
