"""A bounded waiting room: how many inputs may wait in an engine before callers have to."""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager

from models.errors import DeadlineExceeded, ModelError


class Admission:
    """Counts inputs in, first come first served, up to a capacity. Thread-safe."""

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError("capacity must be at least 1")
        self._capacity = capacity
        self._inside = 0
        self._closed: Callable[[], ModelError] | None = None
        self._line: deque[tuple[int, Future[None]]] = deque()
        self._lock = threading.Lock()

    @property
    def inside(self) -> int:
        """Inputs that are in now."""
        return self._inside

    @asynccontextmanager
    async def place(self, inputs: int, timeout: float | None = None) -> AsyncIterator[None]:
        """Room for `inputs`, which are at most the capacity, as long as the block lasts.

        Args:
            inputs: how many.
            timeout: seconds that this may wait; None is for ever.

        Raises:
            DeadlineExceeded: there was no room in time.
            ModelError: what `close` was given.
        """
        place = self._enter(inputs)
        try:
            await _given(place, timeout)
            yield
        finally:
            self._leave(inputs, place)

    @contextmanager
    def place_now(self, inputs: int, timeout: float | None = None) -> Iterator[None]:
        """As `place`; blocks."""
        place = self._enter(inputs)
        try:
            _given_now(place, timeout)
            yield
        finally:
            self._leave(inputs, place)

    def close(self, error: Callable[[], ModelError]) -> None:
        """Turn away who waits and who comes, each with an error of its own."""
        with self._lock:
            self._closed = error
            line, self._line = self._line, deque()
        for _, place in line:
            if place.set_running_or_notify_cancel():
                place.set_exception(error())

    def _enter(self, inputs: int) -> Future[None]:
        """A place in the line, done when `inputs` are in. Cancelling it gives it up."""
        place: Future[None] = Future()
        with self._lock:
            if self._closed:
                place.set_exception(self._closed())
                return place
            self._line.append((inputs, place))
        self._admit()
        return place

    def _leave(self, inputs: int, place: Future[None]) -> None:
        """Give the room back, or the place in the line."""
        # A place that can't be cancelled any more was given, perhaps in this moment, or turned away.
        if not place.cancel() and not (place.done() and place.exception()):
            with self._lock:
                self._inside -= inputs
        self._admit()

    def _admit(self) -> None:
        admitted = []
        with self._lock:
            while self._line:
                inputs, place = self._line[0]
                if self._inside + inputs > self._capacity and not place.cancelled():
                    break
                self._line.popleft()
                # From here on the place can't be cancelled any more, so that its room is not lost.
                if place.set_running_or_notify_cancel():
                    self._inside += inputs
                    admitted.append(place)
        for place in admitted:
            place.set_result(None)


async def _given(place: Future[None], timeout: float | None) -> None:
    if not place.done():  # mostly it is, and the event loop need not go round
        try:
            async with asyncio.timeout(timeout):
                await asyncio.wrap_future(place)
        except TimeoutError:
            raise _no_room() from None
    place.result()


def _given_now(place: Future[None], timeout: float | None) -> None:
    try:
        place.result(timeout)
    except TimeoutError:
        raise _no_room() from None


def _no_room() -> DeadlineExceeded:
    return DeadlineExceeded("the engine had no room for this request in time")
