"""How near sources are to a ticket, whatever kinds and languages they are of."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from models.catalogue.vectors import unit
from models.support.memory import Known, Source, SupportMemory, Vectors
from models.support.topics import Group, Topic, primary

TOPIC = 0.5
"""How much of a source's standing is that of its topic's mean: a mean of several says better what they are about than
any one does (the nearest-centroid rule, Rocchio 1971). Of .3, .5 and .7 all were better than 0, and alike, in small
memories drawn from the training parts of banking77, HINT3's curekart and Bitext's retail intents: the right label was
found of .844, .881, .928 of the questions, without it of .834, .867, .908."""
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
        standing: the cosine after centring, in deviations above that of unrelated sources; to a part of `TOPIC` that of
            its topic's mean.
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
        self,
        memory: SupportMemory,
        vector: Vectors,
        language: str | None,
        sources: Sequence[Known],
        without: Known | None = None,
    ) -> list[Near]:
        """Sources by their standing, best first; the order of equal ones stays.

        Args:
            memory: where their vectors are.
            vector: of the ticket, float32 [width], of length 1.
            language: of the ticket, see `spoken`.
            sources: to be ranked.
            without: a source of the memory that its topic's mean is taken without.
        """
        if not sources:
            return []
        ticket = self._taken_off(vector[None], [self._group_of_ticket(language)])[0]
        vectors = memory.vectors([one.source.id for one in sources])
        alone = self._taken_off(vectors, [one.group for one in sources]) @ ticket
        topics = list(dict.fromkeys(one.topic for one in sources))
        together = np.stack([self._direction(memory, topic, without) for topic in topics]) @ ticket
        at = dict(zip(topics, together.tolist(), strict=True))
        of_topics = np.array([at[one.topic] for one in sources])
        standings = ((1 - TOPIC) * alone + TOPIC * of_topics - self.mean) / self.deviation
        near = map(Near, sources, (vectors @ vector).tolist(), standings.tolist())
        return sorted(near, key=lambda one: -one.standing)

    def _direction(self, memory: SupportMemory, topic: Topic, without: Known | None) -> Vectors:
        """The centred mean of a topic, scaled to length 1: float32 [width]."""
        total = np.zeros(memory.width, np.float64)
        for group, count, part in memory.parts(topic):
            total += part
            if self.centres is not None:
                total -= count * self.centres[self.places.get(group, 0)]
        if without is not None and without.topic == topic:
            total -= memory.vectors([without.source.id])[0]
            if self.centres is not None:
                total += self.centres[self.places.get(without.group, 0)]
        return unit(total)

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
