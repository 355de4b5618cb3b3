"""Vectors of texts by an encoder that was just trained, before it is written."""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from models.engine.backend import Vectors
from models.training.fitting import TextModel
from models.training.text_batches import TextBatches, TextPart, tokenised

_BATCH = 64


def vectors_of(
    model: TextModel, texts: Sequence[str], progress: Callable[[int], None] = lambda _done: None
) -> Vectors:
    """Unit vectors, float32 [n, width], of texts up to the encoder's own limit.

    Args:
        model: in evaluation mode.
        texts: what to read.
        progress: told how many are done.
    """
    trunk = model.trunk
    device = next(model.parameters()).device
    tokens = tokenised(trunk.base.folder, texts, trunk.facts.max_tokens)
    batches = TextBatches(TextPart(texts, {}), tokens, trunk.facts.pad_id, _BATCH, 0, trunk.facts.max_tokens)
    vectors = np.zeros((len(texts), trunk.width), np.float32)
    done = 0
    with torch.inference_mode():
        for batch in batches.in_order():
            moved = batch.to(device)
            vectors[batch.rows] = trunk.vectors(moved.ids, moved.mask).float().cpu().numpy()
            done += len(batch.rows)
            progress(done)
    return vectors
