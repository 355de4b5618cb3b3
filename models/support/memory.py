"""What support knows: resolved tickets and help articles, found by what they were about."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from models.catalogue.vectors import VectorIndex
from models.languages import primary
from models.support.equality import answer_key
from models.support.topics import Group, Topic

Vectors = npt.NDArray[np.float32]

OPENING = 600
"""Code points of an answer that are embedded where there is neither a question nor a title."""
_SIMILARITIES = 1 << 23
"""Most similarities that are held at once: 32 MiB."""


@dataclass(frozen=True, slots=True)
class Source:
    """A resolved ticket or a help article; all text is masked.

    Attributes:
        answer: what was answered, or the article's text.
        question: what was asked; articles may have none.
        language: BCP 47 (RFC 5646).
        tags: the first one is what it is about. Sources of one first tag support each other, in whatever words and
            languages; so a tag as broad as "order" makes answers of different matters one.
        updated: event time, Unix seconds.
        user: token of whose ticket it was, so that an erasure finds it.
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
    user: str | None = field(default=None, repr=False)


def source_text(source: Source) -> str:
    """What of a source is embedded: its question, else its title, else the opening of its answer.

    Tickets are questions, and questions are found by what resembles them: titles are short and name the matter, as
    questions do, while an article's text answers several (Sakata et al. 2019, "FAQ Retrieval Using Query-Question
    Similarity and BERT-Based Query-Answer Relevance"). So an article under a title that says nothing, such as "FAQ", is
    found by its tag only.
    """
    return source.question or source.title or source.answer[:OPENING]


@dataclass(frozen=True, slots=True)
class Known:
    """A source, and the normal form of its answer."""

    source: Source
    key: str

    @property
    def topic(self) -> Topic:
        """What it is about."""
        return ("tag", self.source.tags[0]) if self.source.tags else ("answer", self.key)

    @property
    def group(self) -> Group:
        """Its language and kind."""
        return primary(self.source.language), self.source.kind


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
        self._repeats: Counter[Topic] = Counter()
        self._articles: defaultdict[Topic, dict[str, Known]] = defaultdict(dict)

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
            known = Known(source, answer_key(source.answer))
            self._known[source.id] = known
            self._repeats[known.topic] += 1
            if source.kind == "article":
                self._articles[known.topic][source.id] = known
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

    def of_users(self, users: Collection[str]) -> dict[str, list[str]]:
        """Ids of the sources that come from users' tickets. Looks at all of them: for erasures, not for answers."""
        found: dict[str, list[str]] = {user: [] for user in users}
        for key, known in list(self._known.items()):
            if known.source.user in found:
                found[known.source.user].append(key)
        return found

    def known(self) -> list[Known]:
        """All sources, those first that came first."""
        return list(self._known.values())

    def repeats(self, known: Known) -> int:
        """How many sources are of its topic, itself included."""
        return self._repeats[known.topic]

    def articles(self, topic: Topic) -> list[Known]:
        """The articles of a topic, those first that came first."""
        # No key is made by looking it up; a copy, for another thread may change it.
        return list(self._articles.get(topic, {}).values())

    def vectors(self, ids: Sequence[str]) -> Vectors:
        """Copies of the vectors of sources, float32 [n, width]; zero of an unknown one."""
        return self._index.rows(ids)

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """Ids of the most similar sources with their cosines, best first.

        Args:
            vector: a unit vector [width].
            limit: most ids to give.
        """
        return self._index.nearest(vector, limit)

    def neighbours(self, vectors: Vectors, limits: Sequence[int]) -> list[list[Known]]:
        """The sources of the greatest cosines, best first, for each of the unit vectors [n, width]; limits [n]."""
        found: list[list[Known]] = []
        step = max(1, _SIMILARITIES // max(1, self._index.size))
        for start in range(0, len(vectors), step):
            rows = self._index.similarities(vectors[start : start + step])
            limited = zip(rows, limits[start : start + step], strict=True)
            found.extend(self._present(self._index.top(row, limit)) for row, limit in limited)
        return found

    def _present(self, ranked: Iterable[tuple[str, float]]) -> list[Known]:
        known = (self._known.get(key) for key, _ in ranked)
        return [one for one in known if one is not None]

    def _forget(self, source_id: str) -> None:
        known = self._known.pop(source_id, None)
        if known is None:
            return
        topic = known.topic
        self._repeats[topic] -= 1
        if not self._repeats[topic]:
            del self._repeats[topic]
        if known.source.kind == "article":
            del self._articles[topic][source_id]
            if not self._articles[topic]:
                del self._articles[topic]
