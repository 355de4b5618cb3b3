"""The models' rankings in the words of the contract."""

from collections.abc import Iterable

from models.catalogue.catalogue import Catalogue
from models.ranking import Ranked
from streams.contracts.results import RankedItem, Why


def ranked_items(ranked: Iterable[Ranked], catalogue: Catalogue) -> list[RankedItem]:
    """The items of a result, with their titles."""
    return [_item(one, catalogue) for one in ranked]


def _item(one: Ranked, catalogue: Catalogue) -> RankedItem:
    product = catalogue.get(one.product_id)
    return RankedItem(
        product_id=one.product_id,
        title=None if product is None else product.title,
        score=one.score,
        parts=dict(one.parts),
        reasons=[
            Why(kind=reason.kind, products=list(reason.products), note=reason.note) for reason in one.reasons
        ],
    )
