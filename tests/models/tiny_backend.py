"""A backend without a model: outputs are a pure function of a text's characters. It notes how it was called, and fails
where it is told to.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from models.engine.backend import Lane, Output, Precision, Row, Task, Vectors
from models.engine.model import LoadedModel
from models.engine.tokenising import Pair, Tokeniser
from models.identity import ModelIdentity

IDENTITY = ModelIdentity("tiny", "1", "0" * 64)
POISON = "poison"
"""A text that no row may hold, where `TinyBackend.poisoned` says what happens then."""


class TinyTokeniser(Tokeniser):
    """One token a character."""

    def __init__(self, max_tokens: int = 512) -> None:
        self.max_tokens = max_tokens
        self.rounds: list[list[Any]] = []

    def rows(self, inputs: Sequence[str] | Sequence[Pair]) -> list[Row]:
        self.rounds.append(list(inputs))
        return [self._tiny_row("".join(one)[: self.max_tokens]) for one in inputs]

    def text(self, ids: Sequence[int]) -> str:
        return "".join(map(chr, ids))

    def _tiny_row(self, text: str) -> Row:
        return Row([ord(character) for character in text], 0, [(at, at + 1) for at in range(len(text))])


class TinyBackend:
    """Outputs `output(ids)` for each row; blocks while `go` is not set."""

    name, device, memory_bytes = "tiny", "cpu", 0
    precision: Precision = "float32"

    def __init__(
        self,
        *,
        slots: int = 1,
        token_budget: int = 64,
        output: "Callable[[Sequence[int]], Any] | None" = None,
    ) -> None:
        self.slots, self.token_budget = slots, token_budget
        self.computes_in_caller = True
        self.pad_to, self.fill = 8, 0.5
        self.output = output or vector_of_ids
        self.batches: list[list[str]] = []
        self.lanes: list[Lane] = []
        self.threads: set[str] = set()
        self.closed = False
        self.started = threading.Event()
        self.go = threading.Event()
        self.go.set()
        self.poisoned: Callable[[Sequence[Row]], None] = poisoned
        self._lock = threading.Lock()

    def core(self, rows: Sequence[Row], lane: Lane) -> Sequence[Row]:
        with self._lock:
            self.batches.append(["".join(map(chr, row.ids)) for row in rows])
            self.lanes.append(lane)
            self.threads.add(threading.current_thread().name)
        self.started.set()
        assert self.go.wait(20)
        self.poisoned(rows)
        return rows

    def post(self, running: Sequence[Row]) -> Sequence[Output]:
        outputs = [np.asarray(self.output(row.ids)) for row in running]
        return [one.astype(np.float32) if one.dtype == np.float64 else one for one in outputs]

    def close(self) -> None:
        self.closed = True


def poisoned(rows: Sequence[Row]) -> None:
    if any(is_poison(row) for row in rows):
        raise ValueError("a text that breaks the model")


def is_poison(row: Row) -> bool:
    return "".join(map(chr, row.ids)) == POISON


def tiny_model(
    backend: TinyBackend,
    name: str = "tiny",
    task: Task = "embed",
    *,
    width: int = 4,
    labels: tuple[str, ...] = (),
) -> LoadedModel:
    return LoadedModel(name, task, IDENTITY, TinyTokeniser(), backend, width, labels)


def vector_of_ids(ids: Sequence[int]) -> list[float]:
    return [float(len(ids)), float(sum(ids)), float(ids[0]) if ids else -1.0, float(ids[-1]) if ids else -1.0]


def vector_of(text: str) -> list[float]:
    return vector_of_ids([ord(character) for character in text])


def vectors_of(*texts: str) -> Vectors:
    return np.array([vector_of(text) for text in texts], np.float32)
