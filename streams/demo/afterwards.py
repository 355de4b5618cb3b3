"""What a run shows at its end: support learns from one answer, and the catalogue changes under the search."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Final, TypeVar

from privacy.plaintext import Plaintext
from streams.client import Shopstream
from streams.client.outbox import headers_of
from streams.contracts.events import Event, Query, QueryFilters, Resolution, SupportTicket
from streams.contracts.results import SearchRanking, SupportReply
from streams.contracts.topics import RESOLUTIONS
from streams.demo.hearing import Hearing
from streams.demo.shop.changes import Change
from streams.demo.shop.plan import Plan
from streams.demo.shop.sending import Sending, sending

E = TypeVar("E", bound=Event)

ANSWER_SECONDS: Final = 30.0
SEEN_SECONDS: Final = 10.0
"""How long a change may take to be seen before it counts as not seen."""
PAUSE_SECONDS: Final = 0.05


@dataclass(slots=True)
class Outcome:
    """What came of lesson and changes.

    Attributes:
        before: support's answer before it was taught; None when it was not asked.
        after: its answer to a like ticket afterwards.
        learned: seconds from the resolution's sending to that answer; None when it was not learned.
        seen: by kind of change, seconds from its sending to the first ranking that shows it; None when none did.
    """

    before: SupportReply | None = None
    after: SupportReply | None = None
    learned: float | None = None
    seen: dict[str, float | None] = field(default_factory=dict)


class Afterwards:
    """Asks, teaches and changes.

    Args:
        shop: connected.
        hearing: has to expect what is sent.
        plan: of the run.
        outcome: told what comes of it.
    """

    def __init__(self, shop: Shopstream, hearing: Hearing, plan: Plan, outcome: Outcome) -> None:
        self._shop = shop
        self._hearing = hearing
        self._plan = plan
        self._outcome = outcome
        self._numbers = count(1)

    async def learn(self) -> None:
        """A ticket that nothing answers, an agent's answer to it, and a ticket like it until it is answered."""
        lesson = self._plan.lesson()
        self._outcome.before = await self._ticket(lesson.before)
        started = time.monotonic()
        await self._send(sending(lesson.resolution))

        async def answered() -> bool:
            self._outcome.after = await self._ticket(lesson.after)
            return any(
                cited.source_id == lesson.resolution.source_id for cited in self._outcome.after.citations
            )

        self._outcome.learned = await self._until(answered, started)
        await self._send(forgotten(lesson.resolution))  # so that the next run can teach it again

    async def change(self) -> None:
        """A lower price, a product sold out, one withdrawn: each until a search shows it."""
        for change in self._plan.changes():
            started = time.monotonic()
            await self._send(change.sending)
            self._outcome.seen[change.kind] = await self._until(self._shows(change), started)

    def _shows(self, change: Change) -> Callable[[], Awaitable[bool]]:
        """Whether a search for the product's title shows what has changed."""
        product = change.before.product_id
        filters = QueryFilters(in_stock=True)
        if change.kind == "price" and change.after is not None and change.after.price is not None:
            filters = QueryFilters(price_max=change.after.price.amount)

        async def shown() -> bool:
            ranking = await self._query(change.before.title, filters)
            there = any(item.product_id == product for item in ranking.items)
            return there if change.kind == "price" else not there

        return shown

    async def _until(self, holds: Callable[[], Awaitable[bool]], started: float) -> float | None:
        while not await holds():
            if time.monotonic() - started > SEEN_SECONDS:
                return None
            await asyncio.sleep(PAUSE_SECONDS)
        return time.monotonic() - started

    async def _ticket(self, ticket: SupportTicket) -> SupportReply:
        event = ticket.model_copy(update={"id": f"{ticket.id}-{next(self._numbers)}"})
        return await self._shop.ask(self._expected(event), timeout=ANSWER_SECONDS)

    async def _query(self, title: str, filters: QueryFilters) -> SearchRanking:
        event = Query(
            id=f"{self._plan.run}-change-{next(self._numbers)}",
            time=self._plan.until,
            text=Plaintext(title),
            filters=filters,
        )
        return await self._shop.ask(self._expected(event), timeout=ANSWER_SECONDS)

    def _expected(self, event: E) -> E:
        self._hearing.expect_sent(sending(event))
        return event

    async def _send(self, one: Sending) -> None:
        arrived = self._hearing.expect(one)
        source = f"/shop/demo/{self._plan.run}"
        headers = [("ce_source", source.encode())]
        if one.event is not None:
            headers = headers_of(one.event, source=source)
        delivery = await self._shop.outbox.send(
            one.topic, one.value, key=one.key, event_id=one.event_id, headers=headers
        )
        arrived(await delivery.place())


def forgotten(resolution: Resolution) -> Sending:
    """The record that withdraws a resolution."""
    return Sending(
        topic=RESOLUTIONS,
        key=resolution.source_id,
        value=None,
        event_id=f"{resolution.id}-withdrawn",
        time=resolution.time,
    )
