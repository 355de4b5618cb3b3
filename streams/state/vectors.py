"""Vectors of searches, which come again, in Redis for all workers of an installation.

Only masked text is ever embedded, so only vectors of masked text lie here. A vector's key is an HMAC under the token
key: who reads Redis alone can't look up whether a text was asked, and the same text has another key in every
installation. Nothing is refreshed, so that an entry is gone for good `seconds` after it was made.

The engine asks for queries only: tickets and reviews hardly come again, and would lie here after their user is erased.

Redis here must not evict anything, since it holds state; so each worker adds only so much in a time, counted from its
start.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from redis.asyncio import Redis

from privacy.tokens import Tokeniser
from streams.state.connection import Cache

PURPOSE: Final = "vector"
DIGEST_DIGITS: Final = 10
"""Of the encoder's digest, in the keys."""
NAME_DIGITS: Final = 32
"""Of the HMAC, in hexadecimal: 128 bits."""
OVERHEAD_BYTES: Final = 200
"""Of one entry in Redis besides its value: key, objects, expiry."""
MOST_AT_ONCE: Final = 64
"""Entries in one `put`; more are a back-fill."""


class RedisVectors:
    """The engine's `VectorStore` for one model. While Redis is away it knows nothing and keeps nothing.

    Args:
        cache: the worker's Redis.
        group_id: the consumer group, with which all keys begin.
        digest: the encoder's, whose beginning is in all keys.
        tokeniser: hides texts in keys.
        seconds: for which an entry is kept.
        most_bytes: most that this worker adds within `seconds`; Redis so holds at most twice that for each worker, and
            as much again for each of its starts meanwhile.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        cache: Cache,
        group_id: str,
        digest: str,
        *,
        tokeniser: Tokeniser,
        seconds: int,
        most_bytes: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cache = cache
        self._prefix = f"{group_id}:vec:{digest[:DIGEST_DIGITS]}:"
        self._tokeniser = tokeniser
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._clock = clock
        self._window_ends = float("-inf")
        self._room = 0

    async def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Values by key, in order, in one round trip; None for what is not there."""
        names = [self._name(key) for key in keys]
        if not names:
            return []
        found = await self._cache.ask(lambda client: client.mget(names))
        return [one if isinstance(one, bytes) else None for one in found or [None] * len(names)]

    async def put(self, entries: Mapping[bytes, bytes]) -> None:
        """Keeps entries in one round trip, as far as this worker may add any now; none of a back-fill."""
        if len(entries) > MOST_AT_ONCE:
            return
        kept = {self._name(key): value for key, value in entries.items() if self._has_room(len(value))}
        if kept:
            await self._cache.ask(lambda client: self._write(client, kept))

    async def _write(self, client: Redis, entries: Mapping[str, bytes]) -> bool:
        async with client.pipeline(transaction=False) as pipeline:
            for name, value in entries.items():
                pipeline.set(name, value, ex=self._seconds)
            await pipeline.execute()
        return True

    def _name(self, key: bytes) -> str:
        return self._prefix + self._tokeniser.digest(PURPOSE, key)[:NAME_DIGITS]

    def _has_room(self, size: int) -> bool:
        now = self._clock()
        if now >= self._window_ends:
            self._window_ends, self._room = now + self._seconds, self._most_bytes
        if self._room < size + OVERHEAD_BYTES:
            return False
        self._room -= size + OVERHEAD_BYTES
        return True
