"""A bounded store of what was used last."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class LruCache(Generic[Key, Value]):
    """Keeps the entries that were used last. For one thread.

    Args:
        capacity: most entries; 0 keeps nothing.

    Attributes:
        hits: questions that were answered.
        misses: questions that weren't.
    """

    def __init__(self, capacity: int) -> None:
        self.hits = 0
        self.misses = 0
        self._capacity = capacity
        self._entries: OrderedDict[Key, Value] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Value | None:
        """An entry, which then is the latest used; None where there is none."""
        value = self._entries.get(key)
        if value is None:
            self.misses += 1
            return None
        self.hits += 1
        self._entries.move_to_end(key)
        return value

    def put(self, key: Key, value: Value) -> None:
        """Add or replace an entry; the one that was longest unused goes when there are too many."""
        self._entries[key] = value
        self._entries.move_to_end(key)
        while len(self._entries) > self._capacity:
            self._entries.popitem(last=False)
