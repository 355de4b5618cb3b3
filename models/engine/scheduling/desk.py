"""Where calls hand inputs in and workers take batches out: one lock around the scheduler and all that is under way."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

from models.engine.backend import Lane, Row
from models.engine.model import LoadedModel
from models.engine.requests import Input, Item, Priority, Request
from models.engine.scheduling.retries import BACKOFF_SECONDS, MOST_LOST, Retries
from models.engine.scheduling.scheduler import Batch, ModelState, Scheduler, is_urgent
from models.engine.scheduling.under_way import UnderWay
from models.errors import DeadlineExceeded, EncodingFailed, ModelError, OutOfMemory

SUSPICIOUS = 3
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
        self._under_way = UnderWay(scheduler)
        self._retries = Retries()
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

    def add(self, model: LoadedModel) -> None:
        """Take one more model.

        Raises:
            EngineClosed, EngineBroken: nothing is taken any more.
        """
        with self._news:
            if self._closed:
                raise self._closed()
            self._scheduler.add(model)

    def remove(self, name: str) -> ModelState | None:
        """Forget a model that nobody calls any more, once the batches under way with it have ended.

        Callers that gave up may have left some, and inputs that wait, which are dropped.

        Returns:
            The model's; None where the engine ended meanwhile, and a batch may run still.
        """
        with self._news:
            state = self._scheduler.states[name]
            self._news.wait_for(lambda: not state.under_way or self._given_up or self._closed)
            return None if state.under_way else self._scheduler.remove(name)

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
        with self._news:
            if self._closed:
                raise self._closed()
            new, theirs = self._under_way.add(state, wanted, request, priority, self._clock())
            if len(new) < len(theirs):
                self._news.notify_all()  # what waits already may be more urgent now
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
            if (
                state.model.name in self._scheduler.states
            ):  # else it was removed: nobody waits for these any more
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
                if self._closed or self._given_up:
                    return False
                now = self._clock()
                self._scheduler.put_back(self._retries.ripe(now))
                if self._scheduler.next(lane, now, cores, into):
                    for item in into[0].items:
                        for request, _ in item.waiters:
                            request.begun = True
                    return True
                self._news.wait(self._retries.seconds(now, LOOK_AGAIN))

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
                    request
                    for request, position in self._under_way.finish(item)
                    if request.give(position, answer)
                ]
        for request in complete:
            request.succeed()

    def fail(self, item: Item, error: BaseException) -> None:
        """An input can't be answered; those who wait for it get the error, the others go on."""
        with self._news:
            if item.finished:
                return
            waiters = self._under_way.finish(item)
            if state := self._scheduler.states.get(item.model):  # else it was removed, and nobody waits
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
        """The device fails whatever it is given: the workers end, which wakes the watchdog, and that closes this."""
        with self._news:
            self._given_up = f"model {state.model.name!r} on {state.model.runs_on} fails every input ({why})"
            closed = self._closed
            self._news.notify_all()
        if closed:
            self.close(closed, running=True)

    def did_not_fit(self, state: ModelState, items: Sequence[Item], error: OutOfMemory) -> None:
        """A forward was too large: smaller ones from now on, and these inputs again; one alone a little later."""
        alone = len(items) == 1
        with self._news:
            state.budget.did_not_fit(len(items), max(item.length for item in items))
            items[0].attempts += alone
        self._again(items, error, most=len(BACKOFF_SECONDS) + 1, later=alone)

    def ended(self, batch: Batch) -> None:
        """A worker is done with a batch."""
        with self._news:
            self._scheduler.ended(batch, self._clock() - batch.began)
            self._ended += 1
            self._news.notify_all()

    def lost(self, batch: Batch) -> None:
        """A worker died with a batch: what it did not answer is tried once more, each input alone."""
        with self._news:
            self._scheduler.ended(batch, self._clock() - batch.began)
            lost = [item for item in batch.items if item.claimed and not item.finished]
            for item in lost:
                item.attempts += 1
        self._again(lost, RuntimeError("the worker that ran it died, each time"), most=MOST_LOST)

    def close(self, error: Callable[[], ModelError], *, running: bool) -> None:
        """Take nothing any more, end the workers after their batches, and fail what waits.

        Args:
            error: made for each who waits or comes.
            running: whether what workers have now is failed too.
        """
        with self._news:
            self._closed = error
            running = running or self._given_up is not None  # then no worker comes back to what it had
            failed = self._under_way.requests(running=running)
            self._news.notify_all()
        for request in failed:
            request.fail(error())

    def _again(self, items: Sequence[Item], error: Exception, *, most: int, later: bool = False) -> None:
        """Try inputs again, at the front; fail those that had their attempts, and all once the engine is closed."""
        with self._news:
            closed = self._closed
            if not closed:
                for item in items:
                    if not item.wanted:  # its callers left while it ran
                        self._under_way.forget(item)
                again = [item for item in items if item.wanted and item.attempts < most]
                if later:
                    for item in again:
                        self._retries.add(item, self._clock())
                else:
                    self._scheduler.put_back(again)
                self._news.notify_all()
        for item in items:
            if closed:
                for request, _ in item.waiters:
                    request.fail(closed())
            elif item.attempts >= most:
                self.fail(item, error)

    def _drop(self, items: Sequence[Item], done: Future[list[Any]]) -> None:
        """A request ended. Where that was before its inputs were computed, those may be nobody's any more."""
        if not done.cancelled() and done.exception() is None:
            return
        with self._news:
            self._under_way.abandon(items)
