"""Data keys in memory: bounded in number, age, and uses."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from privacy.keys import DataKey


class _Aged(Protocol):
    since: float


Key = TypeVar("Key", bound=Hashable)
Entry = TypeVar("Entry", bound=_Aged)


@dataclass(slots=True)
class _Current:
    """A subject's current key, and how many reserved nonces are left of it."""

    key: DataKey
    left: int
    since: float


@dataclass(slots=True)
class _Named:
    key: DataKey
    since: float


class KeyCache:
    """Keys to seal under, by subject; and keys to open with, by subject and id.

    Args:
        seconds: how old an entry may get.
        most: how many entries of each kind to keep (each about 1 kB); the oldest go first.
        clock: monotonic seconds.

    What is too old goes with the next call, whatever that is for; where none may come, call `purge`.
    """

    def __init__(self, seconds: float, most: int, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._current: OrderedDict[str, _Current] = OrderedDict()
        self._named: OrderedDict[tuple[str, str], _Named] = OrderedDict()
        self._forgettings = 0

    @property
    def forgettings(self) -> int:
        """How often `forget` was called: a key asked for before and received after must not be kept."""
        return self._forgettings

    def take(self, subject: str, uses: int, not_before: str) -> DataKey | None:
        """The current key, if it is young enough and has so many uses left, which count as used then."""
        self.purge()
        entry = self._current.get(subject)
        if entry is None or entry.left < uses or entry.key.id < not_before:
            return None
        entry.left -= uses
        return entry.key

    def find(self, subject: str, key_id: str) -> DataKey | None:
        """A key by name."""
        self.purge()
        current = self._current.get(subject)
        if current is not None and current.key.id == key_id:
            return current.key
        named = self._named.get((subject, key_id))
        return None if named is None else named.key

    def keep_current(self, subject: str, key: DataKey, left: int) -> None:
        """Remembers a subject's current key, and how many uses are left."""
        self._keep(self._current, subject, _Current(key, left, self._clock()))

    def keep(self, subject: str, key: DataKey) -> None:
        """Remembers a key for opening."""
        self._keep(self._named, (subject, key.id), _Named(key, self._clock()))

    def forget(self, matches: Callable[[str], bool]) -> None:
        """Drops all keys of the subjects that match."""
        self._forgettings += 1
        for subject in [one for one in self._current if matches(one)]:
            del self._current[subject]
        for place in [one for one in self._named if matches(one[0])]:
            del self._named[place]

    def purge(self) -> None:
        """Drops all that is too old."""
        self._purge(self._current)
        self._purge(self._named)

    def _purge(self, entries: "OrderedDict[Key, Entry]") -> None:
        """Entries are in the order of their age, and stay in it when they are used."""
        until = self._clock() - self._seconds
        while entries and next(iter(entries.values())).since <= until:
            entries.popitem(last=False)

    def _keep(self, entries: "OrderedDict[Key, Entry]", key: Key, entry: Entry) -> None:
        self.purge()
        entries[key] = entry
        entries.move_to_end(key)
        while len(entries) > self._most:
            entries.popitem(last=False)
