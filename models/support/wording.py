"""In whose words a ticket is answered, and whether those can be relied on."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.languages import primary
from models.support.equality import differ_in_numbers
from models.support.memory import Source, SupportMemory, Vectors
from models.support.personal import impersonal
from models.support.space import Near, Space
from models.support.voting import Candidate

MARGIN = 3.0
"""An article that isn't among the neighbours is used if it stands at most so many deviations below its topic's nearest
source."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The words for an answer.

    Attributes:
        sources: that whose words they are, then the other near ones of its topic, best first.
        text: the answer for another customer; None where it may not be given.
        conflicting: whether another source says the same with other numbers.
    """

    sources: tuple[Near, ...]
    text: str | None
    conflicting: bool

    @property
    def source(self) -> Source:
        """The one whose words they are."""
        return self.sources[0].source


def word(candidate: Candidate, articles: Sequence[Near], language: str | None) -> Wording:
    """Choose the words for a topic.

    An article's come first, for it says what holds for all, while a ticket's answer was about somebody's case; among
    articles, and among tickets, those that aren't in another language than the ticket; then the nearest, of equally
    near ones the newest. What holds another customer's data is passed over.

    Conflicts are looked for among the near sources of the topic that are of the same kind, and only as
    `differ_in_numbers` finds them. An article that contradicts a ticket's answer is no conflict: it is believed.

    Args:
        candidate: the topic.
        articles: others of the topic that may be used, see `articles_of`.
        language: the ticket's.
    """
    ranked = sorted((*candidate.supporters, *articles), key=lambda one: _order(one, language))
    worded = ((one, impersonal(one.source.answer)) for one in ranked)
    chosen, text = next(((one, text) for one, text in worded if text is not None), (ranked[0], None))
    others = sorted((one for one in ranked if one is not chosen), key=lambda one: -one.standing)
    conflicting = any(
        one.source.kind == chosen.source.kind and differ_in_numbers(one.known.key, chosen.known.key)
        for one in others
    )
    return Wording((chosen, *others), text, conflicting)


def articles_of(
    candidate: Candidate, memory: SupportMemory, space: Space, vector: Vectors, language: str | None
) -> list[Near]:
    """The articles of a candidate's topic that aren't among its supporters, but within `MARGIN` of the nearest of them.

    Args:
        candidate: the topic.
        memory: where its articles are.
        space: in which they are ranked.
        vector: of the ticket, float32 [width], of length 1.
        language: the ticket's.
    """
    supporters = [one.known for one in candidate.supporters]
    near = {one.source.id for one in supporters}
    others = [one for one in memory.articles(candidate.topic) if one.source.id not in near]
    if not others:
        return []
    ranked = space.rank(memory, vector, language, supporters + others)
    least = ranked[0].standing - MARGIN
    return [one for one in ranked if one.source.id not in near and one.standing >= least]


def _order(one: Near, language: str | None) -> tuple[bool, bool, float, float]:
    of_ticket, of_source = primary(language), primary(one.source.language)
    foreign = bool(of_ticket and of_source) and of_ticket != of_source
    return one.source.kind != "article", foreign, -one.standing, -one.source.updated
