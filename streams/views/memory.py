"""What support knows, in this worker: entries of the memory topic, joined to the index that searches them."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from models.support.memory import Source, SupportMemory
from streams.contracts.records import MemoryEntry
from streams.contracts.topics import SUPPORT_MEMORY
from streams.views.entries import read_entries
from streams.views.rows import Rows, read_rows


class MemoryView:
    """A `View` that fills support's memory.

    Args:
        memory: an empty one, which nobody else changes.
        width: numbers in its vectors.
    """

    layout: Final = "memory/2"

    def __init__(self, memory: SupportMemory, width: int) -> None:
        self.memory = memory
        self._width = width
        self._ids: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def apply(self, upserted: Sequence[bytes], deleted: Sequence[str]) -> Sequence[int]:
        """Takes sources in; `View.apply` says more."""
        entries, vectors, unreadable = read_entries(SUPPORT_MEMORY, upserted, self._width)
        self.memory.upsert([to_source(entry) for entry in entries], vectors)
        self.memory.delete(deleted)
        self._ids.update((entry.source_id, None) for entry in entries)
        for key in deleted:
            self._ids.pop(key, None)
        return unreadable

    def commit(self) -> None:
        """Nothing to do: sources can be found as soon as they are in."""

    def dump(self) -> Rows:
        """All sources and their vectors as they are now."""
        sources = [source for source in map(self.memory.get, self._ids) if source is not None]
        vectors = self.memory.vectors([source.id for source in sources])
        return Rows(sources, vectors.astype(np.float16))

    def restore(self, payload: memoryview) -> None:
        """Fills the memory; `View.restore` says more."""
        for entries, vectors in read_rows(payload, self._width):
            try:
                sources = [_source(fields) for fields in entries]
            except (KeyError, TypeError) as error:
                raise ValueError("not the fields of a source") from error
            self.memory.upsert(sources, vectors)
            self._ids.update((source.id, None) for source in sources)

    def clear(self) -> None:
        """Empties the memory."""
        self.memory.delete(self._ids)
        self._ids = {}


def to_source(entry: MemoryEntry) -> Source:
    """Return what an entry of the topic describes."""
    return Source(
        id=entry.source_id,
        kind=entry.kind,
        answer=entry.answer,
        question=entry.question,
        title=entry.title,
        url=entry.url,
        language=entry.language,
        tags=tuple(entry.tags),
        updated=entry.time.timestamp(),
        user=entry.user,
    )


def _source(fields: dict[str, Any]) -> Source:
    """The source whose fields went through JSON."""
    return Source(**fields | {"tags": tuple(fields["tags"])})
