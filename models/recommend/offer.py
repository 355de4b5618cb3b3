"""What may be shown to a user at all."""

import math

from models.catalogue.product import Product
from models.recommend.history import History
from models.recommend.index import ProductIndex
from models.recommend.profile import ACTIONS, Tastes

REPLENISH_HALF_LIFE = 30 * 86_400.0
"""A replenishable product that was bought gets half its score back after so many seconds, and so on."""


class Offer:
    """Products that one user may be shown.

    Not: what was bought or reviewed or lies in the cart, unless it is replenishable; what was dismissed or reviewed
    badly; what is out of stock; what the catalogue doesn't have.

    Args:
        catalogue: products as they are now.
        history: of the user; all that they bought counts.
        tastes: read from it.
    """

    def __init__(self, catalogue: ProductIndex, history: History, tastes: Tastes) -> None:
        self._catalogue = catalogue
        self._bought = history.bought
        self._settled = tastes.settled
        self._disliked = frozenset(tastes.disliked)
        latest = history.actions[-ACTIONS:]
        self._times = {action.product_id: action.at for action in latest if action.kind == "bought"}

    def allows(self, product: Product) -> bool:
        """Whether a product may be shown."""
        if not product.in_stock or product.id in self._disliked:
            return False
        return product.replenishable or not (product.id in self._bought or product.id in self._settled)

    def allows_id(self, product_id: str) -> bool:
        """The same by id."""
        product = self._catalogue.get(product_id)
        return product is not None and self.allows(product)

    def freshness(self, product_id: str, now: float) -> float:
        """What a score is multiplied by: 1 for what was not bought; else from 0 just after to 1 long after."""
        if product_id not in self._bought and product_id not in self._times:
            return 1.0
        at = max(self._bought.get(product_id, -math.inf), self._times.get(product_id, -math.inf))
        return 1 - math.exp2(-max(0.0, now - at) / REPLENISH_HALF_LIFE)
