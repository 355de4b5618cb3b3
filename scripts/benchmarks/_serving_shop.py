"""What `scripts/bench serving` sends: products of the demo's shop in any number, its queries, tickets and answers.

As a program it produces products, so that this costs those who measure no time of their own:

    python -m scripts.benchmarks._serving_shop N

It prints `begun` when Kafka has the first, and `done` when it has all.
"""

import asyncio
import secrets
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from random import Random
from typing import Final

import numpy as np
import numpy.typing as npt

from streams.client import Shopstream
from streams.client.outbox import InFlight
from streams.contracts.codec import encode
from streams.contracts.events import CatalogItem, Event, Query, SupportTicket
from streams.contracts.headers import cloud_event_headers, event_type
from streams.contracts.ids import result_id
from streams.contracts.records import CatalogEntry
from streams.contracts.results import ModelRef
from streams.contracts.topics import CATALOG, CATALOG_VECTORS
from streams.contracts.vectors import pack
from streams.delivery.encoding import source_of
from streams.demo.shop.catalogue import wares
from streams.demo.shop.plan import Plan
from streams.settings import Settings

SEED: Final = 7
SOURCE: Final = "/shopstream/bench"
IN_FLIGHT: Final = 1_000
MADE_UP: Final = ModelRef(id="made-up", version="0", digest="sha256:none")
Vectors = npt.NDArray[np.float32]


def plan() -> Plan:
    """The demo's shop as of now."""
    return Plan(SEED, run="bench", until=datetime.now(UTC))


def products(count: int) -> Iterator[CatalogItem]:
    """That many products of the demo shop's generator, each with words, price and attributes of its own."""
    time = datetime.now(UTC) - timedelta(days=2)
    chance = Random(f"{SEED}/products")
    return (ware.item for ware in wares(count, run="bench", time=time, chance=chance))


def background(shop: Plan) -> Iterator[Event]:
    """Catalogue, resolutions and interactions of a shop: what its answers are made from."""
    yield from (ware.item for ware in shop.catalogue())
    yield from (one.event for one in shop.resolutions() if one.event is not None)
    steps = (step for step in shop.steps() if step.kind is not None)
    yield from (step.interaction(f"{shop.run}-i-{number}") for number, step in enumerate(steps))


def queries(shop: Plan) -> Iterator[Query]:
    """The shop's queries without end, as asked now, with ids of their own; those that expire are left out."""
    for posed in cycle([one for one in shop.queries() if one.kind != "expired"]):
        yield posed.event.model_copy(update=_now("q"))


def tickets(shop: Plan) -> Iterator[SupportTicket]:
    """The shop's tickets without end, as asked now, with ids of their own."""
    for asked in cycle(list(shop.tickets())):
        yield asked.event.model_copy(update=_now("t"))


def query(text: str, **fields: object) -> Query:
    """A query, asked now."""
    return Query.model_validate({**_now("q"), "text": text, **fields})


def ticket(text: str) -> SupportTicket:
    """A ticket, written now."""
    return SupportTicket.model_validate({**_now("t"), "text": text})


def unit_vectors(count: int, width: int, seed: int = SEED) -> Vectors:
    """Directions, evenly over the sphere: float32 [count, width], unit rows."""
    rows = np.random.default_rng(seed).standard_normal((count, width), np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def entry(item: CatalogItem, vector: Vectors) -> CatalogEntry:
    """What the catalogue's agent would write for a product, with a vector that no model made."""
    return CatalogEntry(
        id=result_id(CATALOG_VECTORS.name, [item.id]),
        causes=[item.id],
        time=item.time,
        model=[MADE_UP],
        product=item,
        vector=pack(vector),
    )


async def prefill(settings: Settings, count: int, width: int) -> None:
    """Writes entries of that many products, with made-up vectors, where workers read their catalogue.

    An idempotent producer writes them, with the agent's key, partition and headers.
    """
    vectors = unit_vectors(count, width)
    kind, source = event_type(CatalogEntry), source_of(CATALOG.name)
    async with Shopstream(settings, source=SOURCE) as shop, InFlight(IN_FLIGHT) as flight:
        for item, vector in zip(products(count), vectors, strict=True):
            made = entry(item, vector)
            headers = cloud_event_headers(event_id=made.id, source=source, kind=kind, time=made.time)
            await flight.failure()
            await flight.admit(
                shop.outbox.send(
                    CATALOG_VECTORS,
                    encode(made),
                    key=CATALOG_VECTORS.key(made),
                    event_id=made.id,
                    headers=headers,
                )
            )


async def produce(count: int) -> None:
    """Sends products where the settings say, as fast as Kafka takes them."""
    items = products(count)
    async with Shopstream(Settings(), source=SOURCE) as shop:
        for first in islice(items, 1):
            await shop.produce(first)
        print("begun", flush=True)
        await shop.produce_many(items)
    print("done", flush=True)


def _now(kind: str) -> dict[str, object]:
    return {"id": f"bench-{kind}-{secrets.token_hex(8)}", "time": datetime.now(UTC), "expires_at": None}


if __name__ == "__main__":
    asyncio.run(produce(int(sys.argv[1])))
