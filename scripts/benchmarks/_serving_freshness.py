"""Part `freshness`: how long until an answer shows a change. Each change is followed by queries back to back."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from privacy.plaintext import Plaintext
from scripts.benchmarks._serving_figures import Report, latencies, say
from scripts.benchmarks._serving_shop import background, plan, query, ticket
from scripts.benchmarks._serving_stack import READY, Ground, complete, serving, settled
from streams.client import Shopstream
from streams.contracts.events import CatalogItem, Interaction, Query, Resolution, SupportTicket
from streams.contracts.fields import Money
from streams.contracts.headers import cloud_event_headers, event_type
from streams.contracts.ids import result_id
from streams.contracts.results import SearchRanking, SupportReply
from streams.contracts.topics import CATALOG, INTERACTIONS, RECOMMENDATIONS, USER_CHANGES

LONGEST: Final = 15.0
"""Seconds after which a change counts as never shown."""
SERVICES: Final = (
    "tune a racing bicycle", "wax a snowboard", "restring a badminton racket", "sharpen ice skates",
    "refill an ink cartridge", "shorten a curtain", "re-cane an old chair", "assemble a wardrobe on site",
    "frame a poster", "calibrate a kitchen scale", "polish scratches out of a watch glass", "dye a faded suitcase",
    "balance a ceiling fan", "fit a window blind", "thaw-test a sleeping bag", "upholster a stool",
    "drain an espresso boiler", "re-felt a billiard table", "patch an inflatable canoe", "tan a leather strap",
)  # fmt: skip
"""What nobody asked before: each is a question of its own."""


@dataclass(slots=True)
class Seen:
    """Times until changes showed, and of the questions that looked for them, in seconds.

    Attributes:
        missed: changes that never showed, or that showed before they were made.
    """

    shown: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    missed: int = 0

    def document(self) -> dict[str, Any]:
        """Figures; the resolution is how long one question takes, since only its answer can show a change."""
        looked: dict[str, float] = {"missed": self.missed}
        if self.asked:
            looked |= {f"resolution_{name}": value for name, value in latencies(self.asked).items()}
        return latencies(self.shown) | looked


class Changes:
    """Makes changes and looks for them.

    Args:
        shop: connected.
        products: to change; each at most once.
    """

    def __init__(self, shop: Shopstream, products: Sequence[CatalogItem]) -> None:
        self._shop = shop
        self._left = iter(products)

    async def price(self, seen: Seen, number: int) -> None:
        """A product gets cheaper than a bound that it did not keep."""
        item = next(self._left)
        assert item.price is not None  # noqa: S101 - the shop's products have prices
        bound = (item.price.amount / 2).quantize(Decimal("0.01"))
        wanted = query(item.title, limit=50, filters={"price_max": str(bound)})
        lower = Money(amount=bound, currency=item.price.currency)
        cheaper = item.model_copy(
            update={"id": f"bench-price-{number}", "time": datetime.now(UTC), "price": lower}
        )

        async def change() -> None:
            await self._shop.produce(cheaper)

        await self._until(seen, wanted, change, lambda answer: _lists(answer, item), number)

    async def delete(self, seen: Seen, number: int) -> None:
        """A product is withdrawn."""
        item = next(self._left)
        wanted = query(item.title, limit=50)
        headers = cloud_event_headers(
            event_id=f"bench-delete-{number}",
            source="/shopstream/bench",
            kind=event_type(CatalogItem),
            time=datetime.now(UTC),
        )

        async def change() -> None:
            sending = await self._shop.outbox.send(
                CATALOG, None, key=item.product_id, event_id=f"bench-delete-{number}", headers=headers
            )
            await sending.place()

        await self._until(seen, wanted, change, lambda answer: not _lists(answer, item), number)

    async def resolution(self, seen: Seen, number: int) -> None:
        """Support learns an answer."""
        service = SERVICES[number % len(SERVICES)]
        wanted = ticket(f"Could you {service} for me, and what would that cost?")
        learnt = Resolution(
            id=f"bench-resolution-{number}",
            time=datetime.now(UTC),
            kind="ticket",
            source_id=f"bench-source-{number}",
            question=Plaintext(f"Do you {service}? What does it cost?"),
            answer=Plaintext(f"Yes, we {service}; it costs {10 + number} euros and takes two days."),
            language="en",
        )

        async def change() -> None:
            await self._shop.produce(learnt)

        await self._until(seen, wanted, change, lambda answer: _cites(answer, learnt.source_id), number)

    async def _until(
        self,
        seen: Seen,
        question: Query | SupportTicket,
        change: Callable[[], Any],
        shows: Callable[[SearchRanking | SupportReply], bool],
        number: int,
    ) -> None:
        """Asks, makes the change, and asks until an answer shows it."""
        if shows(await self._ask(question, f"{number}-before")):
            seen.missed += 1
            return
        began, turn = time.perf_counter(), 0
        await change()
        while (asked := time.perf_counter()) - began < LONGEST:
            answer = await self._ask(question, f"{number}-{turn}")
            now = time.perf_counter()
            seen.asked.append(now - asked)
            if shows(answer):
                seen.shown.append(now - began)
                return
            turn += 1
        seen.missed += 1

    async def _ask(self, question: Query | SupportTicket, turn: str) -> SearchRanking | SupportReply:
        asked = question.model_copy(update={"id": f"{question.id}-{turn}", "time": datetime.now(UTC)})
        return await self._shop.ask(asked, timeout=60)


class Recommended:
    """Hears recommendations as they come, by the change that caused them."""

    def __init__(self, shop: Shopstream, products: Sequence[CatalogItem]) -> None:
        self._shop = shop
        self._products = products
        self._expected: dict[str, asyncio.Future[float]] = {}

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """For the time of a block, once something was heard."""
        hearing = asyncio.create_task(self._hear())
        try:
            seen = Seen()
            while not seen.shown:  # until its reading has begun
                await self.interaction(seen, time.time_ns(), within=2.0)
            yield
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    async def interaction(self, seen: Seen, number: int, within: float = LONGEST) -> None:
        """A user who was not known looks at a product."""
        event = Interaction(
            id=f"bench-view-{number}",
            time=datetime.now(UTC),
            kind="view",
            user_id=f"bench-user-{number}",
            product_id=self._products[number % len(self._products)].product_id,
        )
        cause = result_id(USER_CHANGES.name, [f"{INTERACTIONS.name}/{event.id}"])
        self._expected[cause] = heard = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        await self._shop.produce(event)
        try:
            seen.shown.append(await asyncio.wait_for(heard, within) - began)
        except TimeoutError:
            seen.missed += 1

    async def _hear(self) -> None:
        async for one in self._shop.results(RECOMMENDATIONS):
            now = time.perf_counter()
            for cause in one.causes if one.items else ():
                if (expected := self._expected.pop(cause, None)) is not None and not expected.done():
                    expected.set_result(now)


async def freshness_part(ground: Ground, *, rounds: int) -> Report:
    """Measures each kind of change so many times on the demo's small shop."""
    report, shop_plan = Report(), plan()
    items = [ware.item for ware in shop_plan.catalogue() if ware.item.stock]
    async with serving(ground) as worker, Shopstream(ground.settings) as shop:
        await worker.until(READY)
        say("sending the shop")
        await shop.produce_many(background(shop_plan))
        await settled(ground.settings)
        await complete(shop, query("ready"), shop_plan.sizes.products)
        changes, recommended = Changes(shop, items), Recommended(shop, items)
        for kind in (changes.price, changes.delete, changes.resolution):
            say(f"{kind.__name__}, {rounds} rounds")
            seen = Seen()
            for number in range(rounds):
                await kind(seen, number)
            _note(report, kind.__name__, seen)
        say(f"interaction, {rounds} rounds")
        seen = Seen()
        async with recommended.listening():
            for number in range(rounds):
                await recommended.interaction(seen, number)
        _note(report, "interaction", seen)
    return report


def _note(report: Report, name: str, seen: Seen) -> None:
    report.figures[name] = seen.document()
    report.expect(f"{name}: {seen.missed} changes never showed", holds=not seen.missed)


def _lists(answer: SearchRanking | SupportReply, item: CatalogItem) -> bool:
    return isinstance(answer, SearchRanking) and item.product_id in [one.product_id for one in answer.items]


def _cites(answer: SearchRanking | SupportReply, source_id: str) -> bool:
    return isinstance(answer, SupportReply) and source_id in [one.source_id for one in answer.citations]
