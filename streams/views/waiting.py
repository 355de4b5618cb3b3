"""Waiting for what changes in many places."""

import asyncio
from collections.abc import Callable
from typing import Final

LOOK_SECONDS: Final = 0.05


async def until(holds: Callable[[], bool]) -> None:
    """Looks again and again until it holds."""
    while not holds():  # noqa: ASYNC110 - no one place could set an event
        await asyncio.sleep(LOOK_SECONDS)
