"""The models' rankings in the words of the contract."""

from collections.abc import Iterable
from typing import Final

from models.catalogue.catalogue import Catalogue
from models.ranking import Ranked
from streams.contracts.results import RankedItem, Why

LONGEST_NOTE: Final = 500
"""Characters of a reason's note, as the contract allows; a note may repeat all words of a long query."""

DECIMALS: Final = 6
"""Of scores on the wire: more than float32 holds."""


def ranked_items(ranked: Iterable[Ranked], catalogue: Catalogue) -> list[RankedItem]:
    """The items of a result, with their titles."""
    return [_item(one, catalogue) for one in ranked]


def _item(one: Ranked, catalogue: Catalogue) -> RankedItem:
    product = catalogue.get(one.product_id)
    return RankedItem(
        product_id=one.product_id,
        title=None if product is None else product.title,
        score=round(one.score, DECIMALS),
        parts={name: round(part, DECIMALS) for name, part in one.parts.items()},
        reasons=[
            Why(
                kind=reason.kind,
                products=list(reason.products),
                note=reason.note and reason.note[:LONGEST_NOTE],
            )
            for reason in one.reasons
        ],
    )
