"""What a shopper does over the weeks: sessions of interactions, and reviews of what was bought, in order of time."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from random import Random
from typing import Final, Literal

from streams.contracts.events import Interaction
from streams.demo.shop.catalogue import Ware
from streams.demo.shop.departments import DEPARTMENTS
from streams.demo.shop.shelves import Shelves
from streams.demo.shop.shoppers import Shopper
from streams.demo.shop.span import Span

SESSION: Final = 10
"""Interactions of a session, about."""
LONGEST_PAUSE: Final = timedelta(seconds=70)
LEAVING_SHARE: Final = 0.3
"""Of the products that are seen and not looked at closely."""
BUYING_SHARE: Final = 0.65
"""Of the products looked at closely that go into the cart."""
REMOVING_SHARE: Final = 0.12
"""Of those that come out of it again."""
COMPANY_SHARE: Final = 0.65
"""Of the purchases together with which something else is bought."""
ELSEWHERE_SHARE: Final = 0.1
"""How often a shopper sees something outside the interests."""
DISMISSING_SHARE: Final = 0.5
"""Of those that are dismissed."""
ATTEMPTS: Final = 40
NAMES: Final = tuple(department.name for department in DEPARTMENTS)

Act = Literal["view", "click", "cart", "purchase", "remove", "dismiss"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a shopper does: an interaction, or, where `kind` is None, the review of a product."""

    time: datetime
    who: Shopper
    ware: Ware
    kind: Act | None
    session_id: str = ""
    order_id: str | None = None
    quantity: int = 1

    def interaction(self, event_id: str) -> Interaction:
        """The event."""
        if self.kind is None:
            raise ValueError("a review is no interaction")
        return Interaction(
            id=event_id,
            time=self.time,
            kind=self.kind,
            user_id=self.who.user_id,
            product_id=self.ware.item.product_id,
            quantity=self.quantity,
            price=self.ware.item.price if self.kind in ("cart", "purchase") else None,
            session_id=self.session_id,
            order_id=self.order_id,
        )


class Journey:
    """One shopper's weeks.

    Args:
        who: the shopper.
        shelves: all products.
        span: when it happens.
        chance: the source of chance, of this journey alone.
    """

    def __init__(self, who: Shopper, shelves: Shelves, span: Span, chance: Random) -> None:
        self._who = who
        self._shelves = shelves
        self._span = span
        self._chance = chance
        self._bought: list[tuple[datetime, Ware]] = []
        self._reviewed: set[str] = set()

    def steps(self, interactions: int, reviews: int) -> Iterator[Step]:
        """That many of each, in order of time."""
        return merge(self._visits(interactions), self._reviews(reviews), key=lambda step: step.time)

    def _visits(self, count: int) -> Iterator[Step]:
        sessions = max(1, round(count / SESSION))
        room = self._span.part(sessions) * (1 - Span.SPREAD)
        for number, moment in enumerate(self._span.moments(sessions, self._chance)):
            size = count // sessions + (number < count % sessions)
            session_id = f"session-{self._who.number:04d}-{number:03d}"
            length = min(room, size * LONGEST_PAUSE)
            for place, (kind, ware, order_id) in enumerate(itertools.islice(self._session(session_id), size)):
                time = moment + length * ((place + self._chance.random()) / size)
                several = kind in ("cart", "purchase") and ware.kind.replenishable
                quantity = self._chance.choice((1, 1, 2)) if several else 1
                if kind == "purchase":
                    self._bought.append((time, ware))
                yield Step(time, self._who, ware, kind, session_id, order_id, quantity)

    def _session(self, session_id: str) -> Iterator[tuple[Act, Ware, str | None]]:
        """Interactions without end: looking around, looking closely, buying, often with what goes with it."""
        department = self._chance.choice(self._who.interests)
        for turn in itertools.count():
            if self._chance.random() < ELSEWHERE_SHARE:
                ware = self._shelves.popular(self._chance.choice(NAMES), self._chance)
                yield "view", ware, None
                if self._chance.random() < DISMISSING_SHARE:
                    yield "dismiss", ware, None
            ware = self._shelves.popular(department, self._chance)
            yield "view", ware, None
            if self._chance.random() < LEAVING_SHARE:
                continue
            yield "click", ware, None
            if self._chance.random() < BUYING_SHARE and ware.item.stock:
                yield from self._order(ware, f"order-{session_id[8:]}-{turn}")

    def _order(self, ware: Ware, order_id: str) -> Iterator[tuple[Act, Ware, str | None]]:
        """Into the cart and, mostly, bought."""
        yield "cart", ware, None
        if self._chance.random() < REMOVING_SHARE:
            yield "remove", ware, None
            return
        companion = (
            self._shelves.companion(ware, self._chance) if self._chance.random() < COMPANY_SHARE else None
        )
        if companion is None or not companion.item.stock:
            yield "purchase", ware, order_id
            return
        yield "cart", companion, None
        yield "purchase", ware, order_id
        yield "purchase", companion, order_id

    def _reviews(self, count: int) -> Iterator[Step]:
        """Of what was bought in the span or, where that is not enough, before it; no product twice, if possible."""
        for moment in self._span.moments(count, self._chance):
            owned = [
                ware
                for time, ware in self._bought
                if time < moment and ware.item.product_id not in self._reviewed
            ]
            ware = self._chance.choice(owned) if owned else self._earlier_purchase()
            self._reviewed.add(ware.item.product_id)
            yield Step(moment, self._who, ware, None)

    def _earlier_purchase(self) -> Ware:
        for _ in range(ATTEMPTS):
            ware = self._shelves.popular(self._chance.choice(self._who.interests), self._chance)
            if ware.item.product_id not in self._reviewed:
                return ware
        return ware
