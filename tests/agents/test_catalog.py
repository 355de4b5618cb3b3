"""Catalogue: every event has its entry, only new texts are embedded, and the newest state of a product wins."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from models.engine.backend import Vectors
from models.engine.requests import Priority
from streams.agents.catalog import index_catalogue
from streams.contracts.records import CatalogEntry, Tombstone
from streams.contracts.topics import CATALOG
from streams.contracts.vectors import unpack
from streams.delivery.stage import Withdrawal
from tests.agents.small_house import (
    NOW,
    CountingEncoder,
    SmallHouse,
    causes,
    decide,
    each_in_one,
    item,
    put,
    results_of,
)
from tests.standins.encoder import StandInEncoder

BOOTS = item("boots", "Waterproof boots", price={"amount": "129.90", "currency": "EUR"})


async def index(house: SmallHouse, *events: Any) -> list[Any]:
    return await results_of(index_catalogue, house, *events)


async def test_every_event_is_in_one_entry_deletions_and_repeated_ids_too(house: SmallHouse) -> None:
    await house.stock(BOOTS)
    twin = item("kettle", "Kettle").model_copy(update={"id": BOOTS.id})
    older, newer = item("boots", "Boots", hours=-1), item("boots", "Boots", hours=1)
    records = put(CATALOG, [BOOTS, newer, "boots", twin, older, "none"])
    verdicts = await decide(index_catalogue, house, records)
    assert each_in_one(index_catalogue, records, verdicts)


async def test_an_entry_has_the_product_and_the_vector_of_its_text(house: SmallHouse) -> None:
    (entry,) = await index(house, BOOTS)
    assert entry.product == BOOTS
    assert entry.model == house.retrieval_models
    expected = await StandInEncoder().passages(["Waterproof boots"])
    assert np.allclose(unpack(entry.vector), expected[0], atol=1e-3)


async def test_a_new_price_or_stock_embeds_nothing_a_new_title_embeds_it(house: SmallHouse) -> None:
    await house.stock(BOOTS)
    cheaper = item("boots", BOOTS.title, hours=1, price={"amount": "99.00", "currency": "EUR"}, stock=0)
    (entry,) = await index(house, cheaper)
    assert house.retriever.told == []
    assert (entry.product.price.amount, entry.product.stock) == (cheaper.price and cheaper.price.amount, 0)
    known = house.catalogue.vector("boots")
    assert known is not None
    assert np.allclose(unpack(entry.vector), known, atol=1e-3)

    await index(house, item("boots", "Leather boots", hours=2))
    assert house.retriever.told == ["Leather boots"]


async def test_a_text_that_comes_twice_in_a_batch_is_embedded_once(house: SmallHouse) -> None:
    await index(house, item("a", "Mug"), item("b", "Mug"), item("a", "Mug", hours=1))
    assert house.retriever.told == ["Mug"]


async def test_a_stale_item_writes_what_is_known_once_more(house: SmallHouse) -> None:
    await house.stock(BOOTS)
    stale = item("boots", "Old boots", hours=-1, price={"amount": "10.00", "currency": "EUR"})
    (entry,) = await index(house, stale)
    assert (entry.causes, entry.time) == ([stale.id], NOW)
    assert (entry.product.title, entry.product.price) == (BOOTS.title, BOOTS.price)
    known = house.catalogue.vector("boots")
    assert known is not None
    assert np.allclose(unpack(entry.vector), known, atol=1e-3)


async def test_within_a_batch_the_newest_by_event_time_wins_too(house: SmallHouse) -> None:
    newer, older = item("boots", "New boots", hours=2), item("boots", "Old boots", hours=1)
    first, second = await index(house, newer, older)
    assert (first.product.title, second.product.title) == ("New boots", "New boots")
    assert (first.causes, second.causes) == ([newer.id], [older.id])
    assert second.vector == first.vector


async def test_what_came_after_a_deletion_is_written_whatever_its_time(house: SmallHouse) -> None:
    await house.stock(BOOTS)
    gone, back = await index(house, Withdrawal("place", "boots", NOW), item("boots", "Boots", hours=-1))
    assert isinstance(gone, Tombstone)
    assert back.product.title == "Boots"


async def test_a_deletion_is_a_null_value_that_names_its_cause(house: SmallHouse) -> None:
    (given,) = put(CATALOG, ["boots"])
    (verdict,) = await decide(index_catalogue, house, [given])
    (outgoing,) = verdict.outgoing
    assert (outgoing.topic, outgoing.key, outgoing.value) == ("t-catalog-vectors", b"boots", None)
    assert causes(outgoing) == [f"t-catalog/{given.partition}/0"]
    assert house.retriever.told == []


async def test_an_index_that_moves_on_while_texts_are_embedded_is_no_failure(house: SmallHouse) -> None:
    await house.stock(BOOTS)
    latest = item("boots", "Latest boots", hours=2)

    class Slow(CountingEncoder):
        async def passages(self, texts: Sequence[str], priority: Priority = Priority.BACKFILL) -> Vectors:
            await house.stock(latest)
            return await super().passages(texts, priority)

    house.retriever = Slow()
    (entry,) = await index(house, item("boots", "Newer boots", hours=1))
    assert isinstance(entry, CatalogEntry)
    assert entry.product.title == "Latest boots"
    (expected,) = await StandInEncoder().passages(["Latest boots"])
    assert np.allclose(unpack(entry.vector), expected, atol=1e-3)
