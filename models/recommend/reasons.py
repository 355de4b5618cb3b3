"""Why a product is shown: only what its score really came from."""

from collections.abc import Mapping

import numpy as np

from models.ranking import Because
from models.recommend.history import Standing
from models.recommend.profile import Tastes
from models.recommend.ranking import Scores

WELL_REVIEWED = 0.25
"""Mean opinion from which on a product is called well reviewed."""

WORTH_SAYING = 0.1
"""A reason is given for a part that is at least this share of all that speaks for the product."""

NAMED = 3
"""Most of the user's own products that a reason names."""


def reasons(
    parts: Mapping[str, float], standing: Standing, tastes: Tastes, together: Scores, alike: Scores
) -> tuple[Because, ...]:
    """Reasons for the parts above 0, the strongest part first.

    Args:
        parts: of the product's score.
        standing: how it fares.
        tastes: whose `liked` the shares belong to.
        together: [liked], what each brought to `taken_together`.
        alike: [liked], likewise to `similar`.
    """
    because = {
        "taken_together": Because("taken_together", _strongest(tastes, together)),
        "similar": Because("similar_to", _strongest(tastes, alike)),
        "popular": Because("popular"),
    }
    if (standing.opinion or 0.0) >= WELL_REVIEWED:
        because["opinion"] = Because("well_reviewed")
    least = WORTH_SAYING * sum(value for value in parts.values() if value > 0)
    said = sorted((-value, name) for name, value in parts.items() if value > 0 and value >= least)
    return tuple(because[name] for _, name in said if name in because)


def _strongest(tastes: Tastes, shares: Scores) -> tuple[str, ...]:
    """The user's products with the highest shares above 0."""
    best = np.argsort(-shares, kind="stable")[:NAMED].tolist()
    return tuple(tastes.liked[place][0] for place in best if shares[place] > 0)
