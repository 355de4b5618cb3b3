"""Mixed load on one service: searches that arrive at random, reviews and back-fill beside them."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from random import Random
from typing import Any, Protocol

import numpy as np

REVIEW_BATCH = 256
"""Of the review agent, by default (`WorkerSettings.batch_events`)."""
REVIEW_BATCHES_IN_FLIGHT = 2
"""Likewise (`WorkerSettings.batches_in_flight`): later ones wait in Kafka."""
BACKFILL_BATCH = 32
FEWEST_BATCHES = 6
"""That a capacity is taken from."""
GRACE_SECONDS = 60.0
"""For which answers are waited for after the last arrival."""


class Service(Protocol):
    """What answers."""

    @property
    def name(self) -> str:
        """Short."""

    @property
    def about(self) -> str:
        """Models, formats, threads."""

    async def search(self, text: str) -> Any:  # noqa: ANN401 - nobody looks at the vectors
        """Embeds one query."""

    async def read(self, texts: Sequence[str]) -> Any:  # noqa: ANN401 - see search
        """Embeds reviews."""

    async def index(self, texts: Sequence[str]) -> Any:  # noqa: ANN401 - see search
        """Embeds products, in the background."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What is sent, each list over and over."""

    queries: Sequence[str]
    reviews: Sequence[str]
    products: Sequence[str]


@dataclass(frozen=True, slots=True)
class Load:
    """Arrivals a second: searches by a Poisson process, reviews and products (texts) evenly, in batches."""

    searches: float
    reviews: float = 0.0
    products: float = 0.0


@dataclass(slots=True)
class Observed:
    """What came of a load.

    Attributes:
        seconds: that arrivals went on.
        searches: seconds from each search's arrival to its answer.
        unanswered: searches without an answer after a minute.
        reviews: texts answered while arrivals went on.
        products: likewise.
        review_waits: seconds of each batch of reviews from being handed over to its answer.
        product_waits: likewise.
        offered: the load.
    """

    offered: Load
    seconds: float
    searches: list[float] = field(default_factory=list)
    unanswered: int = 0
    reviews: int = 0
    products: int = 0
    review_waits: list[float] = field(default_factory=list)
    product_waits: list[float] = field(default_factory=list)

    def joined(self, other: "Observed") -> "Observed":
        """Both together, of the same load."""
        return Observed(
            self.offered,
            self.seconds + other.seconds,
            self.searches + other.searches,
            self.unanswered + other.unanswered,
            self.reviews + other.reviews,
            self.products + other.products,
            self.review_waits + other.review_waits,
            self.product_waits + other.product_waits,
        )

    def document(self) -> dict[str, Any]:
        """For programs; milliseconds, and texts a second."""
        return {
            "searches": len(self.searches),
            "unanswered": self.unanswered,
            **milliseconds([*self.searches, *[GRACE_SECONDS] * self.unanswered]),
            "reviews_offered_per_second": round(self.offered.reviews, 1),
            "reviews_per_second": round(self.reviews / self.seconds, 1),
            "products_offered_per_second": round(self.offered.products, 1),
            "products_per_second": round(self.products / self.seconds, 1),
            "longest_wait_of_reviews_ms": round(1000 * max(self.review_waits, default=0.0)),
            "longest_wait_of_products_ms": round(1000 * max(self.product_waits, default=0.0)),
        }


def milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    """Median and 99th percentile."""
    if not seconds:
        return {}
    p50, p99 = np.quantile(np.asarray(seconds) * 1000, [0.5, 0.99])
    return {"p50_ms": round(float(p50), 2), "p99_ms": round(float(p99), 2)}


async def lone(service: Service, queries: Sequence[str], count: int) -> list[float]:
    """Seconds of searches one after the other, nothing else going on."""
    seconds = []
    for query in islice(cycle(queries), count):
        started = time.perf_counter()
        await service.search(query)
        seconds.append(time.perf_counter() - started)
    return seconds


async def capacity(service: Service, reviews: Sequence[str], seconds: float) -> float:
    """Reviews a second, as many batches in flight as a worker has and nothing else going on: the median of batches."""
    batches = _batches(reviews, REVIEW_BATCH)
    await service.read(next(batches))
    ends: list[float] = []

    async def one_after_the_other(until: float) -> None:
        while time.perf_counter() < until or len(ends) < FEWEST_BATCHES:
            await service.read(next(batches))
            ends.append(time.perf_counter())

    until = time.perf_counter() + seconds
    await asyncio.gather(*(one_after_the_other(until) for _ in range(REVIEW_BATCHES_IN_FLIGHT)))
    ends.sort()
    # Two batches may end together, so that a rate is taken over every other one.
    pairs = [later - earlier for earlier, later in zip(ends, ends[2:], strict=False)]
    return 2 * REVIEW_BATCH / statistics.median(pairs)


async def observe(service: Service, texts: Texts, load: Load, seconds: float, seed: int = 7) -> Observed:
    """Puts a load on a service for a while; a search's time counts from when it arrives, not from when it is sent."""
    seen = Observed(load, seconds)
    begun = time.perf_counter()

    async def answered(query: str, arrival: float) -> None:
        await service.search(query)
        seen.searches.append(time.perf_counter() - arrival)

    async def searching() -> None:
        chance, moment = Random(seed), 0.0
        running = set()
        for query in cycle(texts.queries):
            moment += chance.expovariate(load.searches)
            if moment >= seconds:
                break
            await asyncio.sleep(begun + moment - time.perf_counter())
            running.add(asyncio.create_task(answered(query, begun + moment)))
        _, late = await asyncio.wait(running, timeout=GRACE_SECONDS) if running else (None, set())
        seen.unanswered = len(late)
        for task in late:
            task.cancel()

    def reviewed(count: int, took: float) -> None:
        seen.reviews += count
        seen.review_waits.append(took)

    def indexed(count: int, took: float) -> None:
        seen.products += count
        seen.product_waits.append(took)

    until = begun + seconds
    flows = [
        _flow(
            service.read, texts.reviews, REVIEW_BATCH, load.reviews, REVIEW_BATCHES_IN_FLIGHT, until, reviewed
        ),
        _flow(service.index, texts.products, BACKFILL_BATCH, load.products, 1, until, indexed),
    ]
    await asyncio.gather(searching(), *flows)
    return seen


async def _flow(
    handle: Callable[[Sequence[str]], Awaitable[Any]],
    texts: Sequence[str],
    size: int,
    rate: float,
    in_flight: int,
    until: float,
    done: Callable[[int, float], None],
) -> None:
    """Hands over batches at a rate, at most so many at once; those without room come as soon as there is some."""
    if rate <= 0:
        return
    batches, spacing = _batches(texts, size), size / rate
    begun, number = time.perf_counter(), 0

    async def consumer() -> None:
        nonlocal number
        while True:
            due = begun + number * spacing
            number += 1
            if due >= until:
                return
            await asyncio.sleep(due - time.perf_counter())
            handed = time.perf_counter()
            if handed >= until:
                return
            await handle(next(batches))
            now = time.perf_counter()
            done(size if now <= until else 0, now - handed)

    await asyncio.gather(*(consumer() for _ in range(in_flight)))


def _batches(texts: Sequence[str], size: int) -> Any:  # noqa: ANN401 - an endless iterator
    flow = cycle(texts)
    while True:
        yield list(islice(flow, size))
