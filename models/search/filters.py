"""What a found product must satisfy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from models.catalogue.facets import (
    Required,
    Scalar,
    attribute_facet,
    brand_facet,
    category_facet,
    facets_of,
    satisfies,
)
from models.catalogue.product import Product


@dataclass(frozen=True, slots=True)
class Filters:
    """Within a list any, between fields all; an empty list asks for nothing. Text is compared without case.

    Attributes:
        categories: names or paths `A > B`; a product's path fits by any of its parts, and by any beginning.
        brands: names.
        attributes: values by attribute name; of each name at least one. A list among the values is any of it.
        price_min: of one unit, inclusive; a product without a price fails any bound.
        price_max: likewise.
        currency: of the bounds; a product in another currency fails them. None takes prices as they are.
        in_stock: only what can be bought; unknown stock counts as available.
    """

    categories: Sequence[str] = ()
    brands: Sequence[str] = ()
    attributes: Mapping[str, Sequence[Scalar | Sequence[str]]] = field(default_factory=dict)
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    currency: str | None = None
    in_stock: bool = False

    @property
    def required(self) -> Required:
        """The filters that look at text, as facets; equal filters give equal facets."""
        return tuple(sorted(tuple(sorted(set(group))) for group in self._groups() if group))

    @property
    def bounds_trade(self) -> bool:
        """Whether price or stock are looked at."""
        return self.in_stock or self._bounds_price

    def admit(self, product: Product) -> bool:
        """Whether a product, as it is now, satisfies all filters."""
        required = self.required
        return self.admit_trade(product) and (not required or satisfies(facets_of(product), required))

    def admit_trade(self, product: Product) -> bool:
        """Whether its price and stock satisfy the filters."""
        if self.in_stock and not product.in_stock:
            return False
        if not self._bounds_price:
            return True
        price = product.price
        if price is None or (self.currency and product.currency and self.currency != product.currency):
            return False
        return (self.price_min is None or price >= self.price_min) and (
            self.price_max is None or price <= self.price_max
        )

    @property
    def _bounds_price(self) -> bool:
        return self.price_min is not None or self.price_max is not None

    def _groups(self) -> Iterator[list[str]]:
        yield [category_facet(category) for category in self.categories]
        yield [brand_facet(brand) for brand in self.brands]
        for name, values in self.attributes.items():
            yield [attribute_facet(name, one) for value in values for one in _each(value)]


def _each(value: Scalar | Sequence[str]) -> Sequence[Scalar]:
    return (value,) if isinstance(value, Scalar) else value
