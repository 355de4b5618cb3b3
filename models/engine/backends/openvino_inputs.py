"""Rows as the padded arrays that a model of OpenVINO takes."""

from collections.abc import Collection, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from models.engine.backend import Row
from models.engine.folder import EncoderFacts

Inputs: TypeAlias = dict[str, npt.NDArray[np.int64]]

IDS, MASK, TYPES = "input_ids", "attention_mask", "token_type_ids"
PAD_TO = 16
"""AMX multiplies tiles of 16 rows: attention over 76 tokens takes twice the time of one over 80."""


def padded(rows: Sequence[Row], facts: EncoderFacts, names: Collection[str]) -> Inputs:
    """One batch, padded at the end to a multiple of 16 tokens, but never beyond what the model takes.

    Args:
        rows: at least one.
        facts: limit, and the token that rows are padded with.
        names: inputs of the model; only these are made.

    Returns:
        int64 [rows, tokens] by name.
    """
    lengths = np.array([len(row.ids) for row in rows])
    longest = int(lengths.max())
    width = max(longest, min(facts.max_tokens, -(-longest // PAD_TO) * PAD_TO))
    ids = np.full((len(rows), width), facts.pad_id, np.int64)
    for line, row in zip(ids, rows, strict=True):
        line[: len(row.ids)] = row.ids
    positions = np.arange(width)
    inside = positions < lengths[:, None]
    inputs = {IDS: ids, MASK: inside.astype(np.int64)}
    if TYPES in names:
        seconds = np.array([row.second or width for row in rows])
        inputs[TYPES] = (inside & (positions >= seconds[:, None])).astype(np.int64)
    return inputs
