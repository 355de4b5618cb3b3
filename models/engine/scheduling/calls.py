"""Calls under way, by model: a model may go when it has none. Thread-safe."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from models.errors import EngineClosed


class Calls:
    """Counts callers in and out, and turns those away whose model is gone."""

    def __init__(self) -> None:
        self._under_way: Counter[str] = Counter()
        self._dismissed: set[str] = set()
        self._ended = threading.Condition()

    @contextmanager
    def under_way(self, model: str) -> Iterator[None]:
        """A call lasts as long as the block.

        Raises:
            EngineClosed: the model was removed.
        """
        with self._ended:
            if model in self._dismissed:
                raise EngineClosed(f"model {model!r} was removed from the engine; take the one in its place")
            self._under_way[model] += 1
        try:
            yield
        finally:
            with self._ended:
                self._under_way[model] -= 1
                self._ended.notify_all()

    def admit(self, model: str) -> None:
        """Let calls of a model in, though one of that name was dismissed before."""
        with self._ended:
            self._dismissed.discard(model)

    def dismiss(self, model: str) -> None:
        """Turn calls of a model away from now on, and wait until none is under way."""
        with self._ended:
            self._dismissed.add(model)
            self._ended.wait_for(lambda: not self._under_way[model])
