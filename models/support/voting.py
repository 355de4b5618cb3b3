"""What the neighbours of a ticket say: their topics as candidates, weighed by similarity."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.languages import primary
from models.support.space import Near
from models.support.topics import Topic

NEIGHBOURS = 15
"""k of the k-nearest-neighbour vote. 10, 15 and 25 were alike on the training part of banking77, each text left out."""

FOUND = 60
"""So many sources of the greatest cosines are ranked by their standing, of which the first `NEIGHBOURS` vote."""

TEMPERATURE = 0.6
"""Of the vote, in deviations: the most accurate of .15, .25, .4 and .6 in small memories drawn from the training parts
of banking77, HINT3's curekart and Bitext's retail intents, and as good as .25 and .4 on the whole of banking77's, each
text left out."""

BACKGROUND = 1.0
"""Where, in deviations, a vote for "none of these" stands: as near as the better unrelated sources are."""

NEARLY_AS_GOOD = 0.8
"""A candidate in the ticket's language is preferred down to this part of the best one's share."""

_SMOOTHING = 0.01
_UNRELATED = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A topic, by the sources of it that are near (best first) and the sum of their shares of the vote."""

    topic: Topic
    supporters: tuple[Near, ...]
    share: float

    @property
    def standing(self) -> float:
        """That of its nearest source."""
        return self.supporters[0].standing


class Evidence(NamedTuple):
    """What the probability that a candidate is right is told from.

    Attributes:
        share: log-odds of the candidate's share of the vote.
        similarity: the standing of its nearest source, in deviations.
        margin: how far that is above the nearest source of any other candidate, in deviations.
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


def weigh(neighbours: Sequence[Near], language: str | None = None) -> Verdict | None:
    """Let the neighbours of a ticket vote.

    Each has the weight exp(standing / temperature), a distance-weighted nearest-neighbour rule (Dudani 1976), and "none
    of these" has one of its own. Sources of one topic stand for one candidate: those of one first tag, in whatever
    words and languages, and those without tags by equal answers. A source without tags doesn't support those with, even
    if their answers are equal.

    Args:
        neighbours: best first; the first `NEIGHBOURS` count.
        language: the ticket's.

    Returns:
        None without neighbours.
    """
    if not neighbours:
        return None
    voters = neighbours[:NEIGHBOURS]
    groups: defaultdict[Topic, list[tuple[Near, float]]] = defaultdict(list)
    for neighbour, share in zip(voters, _shares(voters), strict=True):
        groups[neighbour.known.topic].append((neighbour, share))
    candidates = [
        Candidate(topic, tuple(one for one, _ in group), sum(share for _, share in group))
        for topic, group in groups.items()
    ]
    candidates.sort(key=lambda one: -one.share)
    _prefer(candidates, language)
    return Verdict(tuple(candidates), _evidence(candidates))


def same_language(one: str | None, other: str | None) -> bool:
    """Whether the primary subtags (RFC 5646) are the same, and known."""
    return bool(one and other) and primary(one) == primary(other)


def _shares(voters: Sequence[Near]) -> list[float]:
    heights = [one.standing / TEMPERATURE for one in voters]
    nothing = BACKGROUND / TEMPERATURE
    highest = max(nothing, *heights)
    weights = [math.exp(height - highest) for height in heights]
    total = sum(weights) + math.exp(nothing - highest)
    return [weight / total for weight in weights]


def _prefer(candidates: list[Candidate], language: str | None) -> None:
    """Moves the first nearly as good candidate with a source in the ticket's language to the front."""
    enough = NEARLY_AS_GOOD * candidates[0].share
    for place, candidate in enumerate(candidates):
        if candidate.share < enough:
            return
        if any(same_language(one.source.language, language) for one in candidate.supporters):
            candidates.insert(0, candidates.pop(place))
            return


def _evidence(candidates: Sequence[Candidate]) -> Evidence:
    best, *others = candidates
    rival = max((one.standing for one in others), default=_UNRELATED)
    log_odds = math.log((best.share + _SMOOTHING) / (1 - best.share + _SMOOTHING))
    return Evidence(log_odds, best.standing, best.standing - rival)
