"""What the neighbours of a ticket say: their answers as candidates, weighed by similarity."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from models.support.equality import near_equal
from models.support.memory import Known, Neighbour, Source, SupportMemory

NEIGHBOURS = 15
"""k of the k-nearest-neighbour vote. 10, 15 and 25 were alike on the training part of banking77, each text left out."""

TEMPERATURE = 0.25
"""Of the vote, in deviations of `Scale`: the most accurate of .15, .25 and .4 for multilingual-e5-small and for
all-MiniLM-L6-v2 on the training part of banking77, each text left out."""

BACKGROUND = 1.0
"""Where, in deviations, a vote for "none of these" stands: as near as the better unrelated sources are."""

NEARLY_AS_GOOD = 0.8
"""A candidate in the ticket's language is preferred down to this part of the best one's share."""

_FEWEST_SOURCES = 32
_SAMPLE = 256
_SMOOTHING = 0.01
_LEAST_DEVIATION = 1e-3


@dataclass(frozen=True, slots=True)
class Scale:
    """How similar unrelated sources are, which differs between encoders: mean and deviation of their cosines.

    The defaults are those of multilingual-e5-small on the training part of banking77.
    """

    mean: float = 0.837
    deviation: float = 0.031

    @classmethod
    def of(cls, memory: SupportMemory, seed: int = 0) -> Self:
        """The scale of up to 256 sources of a memory; the default where it has fewer than 32."""
        known = memory.known()
        if len(known) < _FEWEST_SOURCES:
            return cls()
        chosen = np.random.default_rng(seed).permutation(len(known))[:_SAMPLE]
        vectors = memory.vectors([known[place].source.id for place in chosen])
        cosines = (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]
        return cls(float(cosines.mean()), max(float(cosines.std()), _LEAST_DEVIATION))

    def standing(self, cosine: float) -> float:
        """A cosine in deviations from the mean."""
        return (cosine - self.mean) / self.deviation


@dataclass(frozen=True, slots=True)
class Supporter:
    """A source near a ticket: its cosine, and its share of the vote."""

    known: Known
    similarity: float
    share: float

    @property
    def source(self) -> Source:
        """The source."""
        return self.known.source


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer, by the sources that gave it (most similar first) and the sum of their shares."""

    supporters: tuple[Supporter, ...]
    share: float

    @property
    def similarity(self) -> float:
        """Cosine of its most similar source."""
        return self.supporters[0].similarity


class Evidence(NamedTuple):
    """What the probability that a candidate is right is told from.

    Attributes:
        share: log-odds of the candidate's share of the vote.
        similarity: its most similar source, in deviations.
        margin: how far that is above the most similar source of any other candidate, in deviations.
    """

    share: float
    similarity: float
    margin: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Candidates, the chosen one first, the others by share; and the evidence for the first."""

    candidates: tuple[Candidate, ...]
    evidence: Evidence

    @property
    def best(self) -> Candidate:
        """The chosen candidate."""
        return self.candidates[0]


def weigh(neighbours: Sequence[Neighbour], scale: Scale, language: str | None = None) -> Verdict | None:
    """Let the neighbours of a ticket vote.

    Each has the weight exp(cosine / temperature), a distance-weighted nearest-neighbour rule (Dudani 1976), and "none
    of these" has one of its own. Sources with one answer stand for one candidate, see `same_answer`.

    Args:
        neighbours: best first.
        scale: of the encoder's cosines.
        language: the ticket's.

    Returns:
        None without neighbours.
    """
    if not neighbours:
        return None
    shares = _shares([one.similarity for one in neighbours], scale)
    groups: list[list[tuple[Neighbour, float]]] = []
    for neighbour, share in zip(neighbours, shares, strict=True):
        for group in groups:
            if same_answer(group[0][0].known, neighbour.known):
                group.append((neighbour, share))
                break
        else:
            groups.append([(neighbour, share)])
    candidates = sorted((_candidate(group) for group in groups), key=lambda one: -one.share)
    _prefer(candidates, language)
    return Verdict(tuple(candidates), _evidence(candidates, scale))


def same_answer(one: Known, other: Known) -> bool:
    """Whether two sources give the same answer: equal normal forms, or near-equal ones under the same first tag."""
    if one.key == other.key:
        return True
    tags, others = one.source.tags, other.source.tags
    return bool(tags) and tags[:1] == others[:1] and near_equal(one.key, other.key)


def same_language(one: str | None, other: str | None) -> bool:
    """Whether the primary subtags (RFC 5646) are the same, and known."""
    return bool(one and other) and _primary(one) == _primary(other)


def _primary(language: str | None) -> str:
    return (language or "").partition("-")[0].casefold()


def _shares(cosines: Sequence[float], scale: Scale) -> list[float]:
    heights = [scale.standing(cosine) / TEMPERATURE for cosine in cosines]
    nothing = BACKGROUND / TEMPERATURE
    highest = max(nothing, *heights)
    weights = [math.exp(height - highest) for height in heights]
    total = sum(weights) + math.exp(nothing - highest)
    return [weight / total for weight in weights]


def _candidate(group: Sequence[tuple[Neighbour, float]]) -> Candidate:
    supporters = tuple(Supporter(one.known, one.similarity, share) for one, share in group)
    return Candidate(supporters, sum(one.share for one in supporters))


def _prefer(candidates: list[Candidate], language: str | None) -> None:
    """Moves the first nearly as good candidate with a source in the ticket's language to the front."""
    enough = NEARLY_AS_GOOD * candidates[0].share
    for place, candidate in enumerate(candidates):
        if candidate.share < enough:
            return
        if any(same_language(one.source.language, language) for one in candidate.supporters):
            candidates.insert(0, candidates.pop(place))
            return


def _evidence(candidates: Sequence[Candidate], scale: Scale) -> Evidence:
    best, *others = candidates
    rival = max((one.similarity for one in others), default=scale.mean)
    log_odds = math.log((best.share + _SMOOTHING) / (1 - best.share + _SMOOTHING))
    return Evidence(log_odds, scale.standing(best.similarity), (best.similarity - rival) / scale.deviation)
