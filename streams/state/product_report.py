"""All that Redis holds of one product, for people: counts, popularity, and its reviews by day."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from redis.asyncio import Redis

from streams.state.keys import EpochKeys, pointer
from streams.state.review_sums import ProductReviews

ACTIONS: Final = ("viewed", "clicked", "carted", "bought", "removed", "dismissed", "reviewed")


@dataclass(frozen=True, slots=True)
class ProductReport:
    """How a product fares.

    Attributes:
        epoch: number of the epoch that it was read from.
        counts: by kind of change, in the order of `ACTIONS`; only those that happened.
        popularity: from 0 to 1, relative to the most popular product; None without interest.
        rank: place among the most popular products, from 1; None where it is not one of them.
        opinion: mean sentiment of all reviews, -1 to 1; None without any that was read.
        reviews: by day.
    """

    epoch: int
    counts: Mapping[str, int]
    popularity: float | None
    rank: int | None
    opinion: float | None
    reviews: ProductReviews


async def product_report(client: Redis, group_id: str, product_id: str) -> ProductReport | None:
    """Reads a product of the epoch in use; None where nothing is known of it.

    Raises:
        RedisError: Redis is away, or refuses.
    """
    epoch = 1
    while True:
        keys = EpochKeys(group_id, epoch)
        async with client.pipeline() as pipe:
            pipe.hgetall(keys.product(product_id))
            pipe.hgetall(keys.reviews(product_id))
            pipe.zrevrank(keys.popular, product_id)
            pipe.zrange(keys.popular, 0, 0, desc=True, withscores=True)
            pipe.get(pointer(group_id))
            fields, reviews, rank, top, in_use = await pipe.execute()
        if (in_use := int(in_use or 1)) == epoch:
            break
        epoch = in_use
    if not fields:
        return None
    popularity, sentiments = fields.get(b"popularity"), int(fields.get(b"sentiments", 0))
    return ProductReport(
        epoch=epoch,
        counts={kind: int(fields[kind.encode()]) for kind in ACTIONS if kind.encode() in fields},
        popularity=min(1.0, 2.0 ** (float(popularity) - top[0][1])) if popularity and top else None,
        rank=None if rank is None else rank + 1,
        opinion=int(fields[b"sentiment"]) / sentiments / 1000 if sentiments else None,
        reviews=ProductReviews.read(reviews),
    )
