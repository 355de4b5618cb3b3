"""How near sources are to a ticket, whatever kinds and languages they are of."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from models.catalogue.vectors import unit
from models.languages import primary
from models.support.memory import Known, Source, SupportMemory, Vectors
from models.support.topics import Group

LOCAL = 0.25
"""How much of a source's standing is that of the mean of all near sources of its topic, which says better than any one
does what they are about (local mean rule, Mitani and Hamamoto 2006, "A local mean-based nonparametric classifier"). On
tickets held out of the training parts of banking77 and Bitext's retail intents the right label was found for .915 and
.978; for .908 and .974 with 0, for .919 and .984 with .5. But what nothing answers is near to a mean too, that of a
broad tag above all: of HINT3's curekart questions out of scope .10, .14 and .17 were answered, at thresholds where .62
of those in scope were."""

PULL = 8
"""So many sources' worth of a group's mean is the whole memory's: a group of few would lose what it is about."""

_FEWEST_SOURCES = 32
_SAMPLE = 4_096
_COSINES = 256
_LEAST_DEVIATION = 1e-3


@dataclass(frozen=True, slots=True)
class Near:
    """A source near a ticket.

    Attributes:
        similarity: their cosine.
        standing: the cosine after centring, in deviations above that of unrelated sources; to a part of `LOCAL` that of
            the mean of its topic's near sources.
    """

    known: Known
    similarity: float
    standing: float

    @property
    def source(self) -> Source:
        """The source."""
        return self.known.source


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """What the vectors of a memory have in common, which says nothing of what they are about, and their scale.

    All texts' vectors share a direction, those of one language another, and those after one prompt (an encoder may
    have different ones for tickets and for articles) a third. So the mean of its language and kind is taken off each
    vector, which is then scaled to length 1 again (Mu and Viswanath 2018, "All-but-the-top"; Libovický et al. 2020,
    "On the language neutrality of pre-trained multilingual representations"). On the training part of HINT3's curekart,
    a third of whose sources were embedded as articles are, small memories so found the right label of .865 of the
    questions, .838 without, .871 had all been embedded alike. Within one kind and language it changes little.

    Attributes:
        mean: cosine of unrelated sources after centring. The defaults are those of multilingual-e5-small on the
            training part of banking77, without centring.
        deviation: of that.
        centres: means of vectors, float32 [groups + 1, width]; the first is that of all. None: nothing is taken off.
        places: of the groups in `centres`.
    """

    mean: float = 0.837
    deviation: float = 0.031
    centres: Vectors | None = None
    places: Mapping[Group, int] = field(default_factory=dict)

    @classmethod
    def of(cls, memory: SupportMemory, seed: int = 0) -> Self:
        """The space of a memory, from 4,096 of its sources at most; the default where it has fewer than 32."""
        known = memory.known()
        if len(known) < _FEWEST_SOURCES:
            return cls()
        chosen = [known[place] for place in np.random.default_rng(seed).permutation(len(known))[:_SAMPLE]]
        vectors = memory.vectors([one.source.id for one in chosen])
        members = defaultdict(list)
        for place, one in enumerate(chosen):
            members[one.group].append(place)
        whole = vectors.mean(axis=0)
        means = [
            (vectors[places].sum(axis=0) + PULL * whole) / (len(places) + PULL) for places in members.values()
        ]
        centred = cls(
            centres=np.stack([whole, *means]), places={group: at for at, group in enumerate(members, 1)}
        )
        some = centred._taken_off(vectors[:_COSINES], [one.group for one in chosen[:_COSINES]])
        cosines = (some @ some.T)[np.triu_indices(len(some), 1)]
        return cls(
            float(cosines.mean()),
            max(float(cosines.std()), _LEAST_DEVIATION),
            centred.centres,
            centred.places,
        )

    def rank(
        self, memory: SupportMemory, vector: Vectors, language: str | None, sources: Sequence[Known]
    ) -> list[Near]:
        """Sources by their standing, best first; the order of equal ones stays.

        Args:
            memory: where their vectors are.
            vector: of the ticket, float32 [width], of length 1.
            language: of the ticket, see `spoken`.
            sources: those near the ticket.
        """
        if not sources:
            return []
        vectors = memory.vectors([one.source.id for one in sources])
        centred = self._taken_off(vectors, [one.group for one in sources])
        ticket = self._taken_off(vector[None], [self._group_of_ticket(language)])[0]
        topics = {topic: at for at, topic in enumerate(dict.fromkeys(one.topic for one in sources))}
        which = [topics[one.topic] for one in sources]
        totals = np.zeros((len(topics), len(ticket)), np.float32)
        np.add.at(totals, which, centred)
        cosines = (1 - LOCAL) * (centred @ ticket) + LOCAL * (unit(totals) @ ticket)[which]
        standings = (cosines - self.mean) / self.deviation
        near = map(Near, sources, (vectors @ vector).tolist(), standings.tolist())
        return sorted(near, key=lambda one: -one.standing)

    def _taken_off(self, vectors: Vectors, groups: Sequence[Group]) -> Vectors:
        if self.centres is None:
            return vectors
        return unit(vectors - self.centres[[self.places.get(group, 0) for group in groups]])

    def _group_of_ticket(self, language: str | None) -> Group:
        asked, told = ((primary(language), kind) for kind in ("ticket", "article"))
        return asked if asked in self.places or told not in self.places else told


def spoken(language: str | None, nearest: Sequence[Known]) -> str | None:
    """A ticket's language: as given, else that of the source whose vector is nearest to its own."""
    return language or (nearest[0].source.language if nearest else None)
