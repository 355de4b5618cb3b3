"""All that the made-up shop sends, from one seed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from functools import cached_property
from heapq import merge
from itertools import count
from random import Random
from typing import Final

from streams.demo.shop.catalogue import Ware, wares
from streams.demo.shop.changes import Change, changes
from streams.demo.shop.journeys import Journey, Step
from streams.demo.shop.lesson import Lesson, lesson
from streams.demo.shop.mishaps import with_mishaps
from streams.demo.shop.opinions import review
from streams.demo.shop.queries import Posed, posed
from streams.demo.shop.sending import Sending, sending
from streams.demo.shop.shelves import Shelves
from streams.demo.shop.shoppers import Shopper, shoppers
from streams.demo.shop.span import Span
from streams.demo.shop.support import Asked, articles, asked, earlier

UNTIL: Final = datetime(2026, 5, 4, 12, tzinfo=UTC)
WEEKS: Final = timedelta(weeks=4)
OPENING: Final = timedelta(days=1)
"""How long before the first interaction the catalogue is announced."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many of each there are, without malformed copies and resends.

    The catalogue and the crowd never get smaller than they are by default.
    """

    products: int = 350
    users: int = 60
    interactions: int = 3_000
    reviews: int = 1_200
    queries: int = 600
    tickets: int = 300
    resolutions: int = 150

    def scaled(self, factor: float) -> "Sizes":
        """That many times as many."""
        least = {"products": self.products, "users": self.users, "resolutions": self.resolutions}
        return Sizes(
            **{
                one.name: max(least.get(one.name, 1), round(getattr(self, one.name) * factor))
                for one in fields(self)
            }
        )


@dataclass(slots=True)
class Census:
    """What a plan's sendings come to.

    Attributes:
        good: well-formed events by topic, each counted once.
        malformed: by topic, how many of each reason.
        resends: by topic.
        planted: personal values that patterns find.
        unprotected: names and addresses.
    """

    good: Counter[str] = field(default_factory=Counter)
    malformed: dict[str, Counter[str]] = field(default_factory=dict)
    resends: Counter[str] = field(default_factory=Counter)
    planted: set[str] = field(default_factory=set)
    unprotected: set[str] = field(default_factory=set)

    def add(self, one: Sending) -> None:
        """One more sending."""
        name = one.topic.name
        if one.flaw:
            self.malformed.setdefault(name, Counter())[one.flaw.value] += 1
        elif one.resend:
            self.resends[name] += 1
        else:
            self.good[name] += 1
        self.planted |= one.planted
        self.unprotected |= one.unprotected


class Plan:
    """All that the made-up shop sends: the same for the same arguments, whenever it is asked for.

    Args:
        seed: of all that is random.
        scale: factor on the default sizes.
        run: beginning of the events' ids, so that no run's are taken for another's resends.
        until: the end of event time; all lies in the four weeks before it, and nothing after it.
        sizes: how many of each there are, instead of `scale`.
    """

    def __init__(
        self,
        seed: int = 7,
        scale: float = 1.0,
        *,
        run: str = "demo",
        until: datetime = UNTIL,
        sizes: Sizes | None = None,
    ) -> None:
        self.seed = seed
        self.run = run
        self.until = until
        self.sizes = sizes or Sizes().scaled(scale)
        self._span = Span(until - WEEKS, until)
        self._opening = until - WEEKS - OPENING

    @cached_property
    def shelves(self) -> Shelves:
        """All products."""
        made = wares(self.sizes.products, run=self.run, time=self._opening, chance=self._chance("catalogue"))
        return Shelves(list(made))

    @cached_property
    def shoppers(self) -> list[Shopper]:
        """All users."""
        return shoppers(self.sizes.users, self._chance("shoppers"))

    @cached_property
    def census(self) -> Census:
        """What the sendings come to: they are all made once to tell."""
        census = Census()
        for one in self.sendings():
            census.add(one)
        return census

    @property
    def planted(self) -> set[str]:
        """Personal values in what is sent that must not be in what the service writes."""
        return self.census.planted

    @property
    def unprotected_yet(self) -> set[str]:
        """Names and addresses in what is sent, which patterns don't find."""
        return self.census.unprotected

    def sendings(self) -> Iterator[Sending]:
        """All records in the order in which to send them: catalogue, resolutions, then all else by event time."""
        return with_mishaps(self._well_formed())

    def changes(self) -> list[Change]:
        """Later changes of the catalogue: a price, a product sold out, one withdrawn."""
        return changes(self.shelves, self.run, self.until)

    def lesson(self) -> Lesson:
        """A ticket that nothing answers, the resolution, a ticket that it answers."""
        return lesson(self.run, self.until)

    def catalogue(self) -> Iterator[Ware]:
        """The products, with the events that announce them."""
        yield from self.shelves.wares

    def resolutions(self) -> Iterator[Sending]:
        """Help articles, then earlier tickets with their answers."""
        helps = list(articles(self.run, self._opening))
        yield from map(sending, helps)
        count_left = max(0, self.sizes.resolutions - len(helps))
        chance = self._chance("resolutions")
        for event, told in earlier(count_left, self.run, self._opening, self.shoppers, self.shelves, chance):
            yield sending(event, told.planted, told.unprotected)

    def steps(self) -> Iterator[Step]:
        """Interactions and reviews of all shoppers, by event time."""
        crowd = len(self.shoppers)
        return merge(
            *(
                Journey(who, self.shelves, self._span, self._chance(f"journey/{who.number}")).steps(
                    _share(self.sizes.interactions, who.number, crowd),
                    _share(self.sizes.reviews, who.number, crowd),
                )
                for who in self.shoppers
            ),
            key=lambda step: step.time,
        )

    def queries(self) -> Iterator[Posed]:
        """Searches, by event time."""
        chance = self._chance("queries")
        for number, moment in enumerate(self._span.moments(self.sizes.queries, chance)):
            yield posed(
                f"{self.run}-q-{number:06d}", moment, chance.choice(self.shoppers), self.shelves, chance
            )

    def tickets(self) -> Iterator[Asked]:
        """Support tickets, by event time."""
        chance = self._chance("tickets")
        for number, moment in enumerate(self._span.moments(self.sizes.tickets, chance)):
            yield asked(
                f"{self.run}-t-{number:06d}", moment, chance.choice(self.shoppers), self.shelves, chance
            )

    def _well_formed(self) -> Iterator[Sending]:
        for ware in self.catalogue():
            yield sending(ware.item)
        yield from self.resolutions()
        yield from merge(self._stepwise(), self._searched(), self._written(), key=lambda one: one.time)

    def _stepwise(self) -> Iterator[Sending]:
        chance = self._chance("reviews")
        interactions, reviews = count(), count()
        for step in self.steps():
            if step.kind is None:
                event, told = review(step, f"{self.run}-r-{next(reviews):06d}", chance)
                yield sending(event, told.planted, told.unprotected)
            else:
                yield sending(step.interaction(f"{self.run}-i-{next(interactions):06d}"))

    def _searched(self) -> Iterator[Sending]:
        return (sending(one.event, one.planted, about=one) for one in self.queries())

    def _written(self) -> Iterator[Sending]:
        for one in self.tickets():
            yield sending(one.event, one.told.planted, one.told.unprotected, about=one)

    def _chance(self, part: str) -> Random:
        """Chance of one part alone, so that a change in one part leaves the others as they are."""
        return Random(f"{self.seed}/{part}")  # noqa: S311 - made-up data, no secrets


def _share(total: int, number: int, of: int) -> int:
    """The part of one of so many, nearly equal and adding up."""
    return total // of + (number < total % of)
