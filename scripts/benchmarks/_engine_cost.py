"""What a batch costs on a backend: seconds = a + b·tokens + c·tokens·length, fitted to batches of one stream."""

import statistics
import time
from collections.abc import Sequence
from random import Random
from typing import Any

from models.engine.backend import Backend, Lane, Row
from models.engine.choosing.cost_model import CostModel, Measurement, fit
from models.engine.loading import load_model

ROWS = (1, 2, 4, 8, 16)
LENGTHS = (16, 32, 64, 128, 256)
MOST_TOKENS = 2_048
REPEATS = 5
FIRST_ID, LAST_ID = 2_000, 20_000
"""Token ids that are words in BERT's vocabulary; which ones doesn't matter for speed."""


def cost(source: str, device: str = "cpu") -> dict[str, Any]:
    """The cost model of the backend that a model gets on a device, and its error on each batch it was fitted to."""
    model = load_model("cost", source, device=device)
    try:
        measured = batches(model.backend)
    finally:
        model.backend.close()
    return {"runs_on": model.runs_on, **document(fit(measured), measured)}


def batches(
    backend: Backend, rows: Sequence[int] = ROWS, lengths: Sequence[int] = LENGTHS, repeats: int = REPEATS
) -> list[Measurement]:
    """Batches of random words, one at a time: the median of some after the first."""
    chance = Random(7)
    found = []
    for length in lengths:
        for count in rows:
            if count * length > MOST_TOKENS:
                continue
            batch = [Row(chance.choices(range(FIRST_ID, LAST_ID), k=length)) for _ in range(count)]
            seconds = []
            for _ in range(repeats + 1):
                started = time.perf_counter()
                backend.post(backend.core(batch, Lane.BULK))
                seconds.append(time.perf_counter() - started)
            found.append(Measurement(count, length, statistics.median(seconds[1:])))
    return found


def document(model: CostModel, measured: Sequence[Measurement]) -> dict[str, Any]:
    """For programs; microseconds, nanoseconds and picoseconds, errors relative."""
    return {
        "microseconds_per_batch": round(model.per_batch * 1e6, 1),
        "nanoseconds_per_token": round(model.per_token * 1e9, 1),
        "picoseconds_per_token_and_length": round(model.per_token_and_length * 1e12, 1),
        "mean_error": round(model.mean_error, 3),
        "worst_error": round(model.worst_error, 3),
        "batches": [
            {
                "rows": one.rows,
                "length": one.length,
                "milliseconds": round(one.seconds * 1e3, 3),
                "error": round(model.predict(one.rows, one.length) / one.seconds - 1, 3),
            }
            for one in measured
        ],
    }
