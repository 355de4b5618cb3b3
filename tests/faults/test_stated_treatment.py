"""What README states of unusual input, by a real worker with stand-in models: empty shop, unknown names, excess."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count as count_from
from pathlib import Path

import pytest

from privacy.plaintext import Plaintext
from streams.client import Shopstream
from streams.contracts.events import CatalogItem, Interaction, Query, QueryFilters, SupportTicket
from streams.contracts.fields import Money
from streams.contracts.results import Recommendations
from streams.contracts.topics import INTERACTIONS, RECOMMENDATIONS
from streams.counting import count
from streams.local import LocalStack
from streams.topic_admin import create_topics
from tests.chaos.fleet import Fleet
from tests.chaos.services import MODULE, decided, environment_of, settings_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

NOW = datetime.now(UTC)
SAME_ID = 10_000
BUSY = 100_000
NUMBERS = count_from(1)


def viewed(number: int, user: str, product: str, event_id: str) -> Interaction:
    time = NOW - timedelta(seconds=BUSY - number)
    return Interaction(id=event_id, time=time, kind="view", user_id=user, product_id=product)


async def recommended(shop: Shopstream, user: str, event: Interaction) -> Recommendations:
    """The first recommendations for a user after an event."""
    results = shop.results(RECOMMENDATIONS)
    waiting = asyncio.ensure_future(anext(one async for one in results if one.user == user))
    await asyncio.sleep(1)  # the reading starts with the loop's first step
    await shop.produce(event)
    return await asyncio.wait_for(waiting, 30)


async def ranking_of(shop: Shopstream, text: str, **query: object) -> list[str]:
    event = Query(id=f"q-{next(NUMBERS)}", time=NOW, text=Plaintext(text), **query)  # type: ignore[arg-type]
    return [item.product_id for item in (await shop.ask(event, timeout=30)).items]


async def test_unusual_input_is_treated_as_the_readme_says(
    stack: LocalStack, prefix: str, tmp_path: Path
) -> None:
    settings = settings_of(stack, prefix, tmp_path)
    await create_topics(settings)
    fleet = Fleet(environment_of(settings, tmp_path), tmp_path, MODULE)
    try:
        fleet.hire("w1")
        await fleet.joined("w1")
        async with Shopstream(settings) as shop:
            # An empty shop answers, with nothing.
            empty = await shop.ask(Query(id="q-0", time=NOW, text=Plaintext("boots")), timeout=30)
            assert (empty.status, empty.items, empty.found) == ("ranked", [], 0)
            assert empty.coverage is not None
            assert empty.coverage.indexed == 0
            unanswered = await shop.ask(
                SupportTicket(id="t-0", time=NOW, text=Plaintext("where is it?")), timeout=30
            )
            assert unanswered.handoff is not None
            assert unanswered.handoff.reason == "no_source"
            lonely = await recommended(shop, "u-lonely", viewed(0, "u-lonely", "p-unknown", "i-lonely"))
            assert lonely.items == []

            # A query that nobody waits for any more is not worked on.
            late = Query(
                id="q-late", time=NOW, text=Plaintext("boots"), expires_at=NOW - timedelta(seconds=1)
            )
            assert (await shop.ask(late, timeout=30)).status == "expired"

            # Products, one with an unknown stock, one sold out; and an older state of one, which changes nothing.
            for number, (product, stock) in enumerate((("p-1", None), ("p-2", 0), ("p-3", 5))):
                await shop.produce(product_event(f"c-{number}", product, stock, NOW))
            await decided(settings)
            assert set(await ranking_of(shop, "boots")) == {"p-1", "p-2", "p-3"}
            assert set(await ranking_of(shop, "boots", filters=QueryFilters(in_stock=True))) == {"p-1", "p-3"}
            await shop.produce(product_event("c-old", "p-3", 0, NOW - timedelta(days=1)))
            await decided(settings)
            await asyncio.sleep(0.5)
            in_stock = QueryFilters(in_stock=True, price_max=Decimal(100))
            assert "p-3" in await ranking_of(shop, "boots", filters=in_stock)

            # One id 10,000 times is one event.
            await shop.produce_many(viewed(0, "u-again", "p-1", "i-again") for _ in range(SAME_ID))
            # One user with 100,000 interactions is served like others.
            await shop.produce_many(
                viewed(number, "u-busy", f"p-{number % 5_000}", f"i-busy-{number}") for number in range(BUSY)
            )
            await decided(settings)
            busy = await recommended(shop, "u-busy", viewed(BUSY, "u-busy", "p-1", "i-busy-last"))
            assert {item.product_id for item in busy.items} <= {"p-1", "p-3"}
    finally:
        await fleet.close()
    balance = await count(settings, INTERACTIONS)
    assert balance.holds, balance
    assert balance.resends == SAME_ID - 1
    assert not balance.dead_letters


def product_event(event_id: str, product: str, stock: int | None, time: datetime) -> CatalogItem:
    return CatalogItem(
        id=event_id,
        time=time,
        product_id=product,
        title=f"boots {product}",
        stock=stock,
        price=Money(amount=Decimal(50), currency="EUR"),
    )
