"""A worker tells, in Redis, how it stands: now and then, and at once when there is news."""

import asyncio
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis

from streams.state.connection import Cache


class Announcer:
    """Announces for as long as it runs. A Redis that is away hears of it at the next time.

    Args:
        cache: of the Redis that is told.
        announce: tells it.
        seconds: between two times without news.
    """

    def __init__(self, cache: Cache, announce: Callable[[Redis], Awaitable[None]], seconds: float) -> None:
        self._cache = cache
        self._announce = announce
        self._seconds = seconds
        self._news = asyncio.Event()

    def tell(self) -> None:
        """There is news."""
        self._news.set()

    async def run(self) -> None:
        """Goes on until it is cancelled."""
        while True:
            self._news.clear()
            await self._cache.ask(self._announced)
            try:
                async with asyncio.timeout(self._seconds):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def _announced(self, client: Redis) -> bool:
        await self._announce(client)
        return True
