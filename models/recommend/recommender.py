"""What to show a user next: candidates from several sides, one score, and why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from models.ranking import Ranked
from models.recommend.history import History, Standings
from models.recommend.index import ProductIndex
from models.recommend.offer import Offer
from models.recommend.profile import Tastes, read_tastes
from models.recommend.projection import Projection
from models.recommend.ranking import WEIGHTS, normalised, standing_parts, varied
from models.recommend.reasons import reasons
from models.recommend.related import Related
from models.recommend.text_profile import TextProfile

TOGETHER, NEAR, POPULAR = 150, 50, 20
"""Candidates from associations, from the text profile, and from popularity beyond the limit."""

HEAD = 4
"""So many times the limit is looked at when the list is made varied."""


Popular = Callable[[int], Sequence[str]]
"""The most popular products, at most as many as asked for: `Standings.popular`."""


class Associated(Protocol):
    """What goes with what: `Associations`, or what holds them."""

    def related(self, sources: Sequence[tuple[str, float]]) -> Related:
        """The neighbours of some weighted products, summed."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Products that may be shown to a user, by id and not ranked yet, and what they will be ranked by."""

    ids: list[str]
    tastes: Tastes
    offer: Offer
    profile: TextProfile
    related: Related


class Recommender:
    """Recommendations from purchases, browsing, texts, reviews and popularity.

    Never shown: what was bought or reviewed or lies in the cart (unless replenishable: what was bought gets its score
    back with time), what was dismissed or reviewed badly, what is out of stock or not in the catalogue. What was merely
    viewed, clicked, or taken out of the cart may be shown, as far as the user's other products speak for it.

    Args:
        catalogue: products and vectors; may change between calls.
        associations: what goes with what; may know products that the catalogue doesn't.
        projection: maps the products' vectors before they are compared; of the encoder that made them.
    """

    def __init__(
        self, catalogue: ProductIndex, associations: Associated, projection: Projection | None = None
    ) -> None:
        self._catalogue = catalogue
        self._associations = associations
        self._projection = projection

    def recommend(self, history: History, standings: Standings, limit: int, now: float) -> list[Ranked]:
        """The products to show, best first, ties by id; the same input gives the same list.

        Args:
            history: of the user; an empty one gets popular products.
            standings: how products fare.
            limit: most products to give.
            now: Unix seconds; matters to replenishable products only.

        Returns:
            As `rank`.
        """
        return self.rank(self.candidates(history, standings.popular, limit), standings, limit, now)

    def candidates(self, history: History, popular: Popular, limit: int) -> Candidates:
        """What may be shown to a user: the first half of `recommend`, after which standings can be looked up."""
        tastes = read_tastes(history)
        offer = Offer(self._catalogue, history, tastes)
        profile = TextProfile.of(tastes, self._catalogue, self._projection)
        related = self._associations.related(tastes.liked)
        ids = {*related.best(TOGETHER, offer.allows_id), *_popular(popular, limit, offer)}
        if (direction := profile.direction) is not None:
            ids.update(key for key, _ in self._catalogue.nearest(direction, NEAR, offer.allows))
        return Candidates(sorted(ids), tastes, offer, profile, related)

    def rank(self, candidates: Candidates, standings: Standings, limit: int, now: float) -> list[Ranked]:
        """The second half of `recommend`; arguments as there.

        Returns:
            Fewer than `limit`, or none, where no more is fit to be shown. The parts `taken_together`, `similar`,
            `opinion` and `popular` add up to the score; a part that is 0 is left out.
        """
        # Once more: a product may have been sold out or withdrawn since the candidates were found.
        ids = [product_id for product_id in candidates.ids if candidates.offer.allows_id(product_id)]
        tastes = candidates.tastes
        if not ids or limit < 1:
            return []
        together = candidates.related.shares_of(ids)
        likeness = candidates.profile.compare(ids, self._catalogue)
        known = [standings.of(product_id) for product_id in ids]
        parts = WEIGHTS * np.column_stack(
            (normalised(together.sum(axis=1)), normalised(likeness.scores), standing_parts(known))
        )
        parts *= np.array([candidates.offer.freshness(product_id, now) for product_id in ids])[:, np.newaxis]
        head = np.argsort(-parts.sum(axis=1), kind="stable")[: HEAD * limit]
        shown = []
        for place, named in varied(parts[head], likeness.vectors[head], limit):
            row = int(head[place])
            because = reasons(named, known[row], tastes, together[row], likeness.shares[row])
            shown.append(Ranked(ids[row], sum(named.values()), named, because))
        return sorted(shown, key=lambda one: (-one.score, one.product_id))


def _popular(popular: Popular, limit: int, offer: Offer) -> list[str]:
    """The most popular products that may be shown, `POPULAR` more than the limit if there are."""
    wanted = limit + POPULAR
    asked = 2 * wanted
    while True:
        ids = popular(asked)
        fit = [product_id for product_id in ids if offer.allows_id(product_id)]
        if len(fit) >= wanted or len(ids) < asked:
            return fit[:wanted]
        asked *= 4
