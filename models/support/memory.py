"""What support knows: resolved tickets and help articles, found by what they were about."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from models.catalogue.vectors import VectorIndex
from models.support.equality import answer_key

Vectors = npt.NDArray[np.float32]

OPENING = 600
"""Code points of an article's text that are embedded beside its title."""
_SIMILARITIES = 1 << 23
"""Most similarities that are held at once: 32 MiB."""


@dataclass(frozen=True, slots=True)
class Source:
    """A resolved ticket or a help article; all text is masked.

    Attributes:
        answer: what was answered, or the article's text.
        question: what was asked; articles may have none.
        language: BCP 47 (RFC 5646).
        tags: the first one is what it is about.
        updated: event time, Unix seconds.
    """

    id: str
    kind: Literal["ticket", "article"]
    answer: str
    question: str | None = None
    title: str | None = None
    url: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    updated: float = 0.0


def source_text(source: Source) -> str:
    """What of a source is embedded: its question, else its title and the opening of its answer."""
    if source.question is not None:
        return source.question
    return "\n".join(part for part in (source.title, source.answer[:OPENING]) if part)


@dataclass(frozen=True, slots=True)
class Known:
    """A source, and the normal form of its answer."""

    source: Source
    key: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A source near a ticket, and its cosine."""

    known: Known
    similarity: float


class SupportMemory:
    """Sources and their vectors.

    One thread changes it. Others may search meanwhile: they may see half of a change, never an error.

    Args:
        width: numbers in a vector.

    Attributes:
        generation: how many sources have been put in, replaced or deleted; moves with every change.
    """

    def __init__(self, width: int) -> None:
        self.generation = 0
        self._index = VectorIndex(width)
        self._known: dict[str, Known] = {}
        self._repeats: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._known)

    def upsert(self, sources: Sequence[Source], vectors: Vectors) -> None:
        """Add or replace sources.

        Args:
            sources: of an id that comes twice the last counts.
            vectors: of their `source_text`, float32 [n, width].

        Raises:
            ValueError: as many vectors as sources of this width are needed; nothing was changed then.
        """
        # Vectors first: they are checked there. A search skips an id whose source is not there yet.
        self._index.upsert([source.id for source in sources], vectors)
        for source in sources:
            self._forget(source.id)
            key = answer_key(source.answer)
            self._known[source.id] = Known(source, key)
            self._repeats[key] += 1
            self.generation += 1

    def delete(self, ids: Iterable[str]) -> None:
        """Forget sources; unknown ids are skipped."""
        known = [key for key in ids if key in self._known]
        self._index.delete(known)
        for key in known:
            self._forget(key)
            self.generation += 1

    def get(self, source_id: str) -> Source | None:
        """A source, if it is there."""
        known = self._known.get(source_id)
        return None if known is None else known.source

    def known(self) -> list[Known]:
        """All sources, those first that came first."""
        return list(self._known.values())

    def repeats(self, known: Known) -> int:
        """How many sources have this answer, by its normal form."""
        return self._repeats[known.key]

    def vectors(self, ids: Sequence[str]) -> Vectors:
        """Vectors of sources, float32 [n, width]; zero of an unknown one."""
        rows = np.zeros((len(ids), self._index.width), np.float32)
        for row, key in zip(rows, ids, strict=True):
            vector = self._index.get(key)
            if vector is not None:
                row[:] = vector
        return rows

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """Ids of the most similar sources with their cosines, best first.

        Args:
            vector: a unit vector [width].
            limit: most ids to give.
        """
        return self._index.nearest(vector, limit)

    def neighbours(self, vectors: Vectors, limits: Sequence[int]) -> list[list[Neighbour]]:
        """The most similar sources, best first, for each of the unit vectors [n, width], each with its limit."""
        found: list[list[Neighbour]] = []
        step = max(1, _SIMILARITIES // max(1, self._index.size))
        for start in range(0, len(vectors), step):
            rows = self._index.similarities(vectors[start : start + step])
            limited = zip(rows, limits[start : start + step], strict=True)
            found.extend(self._neighbours(self._index.top(row, limit)) for row, limit in limited)
        return found

    def _neighbours(self, ranked: Iterable[tuple[str, float]]) -> list[Neighbour]:
        known = ((self._known.get(key), similarity) for key, similarity in ranked)
        return [Neighbour(one, similarity) for one, similarity in known if one is not None]

    def _forget(self, source_id: str) -> None:
        known = self._known.pop(source_id, None)
        if known is None:
            return
        self._repeats[known.key] -= 1
        if not self._repeats[known.key]:
            del self._repeats[known.key]
