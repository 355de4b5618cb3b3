"""The worker's Redis, which may be away.

Caches are best effort: when Redis does not answer in time, the worker goes on without, says so in its health report,
and asks again after a moment instead of waiting in every batch. State is not: who needs it waits until Redis is back.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from streams import metrics
from streams.delivery.errors import DependencyUnavailable
from streams.health import Health
from streams.settings import RedisSettings
from streams.tasks import heeding

log = logging.getLogger(__name__)

T = TypeVar("T")

RETRY_SECONDS = 1.0
"""How long the worker does without Redis after a failure before it asks again."""


class Cache:
    """A Redis client that answers `None` while Redis is away.

    Args:
        client: the client, or None when no Redis is configured.
        health: told when the worker does without.
    """

    NAME = "redis"

    def __init__(self, client: "redis.Redis | None", health: Health) -> None:
        self.client = client
        self._health = health
        self._closed_until = 0.0
        if client is None:
            health.without(self.NAME)

    @classmethod
    def open(cls, settings: RedisSettings, health: Health) -> "Cache":
        """A client for the configured URL; it connects when first used."""
        if settings.url is None:
            return cls(None, health)
        client = redis.Redis.from_url(
            settings.url.get_secret_value(),
            socket_timeout=settings.timeout,
            socket_connect_timeout=settings.timeout,
            retry=Retry(NoBackoff(), 0),  # the client's own would wait for seconds on end
        )
        return cls(client, health)

    async def ask(
        self, question: Callable[["redis.Redis"], Awaitable[T]], within: float | None = None
    ) -> T | None:
        """The answer, or None while Redis is away.

        Args:
            question: one command or more.
            within: seconds that all of it may take; None: each command as long as settings allow.
        """
        if self.client is None or time.monotonic() < self._closed_until:
            return None
        try:
            async with asyncio.timeout(within):
                answer = await heeding(question(self.client))
        except (RedisError, OSError, TimeoutError) as error:
            self._closed_until = time.monotonic() + RETRY_SECONDS
            self._health.without(self.NAME)
            metrics.DEPENDENCY_UP.labels(self.NAME).set(0)
            log.warning("redis is away; going on without", extra={"error": type(error).__name__})
            return None
        self._health.restored(self.NAME)
        metrics.DEPENDENCY_UP.labels(self.NAME).set(1)
        return answer

    async def require(self, question: Callable[["redis.Redis"], Awaitable[T]]) -> T:
        """The answer, which may not be None.

        Raises:
            DependencyUnavailable: Redis is away.
        """
        answer = await self.ask(question)
        if answer is None:
            raise DependencyUnavailable(self.NAME)
        return answer

    async def close(self) -> None:
        """Closes the connections."""
        if self.client is not None:
            await self.client.aclose()
