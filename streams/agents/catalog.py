"""The catalogue in; products with their vectors out, for the index that every worker keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.catalogue.text import product_text
from streams.contracts.ids import result_id
from streams.contracts.records import CatalogEntry, Tombstone
from streams.contracts.topics import CATALOG, CATALOG_VECTORS
from streams.contracts.vectors import Vector, pack
from streams.delivery.stage import Results, Withdrawal, stage
from streams.views.products import to_item, to_product

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.catalogue.product import Product
    from streams.contracts.events import CatalogItem
    from streams.contracts.results import Result
    from streams.house import House


@stage(consumes=CATALOG, emits=[CATALOG_VECTORS])
async def index_catalogue(events: Sequence[CatalogItem | Withdrawal], house: House) -> Results:
    """Embeds what is new in products' texts; a change of price or stock alone costs no forward.

    An item that is older, by event time, than what this worker knows of its product (an old record that was sent back)
    changes nothing: what is known is written once more, with the item as its cause.
    """
    products = [to_product(event) for event in events if not isinstance(event, Withdrawal)]
    vectors = await vectors_of(products, house)
    vectors |= known_vectors(products, house)  # once more: the index may have moved on meanwhile
    newest: dict[str, CatalogItem | None] = {}
    results: list[Result | Tombstone] = []
    for event in events:
        if isinstance(event, Withdrawal):
            newest[event.key] = None
            results.append(withdrawn(event))
            continue
        known = (
            newest[event.product_id] if event.product_id in newest else known_item(event.product_id, house)
        )
        item = event if known is None or known.time <= event.time else known
        newest[event.product_id] = item
        results.append(entry(event, item, vectors[product_text(to_product(item))], house))
    return Results(results)


async def vectors_of(products: Sequence[Product], house: House) -> dict[str, Vector]:
    """Vectors by product text: of these products, and of what is known of them; only new texts are embedded."""
    known = known_vectors(products, house)
    new = list(dict.fromkeys(text for one in products if (text := product_text(one)) not in known))
    return known | dict(zip(new, await house.retriever.passages(new), strict=True))


def known_vectors(products: Sequence[Product], house: House) -> dict[str, Vector]:
    """Vectors by product text, of what this worker's index has of these products now."""
    vectors: dict[str, Vector] = {}
    for product in products:
        known, vector = house.catalogue.get(product.id), house.catalogue.vector(product.id)
        if known is not None and vector is not None:
            vectors[product_text(known)] = vector
    return vectors


def known_item(product_id: str, house: House) -> CatalogItem | None:
    """What this worker's index has of a product."""
    known = house.catalogue.get(product_id)
    return None if known is None else to_item(known)


def entry(event: CatalogItem, item: CatalogItem, vector: Vector, house: House) -> CatalogEntry:
    """One event's result; `item` is what holds of its product from now on."""
    return CatalogEntry(
        id=result_id(CATALOG_VECTORS.name, [event.id]),
        causes=[event.id],
        time=item.time,
        model=house.retrieval_models,
        product=item,
        vector=pack(vector),
    )


def withdrawn(event: Withdrawal) -> Tombstone:
    """The result of a deletion."""
    return Tombstone(
        CatalogEntry, event.key, result_id(CATALOG_VECTORS.name, [event.id]), [event.id], event.time
    )
