"""An engine's parts put together: calls come in, are looked up, tokenised, queued, run, and answered."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from models.engine.backend import Lane
from models.engine.model import LoadedModel
from models.engine.requests import Input, Priority, Request
from models.engine.scheduling.admission import Admission
from models.engine.scheduling.calls import Calls
from models.engine.scheduling.desk import WorkDesk
from models.engine.scheduling.forking import in_forked_child
from models.engine.scheduling.intake import Intake, engine_closed
from models.engine.scheduling.model_cache import Lookup, ModelCache
from models.engine.scheduling.scheduler import Scheduler
from models.engine.scheduling.share import MachineShare
from models.engine.scheduling.statistics import EngineStatistics, statistics_of
from models.engine.scheduling.watchdog import HUNG_SECONDS, TICK, Watchdog
from models.engine.scheduling.workers import THREADS, Worker
from models.engine.vector_cache import Caching
from models.errors import EngineBroken, EngineClosed, ModelError

WAITING_INPUTS = 8_192
"""Inputs of one priority in the engine before callers wait with theirs. Each takes about 40 bytes a token."""


class Runtime:
    """What `Engine` and `Encoder` are faces of. Its threads keep it alive: somebody has to `close` it.

    Arguments as in `models.engine.engine.Engine`, and for tests the watchdog's.
    """

    def __init__(
        self,
        models: Iterable[LoadedModel],
        *,
        threads: int = 0,
        waiting_inputs: int = WAITING_INPUTS,
        on_broken: Callable[[EngineBroken], None] | None = None,
        caches: Mapping[str, Caching] | None = None,
        hung_seconds: float = HUNG_SECONDS,
        tick: float = TICK,
    ) -> None:
        self._scheduler = Scheduler(models)
        states = self._scheduler.states
        if not states:
            raise ValueError("an engine needs at least one model")
        unknown = set(caches or {}) - set(states)
        if unknown:
            raise ValueError(f"caches are named for models that the engine has not: {sorted(unknown)}")
        self._caches = {
            name: ModelCache(state.model, (caches or {}).get(name, Caching()))
            for name, state in states.items()
        }
        self._calls = Calls()
        self._rooms = {priority: Admission(waiting_inputs) for priority in Priority}
        # With a number of its own it doesn't ask for its share, but counts where others ask for theirs.
        self._share = MachineShare() if any(state.on_cpu for state in states.values()) else None
        self._threads = threads
        self._waiting_inputs = waiting_inputs
        self._desk = WorkDesk(self._scheduler, time.monotonic, self.threads)
        self._intake = Intake(self._desk)
        self._on_broken = on_broken
        self._broken: str | None = None
        self._closing = threading.Lock()
        self._closed = False
        bulk = max(state.model.backend.slots for state in states.values())
        self._watchdog = Watchdog(
            [Lane.URGENT, *[Lane.BULK] * bulk],
            self._hire,
            lost=self._desk.lost,
            ended=lambda: self._desk.batches_ended,
            given_up=lambda: self._desk.given_up,
            broken=self._break,
            hung_seconds=hung_seconds,
            tick=tick,
        )

        def forked(copy: Runtime) -> None:
            copy._closing, copy._closed, copy._calls = threading.Lock(), True, Calls()
            copy._rooms = {priority: Admission(waiting_inputs) for priority in Priority}
            for room in copy._rooms.values():
                room.close(
                    lambda: EngineClosed(
                        "an engine has no threads in a forked child; load one there, or spawn"
                    )
                )

        in_forked_child(self, forked)

    def threads(self) -> int:
        """Bulk batches that may run on this machine's cores at once, now."""
        return self._threads or (self._share.threads() if self._share else 1)

    async def run(
        self, name: str, inputs: Sequence[Input], priority: Priority, timeout: float | None
    ) -> list[Any]:
        """One output for each input, in order, without blocking the event loop. Errors as in `Engine`."""
        outputs: list[Any] = []
        with self._calls.under_way(name):
            for part in self._parts(inputs):
                outputs += await self._run_part(name, part, priority, timeout)
                timeout = None  # the call has begun
        return outputs

    def run_now(
        self, name: str, inputs: Sequence[Input], priority: Priority, timeout: float | None
    ) -> list[Any]:
        """As `run`, for plain code; waits. It does not ask the shared cache."""
        outputs: list[Any] = []
        with self._calls.under_way(name):
            for part in self._parts(inputs):
                outputs += self._run_part_now(name, part, priority, timeout)
                timeout = None
        return outputs

    def add(self, model: LoadedModel, caching: Caching) -> None:
        """Take one more model, under a name that no other has, while the others run."""
        cache = ModelCache(model, caching)
        with self._closing:
            if self._closed:
                raise engine_closed()
            if model.name in self._scheduler.states:
                raise ValueError(f"the engine has a model {model.name!r} already")
            if model.backend.device == "cpu" and self._share is None:
                self._share = MachineShare()
            self._caches = {**self._caches, model.name: cache}
            self._calls.admit(model.name)
            self._desk.add(model)
            missing = model.backend.slots - self._watchdog.lanes(Lane.BULK)
            self._watchdog.add([Lane.BULK] * missing)

    def remove(self, name: str) -> None:
        """Turn new calls of a model away, wait until those under way are answered, then close its backend."""
        self._calls.dismiss(name)
        state = self._desk.remove(name)
        if state is not None:
            self._caches = {other: kept for other, kept in self._caches.items() if other != name}
            state.model.backend.close()

    def statistics(self) -> EngineStatistics:
        """What the engine has done, and does now."""
        return EngineStatistics(
            models=tuple(
                statistics_of(state, cache)
                for name, state in self._scheduler.states.items()
                if (cache := self._caches.get(name))  # else it is being removed
            ),
            threads=self.threads(),
            threads_replaced=self._watchdog.replaced,
        )

    def close(self) -> None:
        """Finish the batches under way, fail what waits with EngineClosed, end the threads, free the devices.

        May be called again. From one of the engine's own threads it happens a little later.
        """
        if threading.current_thread().name.startswith(THREADS):
            threading.Thread(target=self.close, name="shopstream-closing").start()
            return
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._turn_away(engine_closed, running=False)
            self._intake.close()
            self._watchdog.join(unless=lambda: self._broken is not None)
            if self._share is not None:
                self._share.close()
            if not self._watchdog.working:  # a backend may not be closed under a batch that hangs
                for state in self._scheduler.states.values():
                    state.model.backend.close()

    def _parts(self, inputs: Sequence[Input]) -> Iterator[Sequence[Input]]:
        """A call that is larger than the room waits for it again and again, so that memory stays bounded."""
        for start in range(0, len(inputs), self._waiting_inputs):
            yield inputs[start : start + self._waiting_inputs]

    async def _run_part(
        self, name: str, inputs: Sequence[Input], priority: Priority, timeout: float | None
    ) -> list[Any]:
        deadline = None if timeout is None else time.monotonic() + timeout
        async with self._rooms[priority].place(len(inputs), timeout):
            cache = self._caches[name]
            lookup = cache.look(inputs)
            searched = priority is Priority.QUERY  # other texts hardly come again in other workers
            if searched:
                await cache.look_further(lookup)
            if computed := lookup.missing:
                await self._answer(self._submit(name, inputs, lookup, priority), deadline)
                cache.keep(lookup, computed)
                if searched:
                    cache.keep_further(lookup, computed)
            return lookup.outputs

    def _run_part_now(
        self, name: str, inputs: Sequence[Input], priority: Priority, timeout: float | None
    ) -> list[Any]:
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._rooms[priority].place_now(len(inputs), timeout):
            cache = self._caches[name]
            lookup = cache.look(inputs)
            if computed := lookup.missing:
                self._answer_now(self._submit(name, inputs, lookup, priority), deadline)
                cache.keep(lookup, computed)
            return lookup.outputs

    def _submit(self, name: str, inputs: Sequence[Input], lookup: Lookup, priority: Priority) -> Request:
        return self._intake.submit(self._scheduler.states[name], inputs, lookup.outputs, priority)

    async def _answer(self, request: Request, deadline: float | None) -> None:
        expiry = None
        if deadline is not None:
            left = max(0.0, deadline - time.monotonic())
            expiry = asyncio.get_running_loop().call_later(left, self._desk.expire, request)
        try:
            await asyncio.wrap_future(request.done)
        finally:
            request.done.cancel()  # who was cancelled waits no more
            if expiry is not None:
                expiry.cancel()

    def _answer_now(self, request: Request, deadline: float | None) -> None:
        try:
            if deadline is not None:
                with suppress(TimeoutError):
                    request.done.result(max(0.0, deadline - time.monotonic()))
                self._desk.expire(request)
            request.done.result()
        finally:
            request.done.cancel()

    def _hire(self, lane: Lane, gone: Callable[[], None]) -> Worker:
        # A worker that only hands over has to be quick, in bulk too: one of low priority would be put aside while it
        # holds the interpreter's lock.
        computes = all(state.model.backend.computes_in_caller for state in self._scheduler.states.values())
        polite = lane is Lane.BULK and computes
        return Worker(lane, self._desk, polite=polite, gone=gone)

    def _break(self, why: str) -> None:
        self._broken = why

        def error() -> EngineBroken:
            return EngineBroken(f"the inference engine is broken, restart this process: {why}")

        # First who may end the process: a caller that is failed could take the fault for its own text's.
        try:
            if self._on_broken is not None:
                self._on_broken(error())
        finally:
            self._turn_away(error, running=True)

    def _turn_away(self, error: Callable[[], ModelError], *, running: bool) -> None:
        for room in self._rooms.values():
            room.close(error)
        self._desk.close(error, running=running)
