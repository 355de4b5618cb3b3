"""Where calls hand inputs in and workers take batches out: one lock around the scheduler and all that is under way."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

from models.engine.backend import Lane, Row
from models.engine.requests import Input, Item, Priority, Request
from models.engine.scheduling.scheduler import Batch, ModelState, Scheduler, is_urgent
from models.errors import DeadlineExceeded, EncodingFailed, ModelError, OutOfMemory

MOST_ATTEMPTS = 2
"""How often an input may be lost with a thread, or alone not fit into memory, before it counts as the cause."""
MOST_ABANDONED = 1_024
"""Inputs that nobody waits for any more that may stand in the queues."""
SUSPICIOUS = 16
"""Inputs that may fail one after the other before the device is tried with a good one."""
LOOK_AGAIN = 1.0
"""Seconds after which a worker asks again how many cores are the engine's."""


class WorkDesk:
    """Thread-safe.

    Args:
        scheduler: chooses batches.
        clock: seconds that only grow.
        cores: how many bulk batches may run on the cores now.
    """

    def __init__(self, scheduler: Scheduler, clock: Callable[[], float], cores: Callable[[], int]) -> None:
        self._scheduler = scheduler
        self._clock = clock
        self._cores = cores
        self._under_way: dict[tuple[str, Input], Item] = {}
        self._abandoned = 0
        self._closed: Callable[[], ModelError] | None = None
        self._ended = 0
        self._given_up: str | None = None
        self._news = threading.Condition()

    @property
    def batches_ended(self) -> int:
        """Batches that workers came to an end with."""
        return self._ended

    @property
    def given_up(self) -> str | None:
        """Why nothing can be answered any more, if that is so."""
        return self._given_up

    def submit(
        self, state: ModelState, wanted: Mapping[int, Input], request: Request, priority: Priority
    ) -> list[Item]:
        """Have inputs computed for a request, with others that want the same.

        Args:
            state: the model's.
            wanted: inputs by their position in the request.
            request: where their outputs go.
            priority: who waits.

        Returns:
            Inputs that nobody had asked for yet: the caller tokenises them, and hands them to `queue`.

        Raises:
            EngineClosed, EngineBroken: nothing is taken any more.
        """
        new = []
        theirs = []
        with self._news:
            if self._closed:
                raise self._closed()
            now = self._clock()
            for position, one in wanted.items():
                item = self._under_way.get((state.model.name, one))
                if item is None or not (item.claimed or item.wanted):
                    item = Item(state.model.name, one, priority, now)
                    self._under_way[state.model.name, one] = item
                    new.append(item)
                else:
                    self._join(item, request, priority)
                item.waiters.append((request, position))
                theirs.append(item)
            state.shared += len(theirs) - len(new)
            state.misses += len(new)
        request.done.add_done_callback(partial(self._drop, theirs))
        return new

    def queue(self, state: ModelState, items: Sequence[Item], rows: Sequence[Row], *, whole: bool) -> None:
        """Let workers have tokenised inputs.

        Args:
            state: the model's.
            items: the inputs.
            rows: their tokens.
            whole: whether these are all of a call's, so that they may be urgent.
        """
        with self._news:
            for item, row in zip(items, rows, strict=True):
                item.row, item.length = row, state.padded(len(row.ids))
            if whole and items:
                urgent = is_urgent(max(item.priority for item in items), [item.length for item in items])
                for item in items:
                    item.urgent = urgent
            self._scheduler.push(items)
            self._news.notify_all()

    def expire(self, request: Request) -> bool:
        """Fail a request whose deadline passed, unless it was begun; whether it was failed."""
        with self._news:
            if request.begun:
                return False
        request.fail(DeadlineExceeded("the engine did not come to this request in time"))
        return True

    def take(self, lane: Lane, into: list[Batch]) -> bool:
        """Wait for a batch, and put it into a list; False where there will be none any more."""
        while True:
            cores = self._cores()
            with self._news:
                if self._closed:
                    return False
                if self._scheduler.next(lane, self._clock(), cores, into):
                    for item in into[0].items:
                        for request, _ in item.waiters:
                            request.begun = True
                    return True
                self._news.wait(LOOK_AGAIN)

    def ran(self, state: ModelState, items: Sequence[Item], seconds: float) -> None:
        """A forward went through."""
        with self._news:
            state.account(items, seconds)

    def complete(self, answers: Sequence[tuple[Item, Any]]) -> None:
        """Answer inputs."""
        complete = []
        with self._news:
            for item, answer in answers:
                self._scheduler.states[item.model].failed_in_a_row = 0
                complete += [
                    request for request, position in self._finish(item) if request.give(position, answer)
                ]
        for request in complete:
            request.succeed()

    def fail(self, item: Item, error: BaseException) -> None:
        """An input can't be answered; those who wait for it get the error, the others go on."""
        with self._news:
            if item.finished:
                return
            waiters = self._finish(item)
            state = self._scheduler.states[item.model]
            state.failures += 1
            state.failed_in_a_row += 1
        for request, position in waiters:
            failure = EncodingFailed(
                f"{type(error).__name__} in model {item.model!r} at input {position} of {len(request.outputs)}"
            )
            failure.__cause__ = error
            request.fail(failure)

    def suspects(self, state: ModelState) -> bool:
        """Whether so many inputs in a row failed that it may be the device, and not they."""
        with self._news:
            suspicious = state.failed_in_a_row >= SUSPICIOUS
            if suspicious:
                state.failed_in_a_row = 0
            return suspicious

    def give_up(self, state: ModelState, why: str) -> None:
        """The device fails whatever it is given; the watchdog sees it."""
        self._given_up = f"model {state.model.name!r} on {state.model.runs_on} fails every input ({why})"

    def did_not_fit(self, state: ModelState, items: Sequence[Item], error: OutOfMemory) -> None:
        """A forward was too large: smaller ones from now on, and these inputs again. One alone soon fails."""
        if len(items) == 1:
            items[0].attempts += 1
        with self._news:
            state.budget.did_not_fit(len(items) * max(item.length for item in items))
        self._again(items, error)

    def ended(self, batch: Batch) -> None:
        """A worker is done with a batch."""
        with self._news:
            self._scheduler.ended(batch, self._clock() - batch.began)
            self._ended += 1
            self._news.notify_all()

    def lost(self, batch: Batch) -> None:
        """A worker died with a batch: what it did not answer is tried once more."""
        with self._news:
            self._scheduler.ended(batch, self._clock() - batch.began)
            lost = [item for item in batch.items if item.claimed and not item.finished]
            for item in lost:
                item.attempts += 1
        self._again(lost, RuntimeError("the worker that ran it died, each time"))

    def close(self, error: Callable[[], ModelError], *, running: bool) -> None:
        """Take nothing any more, end the workers after their batches, and fail what waits.

        Args:
            error: made for each who waits or comes.
            running: whether what workers have now is failed too.
        """
        with self._news:
            self._closed = error
            waiting = [item for item in self._under_way.values() if running or not item.claimed]
            failed = {id(request): request for item in waiting for request, _ in item.waiters}
            self._news.notify_all()
        for request in failed.values():
            request.fail(error())

    def _again(self, items: Sequence[Item], error: Exception) -> None:
        """Try inputs again, at the front; fail those that had their attempts, and all once the engine is closed."""
        with self._news:
            closed = self._closed
            if not closed:
                for item in items:
                    if not item.wanted:  # its callers left while it ran
                        self._forget(item)
                self._scheduler.put_back(
                    item for item in items if item.wanted and item.attempts < MOST_ATTEMPTS
                )
                self._news.notify_all()
        for item in items:
            if closed:
                for request, _ in item.waiters:
                    request.fail(closed())
            elif item.attempts >= MOST_ATTEMPTS:
                self.fail(item, error)

    def _join(self, item: Item, request: Request, priority: Priority) -> None:
        """One more waits for an input; a better priority moves it forward."""
        if item.claimed:
            request.begun = True
        elif priority < item.priority:
            item.priority = priority
            if item.row is not None:
                item.urgent = item.urgent or is_urgent(priority, [item.length])
                self._scheduler.push([item])  # its old place is passed over, once it is claimed
                self._news.notify_all()

    def _finish(self, item: Item) -> list[tuple[Request, int]]:
        """An input is answered; those who wait for it."""
        if item.finished:
            return []
        item.finished = item.claimed = True
        self._forget(item)
        return item.waiters

    def _forget(self, item: Item) -> None:
        """Whoever asks for its input from now on gets a new one computed."""
        key = item.model, item.input
        if self._under_way.get(key) is item:
            del self._under_way[key]

    def _drop(self, items: Sequence[Item], done: Future[list[Any]]) -> None:
        """A request ended. Where that was before its inputs were computed, those may be nobody's any more."""
        if not done.cancelled() and done.exception() is None:
            return
        with self._news:
            for item in items:
                if not item.claimed and not item.wanted:
                    self._forget(item)
                    self._abandoned += 1
            if self._abandoned > MOST_ABANDONED:
                self._scheduler.purge()
                self._abandoned = 0
