"""What is known of a user, and of how products fare, as recommendation and personal search see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

ActionKind = Literal["viewed", "clicked", "carted", "bought", "removed", "dismissed", "reviewed"]


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a user did with a product.

    Attributes:
        at: event time, Unix seconds.
        opinion: of a review, from -1 (negative) to 1 (positive).
    """

    product_id: str
    kind: ActionKind
    at: float
    opinion: float | None = None


@dataclass(frozen=True, slots=True)
class History:
    """A user's latest actions, oldest first, and all that they bought (product id to the latest event time)."""

    actions: Sequence[Action] = ()
    bought: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a product fares.

    Attributes:
        popularity: from 0 to 1, relative to the most popular product; recent interest counts more.
        opinion: mean sentiment of its reviews, -1 to 1; None without any.
        reviews: how many.
    """

    popularity: float = 0.0
    opinion: float | None = None
    reviews: int = 0


class Standings(Protocol):
    """The standings of all products."""

    def of(self, product_id: str) -> Standing:
        """A product's standing; a neutral one where nothing is known."""
        ...

    def popular(self, limit: int) -> Sequence[str]:
        """Ids of the most popular products, best first."""
        ...


def purchases(products: Sequence[str], times: Sequence[float] = ()) -> History:
    """A history of purchases, oldest first; without times, positions stand for them."""
    at = times or [float(place) for place in range(len(products))]
    actions = [Action(product_id, "bought", one) for product_id, one in zip(products, at, strict=True)]
    return History(actions=actions, bought={action.product_id: action.at for action in actions})
