"""What becomes of a few products while the shop is open."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal

from streams.contracts.events import CatalogItem
from streams.contracts.fields import Money
from streams.contracts.topics import CATALOG
from streams.demo.shop.catalogue import Ware
from streams.demo.shop.sending import Sending, sending
from streams.demo.shop.shelves import Shelves

REDUCED: Final = Decimal("0.8")
KINDS: Final = ("hiking-boots", "coffee-beans", "headphones")
"""Of the product that becomes cheaper, of the one that sells out and of the one that is withdrawn."""


@dataclass(frozen=True, slots=True)
class Change:
    """A later change of the catalogue.

    Attributes:
        before: the product until then.
        after: the product from then on; None where it is withdrawn.
    """

    kind: Literal["price", "sold_out", "delete"]
    before: CatalogItem
    after: CatalogItem | None
    sending: Sending


def changes(shelves: Shelves, run: str, moment: datetime) -> list[Change]:
    """A lower price, a product sold out, a product withdrawn (null value), of three kinds."""
    cheaper, sold, withdrawn = (_in_stock(shelves.by_kind[kind]) for kind in KINDS)
    price = cheaper.price
    lower = None if price is None else Money(amount=_cents(price.amount * REDUCED), currency=price.currency)
    return [
        _updated("price", cheaper, run, moment, price=lower),
        _updated("sold_out", sold, run, moment, stock=0),
        Change(
            "delete",
            withdrawn,
            None,
            Sending(
                topic=CATALOG,
                key=withdrawn.product_id,
                value=None,
                event_id=f"{run}-delete-{withdrawn.product_id}",
                time=moment,
            ),
        ),
    ]


def _updated(
    kind: Literal["price", "sold_out"], item: CatalogItem, run: str, moment: datetime, **fields: Any
) -> Change:
    fields |= {"id": f"{run}-{kind}-{item.product_id}", "time": moment}
    after = item.model_copy(update=fields)
    return Change(kind, item, after, sending(after))


def _in_stock(wares: list[Ware]) -> CatalogItem:
    return next((ware.item for ware in wares if ware.item.stock), wares[0].item)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))
