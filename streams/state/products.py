"""How products fare, read from Redis through a small cache: `prefetch`, then a ranking that waits for nothing."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from redis.asyncio import Redis

from models.recommend.history import Standing
from streams.settings import Settings
from streams.state.connection import Cache
from streams.state.keys import EpochKeys, pointer

MAX_AGE: Final = 2.0
"""Seconds for which an answer of Redis is used."""
MOST_CACHED: Final = 50_000
"""Products; those that were asked for longest ago go first."""

FIELDS: Final = ("popularity", "sentiment", "sentiments", "reviewed")
NEUTRAL: Final = Standing()


@dataclass(frozen=True, slots=True)
class _Aggregates:
    """A product's, and when they were read; popularity is the logarithm to base 2, None without any interest."""

    read_at: float
    popularity: float | None
    opinion: float | None
    reviews: int


class RedisStandings:
    """The `Standings` of one consumer group's products, as of the last `prefetch`.

    Args:
        cache: the worker's Redis.
        settings: with the group's name, and how long Redis may take.
        clock: seconds that only grow.
    """

    def __init__(self, cache: Cache, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._cache = cache
        self._group_id = settings.group_id
        self._timeout = settings.redis.timeout
        self._clock = clock
        self._epoch = 1
        self._products: dict[str, _Aggregates] = {}
        self._popular: tuple[str, ...] = ()
        self._top = 0.0
        self._popular_at = float("-inf")

    async def prefetch(self, product_ids: Iterable[str]) -> bool:
        """Reads what is not known, or too old, of these products and of the popular ones, in one round trip.

        Returns:
            Whether all is up to date. False: Redis is away, and `of` and `popular` go by what was known last.
        """
        old = self._clock() - MAX_AGE
        wanted = [
            one
            for one in dict.fromkeys(product_ids)
            if (known := self._products.get(one)) is None or known.read_at < old
        ]
        if not wanted and self._popular_at >= old:
            return True
        return (
            await self._cache.ask(lambda client: self._read(client, wanted), within=self._timeout) is not None
        )

    def of(self, product_id: str) -> Standing:
        """A product's standing; a neutral one where nothing is known."""
        known = self._products.get(product_id)
        if known is None:
            return NEUTRAL
        # Another product's popularity may have been read later than the top one's.
        popularity = 0.0 if known.popularity is None else min(1.0, 2.0 ** (known.popularity - self._top))
        return Standing(popularity, known.opinion, known.reviews)

    def popular(self, limit: int) -> Sequence[str]:
        """Ids of the most popular products, best first; at most as many as are kept."""
        return self._popular[:limit]

    async def _read(self, client: Redis, wanted: Sequence[str]) -> bool:
        while True:
            keys = EpochKeys(self._group_id, self._epoch)
            async with client.pipeline(transaction=False) as pipe:
                for product_id in wanted:
                    pipe.hmget(keys.product(product_id), FIELDS)
                pipe.zrange(keys.popular, 0, -1, desc=True, withscores=True)
                pipe.get(pointer(self._group_id))
                *found, popular, epoch = await pipe.execute()
            if (epoch := int(epoch or 1)) == self._epoch:
                break
            self._epoch = epoch
        now = self._clock()
        self._popular = tuple(member.decode() for member, _ in popular)
        self._top, self._popular_at = (popular[0][1] if popular else 0.0), now
        for product_id, values in zip(wanted, found, strict=True):
            self._products.pop(product_id, None)
            self._products[product_id] = _aggregates(now, values)
        while len(self._products) > MOST_CACHED:
            del self._products[next(iter(self._products))]
        return True


def _aggregates(now: float, values: Sequence[bytes | None]) -> _Aggregates:
    popularity, sentiment, sentiments, reviewed = (None if one is None else float(one) for one in values)
    opinion = sentiment / sentiments / 1000 if sentiment is not None and sentiments else None
    return _Aggregates(now, popularity, opinion, int(reviewed or 0))
