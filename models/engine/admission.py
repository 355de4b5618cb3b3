"""A bounded waiting room: how many texts may wait in an engine before callers have to."""

import threading
from collections import deque
from concurrent.futures import Future

from models.errors import EngineClosed


class Admission:
    """Counts texts in, first come first served, up to a capacity. Thread-safe.

    A request larger than the whole capacity is let in when the room is empty, so that it waits and is not refused.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError("capacity must be at least 1")
        self._capacity = capacity
        self._inside = 0
        self._closed = False
        self._line: deque[tuple[int, Future[None]]] = deque()
        self._lock = threading.Lock()

    @property
    def inside(self) -> int:
        """Texts that are in now."""
        return self._inside

    def enter(self, texts: int) -> Future[None]:
        """A future that is done when `texts` are in. Every entry that came to pass needs one `leave`.

        Cancelling the future gives the place in the line up.
        """
        place: Future[None] = Future()
        with self._lock:
            if self._closed:
                place.set_exception(_closed())
                return place
            self._line.append((texts, place))
        self._admit()
        return place

    def leave(self, texts: int) -> None:
        """Give the room of one entry back."""
        with self._lock:
            self._inside -= min(texts, self._capacity)
        self._admit()

    def close(self) -> None:
        """Turn away who waits and who comes."""
        with self._lock:
            self._closed = True
            line, self._line = self._line, deque()
        for _, place in line:
            if place.set_running_or_notify_cancel():
                place.set_exception(_closed())

    def _admit(self) -> None:
        admitted = []
        with self._lock:
            while self._line:
                texts, place = self._line[0]
                cost = min(texts, self._capacity)
                if self._inside + cost > self._capacity and not place.cancelled():
                    break
                self._line.popleft()
                # From here on the place can't be cancelled any more, so that its room is not lost.
                if place.set_running_or_notify_cancel():
                    self._inside += cost
                    admitted.append(place)
        for place in admitted:
            place.set_result(None)


def _closed() -> EngineClosed:
    return EngineClosed("the engine is closed; load a new one")
