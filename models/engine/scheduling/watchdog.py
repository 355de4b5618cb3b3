"""Looks after the workers: replaces one that died, says so when a device hangs, fails or workers keep dying."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.engine.backend import Lane
from models.engine.scheduling.scheduler import Batch
from models.engine.scheduling.workers import THREADS, Worker

log = logging.getLogger(__name__)

TICK = 1.0
"""Seconds between two looks."""
HUNG_SECONDS = 60.0
"""A batch may take this long in any case: a first one compiles, and a busy machine lets bulk work wait."""
HUNG_TIMES = 50.0
"""How many times the time that it should take a batch may take."""
MOST_DEATHS = 5
"""Workers that may die without a batch done in between."""


@dataclass(slots=True)
class _Watched:
    """A batch under way, and how long it was seen."""

    batch: Batch
    seconds: float = 0.0


class Watchdog:
    """A thread beside the workers.

    Args:
        lanes: one worker is kept for each.
        hire: makes a worker; it calls its argument when its thread ends.
        lost: told of a batch whose worker died.
        ended: how many batches workers came to an end with.
        given_up: why the device can't be used any more, if a worker found that.
        broken: told once why the engine can't go on.
        hung_seconds: see `HUNG_SECONDS`.
        tick: see `TICK`.
    """

    def __init__(
        self,
        lanes: list[Lane],
        hire: Callable[[Lane, Callable[[], None]], Worker],
        *,
        lost: Callable[[Batch], None],
        ended: Callable[[], int],
        given_up: Callable[[], str | None],
        broken: Callable[[str], None],
        hung_seconds: float = HUNG_SECONDS,
        tick: float = TICK,
    ) -> None:
        self._hire = hire
        self._lost = lost
        self._ended = ended
        self._given_up = given_up
        self._broken = broken
        self._hung_seconds = hung_seconds
        self._tick = tick
        self._news = threading.Event()
        self._stop = False
        self._ended_at_death = 0
        self._deaths = 0
        self._watched: dict[int, _Watched] = {}
        self.replaced = 0
        self._workers = [self._new(lane) for lane in lanes]
        self._thread = threading.Thread(target=self._watch, name=f"{THREADS}-watchdog", daemon=True)
        self._thread.start()

    def add(self, lanes: Sequence[Lane]) -> None:
        """Keep more workers. Not while, or after, `join` is called."""
        self._workers += [self._new(lane) for lane in lanes]

    def lanes(self, lane: Lane) -> int:
        """How many workers are kept for a lane."""
        return sum(worker.lane is lane for worker in self._workers)

    @property
    def working(self) -> bool:
        """Whether any worker's thread lives."""
        return any(worker.thread.is_alive() for worker in self._workers)

    def join(self, unless: Callable[[], bool]) -> None:
        """Wait for the workers, which were told to end, and stop. Not from one of the engine's threads.

        Args:
            unless: asked often; True gives up waiting for workers that hang.
        """
        for worker in self._workers:
            while worker.thread.is_alive() and not unless():
                worker.thread.join(0.1)
        self._stop = True
        self._news.set()
        if not unless():
            self._thread.join()

    def _new(self, lane: Lane) -> Worker:
        worker = self._hire(lane, self._news.set)
        worker.start()
        return worker

    def _watch(self) -> None:
        last = time.monotonic()
        while not self._stop:
            self._news.wait(self._tick)
            self._news.clear()
            now = time.monotonic()
            # A process that was stopped, or starved, did not see its batches hang.
            seen = min(now - last, 2 * self._tick)
            last = now
            why = self._given_up() or self._replace_dead() or self._hanging(seen)
            if why and not self._stop:
                log.error("the inference engine is broken: %s", why)
                self._broken(why)
                return

    def _replace_dead(self) -> str | None:
        """Replace workers that died; why the engine is broken, if it is."""
        for place, worker in enumerate(self._workers):
            if not worker.dead:
                continue
            if self._ended() != self._ended_at_death:
                self._deaths = 0
            self._ended_at_death = self._ended()
            self._deaths += 1
            self.replaced += 1
            log.warning("a worker of the inference engine died; another takes its place")
            if worker.batch:
                self._lost(worker.batch[0])
            if self._deaths > MOST_DEATHS:
                return f"{self._deaths} workers died one after the other"
            self._workers[place] = self._new(worker.lane)
        return None

    def _hanging(self, seen: float) -> str | None:
        """Why the engine is broken: a batch takes far too long."""
        for place, worker in enumerate(self._workers):
            batch = next(iter(worker.batch), None)
            if batch is None:
                self._watched.pop(place, None)
                continue
            watched = self._watched.get(place)
            if watched is None or watched.batch is not batch:
                self._watched[place] = _Watched(batch)
                continue
            watched.seconds += seen
            most = max(self._hung_seconds, HUNG_TIMES * batch.state.seconds_per_token * batch.padded_tokens)
            if watched.seconds > most:
                return (
                    f"a batch of model {batch.state.model.name!r} with {batch.padded_tokens} tokens runs for more than "
                    f"{most:.0f} s on {batch.state.model.runs_on}"
                )
        return None
