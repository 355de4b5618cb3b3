"""A product of the contract as the models see it."""

from datetime import UTC, datetime

from models.catalogue.product import Product
from streams.contracts.events import CatalogItem
from streams.contracts.fields import Money


def to_product(item: CatalogItem) -> Product:
    """Return the product that a catalogue event describes."""
    price = item.price
    return Product(
        id=item.product_id,
        title=item.title,
        updated=item.time.timestamp(),
        description=item.description,
        brand=item.brand,
        categories=tuple(item.categories),
        attributes={
            name: tuple(value) if isinstance(value, list) else value
            for name, value in item.attributes.items()
        },
        price=price.amount if price else None,
        currency=price.currency if price else None,
        stock=item.stock,
        sku=item.sku,
        gtin=item.gtin,
        language=item.language,
        url=item.url,
        image_url=item.image_url,
        replenishable=item.replenishable,
    )


def to_item(product: Product) -> CatalogItem:
    """Return the catalogue event that would describe a product.

    A product does not know the event's id: its own stands for it.
    """
    amount, currency = product.price, product.currency
    return CatalogItem(
        id=product.id,
        time=datetime.fromtimestamp(product.updated, UTC),
        product_id=product.id,
        title=product.title,
        description=product.description,
        brand=product.brand,
        categories=list(product.categories),
        attributes={
            name: list(value) if isinstance(value, tuple) else value
            for name, value in product.attributes.items()
        },
        price=None if amount is None or currency is None else Money(amount=amount, currency=currency),
        stock=product.stock,
        sku=product.sku,
        gtin=product.gtin,
        language=product.language,
        url=product.url,
        image_url=product.image_url,
        replenishable=product.replenishable,
    )
