"""A dependency that is away is nobody's fault: the events of its topic wait for it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from streams.delivery.errors import DependencyUnavailable
from streams.health import Health

log = logging.getLogger(__name__)

T = TypeVar("T")

DEPENDENCY_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Waits while a dependency is away; the last one repeats."""


class Patience:
    """Does work again and again until all that it depends on is there.

    Args:
        health: told what a topic's events wait for.
    """

    def __init__(self, health: Health) -> None:
        self._health = health

    async def until_done(self, topic: str, work: Callable[[], Awaitable[T]]) -> T:
        """What the work gives, once it does not raise `DependencyUnavailable`."""
        tries = 0
        while True:
            try:
                done = await work()
            except DependencyUnavailable as missing:
                if not tries:
                    log.warning("waiting for a dependency", extra={"dependency": missing.name})
                self._health.hold(topic, missing.name)
                await asyncio.sleep(DEPENDENCY_SECONDS[min(tries, len(DEPENDENCY_SECONDS) - 1)])
                tries += 1
            else:
                if tries:
                    self._health.release(topic)
                return done
