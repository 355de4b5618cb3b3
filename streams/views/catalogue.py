"""The catalogue in this worker: entries of the catalogue's vector topic, joined to the index that searches them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import numpy as np

from models.catalogue.catalogue import Catalogue
from models.catalogue.product import Product
from streams.contracts.topics import CATALOG_VECTORS
from streams.views.entries import read_entries
from streams.views.products import to_product
from streams.views.rows import Rows, read_rows


class CatalogueView:
    """A `View` that fills a catalogue.

    Args:
        catalogue: an empty one, which nobody else changes.
    """

    layout: Final = "catalogue/1"

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._ids: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def apply(self, upserted: Sequence[bytes], deleted: Sequence[str]) -> Sequence[int]:
        """Takes products in; `View.apply` says more."""
        entries, vectors, unreadable = read_entries(CATALOG_VECTORS, upserted, self.catalogue.width)
        products = [to_product(entry.product) for entry in entries]
        self.catalogue.upsert(products, vectors)
        self.catalogue.delete(deleted)
        self._ids.update((product.id, None) for product in products)
        for key in deleted:
            self._ids.pop(key, None)
        return unreadable

    def commit(self) -> None:
        """Makes changes of text searchable."""
        self.catalogue.commit()

    def dump(self) -> Rows:
        """All products and their vectors as they are now."""
        products: list[Product] = []
        vectors = np.empty((len(self._ids), self.catalogue.width), np.float16)
        for row, key in zip(vectors, self._ids, strict=True):
            product, vector = self.catalogue.get(key), self.catalogue.vector(key)
            if product is None or vector is None:
                raise LookupError("the catalogue was changed by somebody else")
            products.append(product)
            row[:] = vector
        return Rows(products, vectors)

    def restore(self, payload: memoryview) -> None:
        """Fills the catalogue; `View.restore` says more."""
        for entries, vectors in read_rows(payload, self.catalogue.width):
            try:
                products = [_product(fields) for fields in entries]
            except (TypeError, ArithmeticError) as error:
                raise ValueError("not the fields of a product") from error
            self.catalogue.upsert(products, vectors)
            self._ids.update((product.id, None) for product in products)

    def clear(self) -> None:
        """Empties the catalogue."""
        self.catalogue.delete(self._ids)
        self._ids = {}


def _product(fields: dict[str, Any]) -> Product:
    """The product whose fields went through JSON."""
    price = fields.pop("price")
    attributes = fields.pop("attributes")
    return Product(
        **fields | {"categories": tuple(fields["categories"])},
        attributes={
            name: tuple(value) if isinstance(value, list) else value for name, value in attributes.items()
        },
        price=None if price is None else Decimal(price),
    )
