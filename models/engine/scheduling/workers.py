"""Worker threads: take a batch, run it, answer, take the next. A failure stays with the input that causes it."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from models.engine.backend import Lane, Output
from models.engine.niceness import lower_priority
from models.engine.requests import Item
from models.engine.scheduling.outcomes import is_number, outcome
from models.engine.scheduling.scheduler import Batch, ModelState
from models.errors import EngineBroken, OutOfMemory

THREADS = "shopstream-engine"
"""How the names of an engine's threads begin."""


class Desk(Protocol):
    """Where workers take batches and hand answers in. Thread-safe."""

    def take(self, lane: Lane, into: list[Batch]) -> bool:
        """Wait for a batch, and put it into a list; False where there will be none any more."""

    def ran(self, state: ModelState, items: Sequence[Item], seconds: float) -> None:
        """A forward went through."""

    def complete(self, answers: Sequence[tuple[Item, Any]]) -> None:
        """Answer inputs."""

    def fail(self, item: Item, error: Exception) -> None:
        """An input can't be answered."""

    def suspects(self, state: ModelState) -> bool:
        """Whether so many inputs in a row failed that it may be the device, and not they."""

    def give_up(self, state: ModelState, why: str) -> None:
        """The device fails whatever it is given. What is not answered then is failed with the engine."""

    def did_not_fit(self, state: ModelState, items: Sequence[Item], error: OutOfMemory) -> None:
        """A forward was too large."""

    def ended(self, batch: Batch) -> None:
        """The worker is done with a batch."""


class Worker:
    """One thread of one lane.

    Args:
        lane: which batches it takes.
        desk: where it works.
        polite: whether it leaves the cores to everybody else.
        gone: called when the thread ends, however it does.
    """

    def __init__(self, lane: Lane, desk: Desk, *, polite: bool, gone: Callable[[], None]) -> None:
        self.lane = lane
        self.batch: list[Batch] = []
        """What it runs now: one batch or none. Whoever finds it here after the thread's end has to see to it."""
        self.dismissed = self.dead = False
        """Whether its thread came to an end: because there is nothing more to do, or otherwise."""
        self._desk = desk
        self._polite = polite
        self._gone = gone
        self.thread = threading.Thread(target=self._serve, name=f"{THREADS}-{lane.value}", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self.thread.start()

    def _serve(self) -> None:
        try:
            if self._polite:
                lower_priority()
            while self._desk.take(self.lane, self.batch):
                run(self.batch[0], self._desk)
                self._desk.ended(self.batch[0])
                self.batch.clear()
            self.dismissed = True
        finally:
            self.dead = not self.dismissed
            self._gone()


def run(batch: Batch, desk: Desk) -> None:
    """Run a batch. Where that fails, run its halves, at last each input alone.

    Where it is the device that fails, nothing is blamed on an input: the rest is left to `Desk.give_up`.
    """
    parts = [batch.items]
    while parts:
        part = parts.pop()
        try:
            outputs = _forward(batch, part, desk)
        except EngineBroken as error:
            desk.give_up(batch.state, str(error))
            return
        except OutOfMemory as error:
            desk.did_not_fit(batch.state, part, error)
        except Exception as error:  # noqa: BLE001 - whatever an input does to a model, its neighbours are served
            if len(part) > 1:
                middle = len(part) // 2
                parts += [part[middle:], part[:middle]]
            elif not _blame(batch, part[0], error, desk):
                return
        else:
            good = [(item, output) for item, output in zip(part, outputs, strict=True) if is_number(output)]
            _answer(batch.state, good, desk)
            bad = [item for item, output in zip(part, outputs, strict=True) if not is_number(output)]
            if len(part) > 1:
                parts += [[item] for item in bad]
            elif bad and not _blame(batch, bad[0], ArithmeticError("the output is not finite"), desk):
                return


def _forward(batch: Batch, items: Sequence[Item], desk: Desk) -> Sequence[Output]:
    backend = batch.state.model.backend
    began = time.monotonic()
    outputs = backend.post(backend.core([item.row for item in items if item.row is not None], batch.lane))
    if len(outputs) != len(items):
        raise RuntimeError(f"the backend gave {len(outputs)} outputs for {len(items)} rows")
    desk.ran(batch.state, items, time.monotonic() - began)
    return outputs


def _blame(batch: Batch, item: Item, error: Exception, desk: Desk) -> bool:
    """Fail an input that failed alone, unless it is the device that fails; whether that works still."""
    if desk.suspects(batch.state) and (why := _probe(batch)):
        desk.give_up(batch.state, why)
        return False
    desk.fail(item, error)
    return True


def _probe(batch: Batch) -> str | None:
    """Run an input that is sure to be good: after some faults, a GPU refuses everything until its process ends.

    Returns:
        What is wrong, if that is sure.
    """
    model = batch.state.model
    try:
        rows = model.tokeniser.rows([("a", "a")] if model.task == "score" else ["a"])
        outputs = model.backend.post(model.backend.core(rows, batch.lane))
    except OutOfMemory:
        return None
    except Exception as error:  # noqa: BLE001 - whatever it is, nothing can be answered here any more
        return type(error).__name__
    return None if all(is_number(output) for output in outputs) else "outputs that are not finite"


def _answer(state: ModelState, good: Sequence[tuple[Item, Output]], desk: Desk) -> None:
    answers = []
    for item, output in good:
        try:
            answers.append((item, outcome(state.model, item, output)))
        except Exception as error:  # noqa: BLE001 - as in `run`
            desk.fail(item, error)
    desk.complete(answers)
