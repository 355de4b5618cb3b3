"""A product as the models see it, and the text by which it is found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

AttributeValue = str | bool | int | float | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """What is sold, as of its latest event.

    Attributes:
        updated: event time, Unix seconds.
        categories: paths from general to special, parts joined by ` > `, or single names.
        price: of one unit; None is unknown.
        stock: units to sell; 0 is sold out, None is unknown and counts as available.
        replenishable: whether people buy it again.
    """

    id: str
    title: str
    updated: float
    description: str = ""
    brand: str | None = None
    categories: tuple[str, ...] = ()
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    price: Decimal | None = None
    currency: str | None = None
    stock: int | None = None
    sku: str | None = None
    gtin: str | None = None
    language: str | None = None
    url: str | None = None
    image_url: str | None = None
    replenishable: bool = False

    @property
    def in_stock(self) -> bool:
        """Whether it can be bought, as far as is known."""
        return self.stock is None or self.stock > 0
