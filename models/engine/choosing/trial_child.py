"""Child of `models.engine.choosing.trial`: load, self-test and measure one candidate."""

import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import cycle
from pathlib import Path
from typing import Any

import psutil

from models.engine.backend import Backend, Lane, Row, Task
from models.engine.backends.openvino_backend import OpenVinoBackend
from models.engine.choosing.candidates import Candidate
from models.engine.choosing.cost_model import CostModel, Measurement, fit
from models.engine.choosing.references import cut, reference_for
from models.engine.choosing.selftest import int8_refused, self_test
from models.engine.choosing.trial import Trial
from models.engine.folder import read_facts
from models.engine.tokenising import Tokeniser
from models.errors import ModelError
from models.sources import WeightSource

WINDOWS, WINDOW_SECONDS = 5, 0.1
"""Throughput is the best of these windows: what else runs on the machine can only make one slower."""
COST_LENGTHS = (16, 32, 64, 128, 256, 512)
COST_ROWS = (1, 4, 16)
_COST_TOKENS = 4_096
_COST_REPEATS = 3


def main() -> None:
    """Read the job from standard input, print the trial."""
    job = json.load(sys.stdin)
    candidate = Candidate(**job["candidate"])
    source = WeightSource(**{**job["source"], "folder": Path(job["source"]["folder"])})
    try:
        trial = _try(candidate, source, job)
    except ModelError as error:
        trial = Trial(candidate, reason=str(error))
    print(json.dumps(asdict(trial)))  # noqa: T201 - the parent's answer


def _try(candidate: Candidate, source: WeightSource, job: dict[str, Any]) -> Trial:
    task: Task = job["task"]
    threads: int = job["threads"]
    facts = read_facts(source.folder, task)
    tokeniser = Tokeniser(source.folder, facts.max_tokens)
    reference = reference_for(source, facts, task, tokeniser, threads)
    started = time.perf_counter()
    backend = candidate.build(source.folder, facts, task, threads)
    loaded = time.perf_counter() - started
    tested = self_test(backend, task, reference)
    record = backend.accuracy if isinstance(backend, OpenVinoBackend) else None
    reason = tested.reason or int8_refused(backend)
    usual = [row for row in reference.rows if 0 < len(row.ids) < facts.max_tokens]
    texts, tokens = throughput(backend, usual)
    return Trial(
        candidate,
        reason=reason,
        tokens_per_second=tokens,
        texts_per_second=texts,
        load_seconds=loaded,
        weights_bytes=backend.memory_bytes,
        process_bytes=psutil.Process().memory_info().rss,
        least=tested.least,
        mean=tested.mean,
        accuracy=asdict(record) if record else None,
        cost=measure_cost(backend, reference.rows, facts.max_tokens) if job["cost"] else None,
    )


def throughput(backend: Backend, rows: Sequence[Row]) -> tuple[float, float]:
    """Texts and tokens a second in the bulk lane, its slots all busy; padding is not counted.

    On the CPU a second is one of the process's own on every slot, so that a busy machine ranks candidates as an idle
    one does.
    """
    batches = _batches(rows, backend.token_budget)
    for batch in batches:  # first runs compile kernels for their shapes
        backend.post(backend.core(batch, Lane.BULK))
    with ThreadPoolExecutor(backend.slots) as pool:
        windows = [_window(pool, backend, batches) for _ in range(WINDOWS)]
    return max(windows, key=lambda window: window[1])


def _window(pool: ThreadPoolExecutor, backend: Backend, batches: list[list[Row]]) -> tuple[float, float]:
    started, computed = time.perf_counter(), time.process_time()

    def work(slot: int) -> tuple[int, int]:
        texts = tokens = 0
        turn = cycle(batches[slot % len(batches) :] + batches[: slot % len(batches)])
        while time.perf_counter() - started < WINDOW_SECONDS:
            for batch in (next(turn) for _ in batches):
                backend.post(backend.core(batch, Lane.BULK))
                texts += len(batch)
                tokens += sum(len(row.ids) for row in batch)
        return texts, tokens

    done = list(pool.map(work, range(backend.slots)))
    on_cpu = backend.device == "cpu"
    seconds = (time.process_time() - computed) / backend.slots if on_cpu else time.perf_counter() - started
    return sum(texts for texts, _ in done) / seconds, sum(tokens for _, tokens in done) / seconds


def _batches(rows: Sequence[Row], budget: int) -> list[list[Row]]:
    """Each row a few times, sorted by length, cut by the budget of padded tokens."""
    many = [row for row in rows for _ in range(4)]
    return [[many[place] for place in batch] for batch in cut(many, budget)]


def measure_cost(backend: Backend, rows: Sequence[Row], max_tokens: int) -> CostModel:
    """Time batches of one length in the bulk lane, over batch and length, and fit the cost model."""
    ids = max(rows, key=lambda row: len(row.ids)).ids
    measured = []
    for length in COST_LENGTHS:
        for many in COST_ROWS:
            if length > min(max_tokens, len(ids)) or length * many > _COST_TOKENS:
                continue
            batch = [Row(ids[: length - 1] + ids[-1:])] * many
            seconds = min(_timed(backend, batch) for _ in range(_COST_REPEATS + 1))
            measured.append(Measurement(many, length, seconds))
    return fit(measured)


def _timed(backend: Backend, batch: Sequence[Row]) -> float:
    started = time.perf_counter()
    backend.post(backend.core(batch, Lane.BULK))
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
