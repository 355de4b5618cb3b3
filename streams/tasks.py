"""Tasks that end when they are told to, whatever a library makes of it."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

T = TypeVar("T")

ASK_AGAIN_SECONDS = 1.0


async def cancelled(*tasks: asyncio.Task[Any]) -> None:
    """Cancels tasks, and again until each has ended; how it ended does not matter.

    Once is not enough: a library that closes its own tasks (aiokafka's `close()`, `wait_for()` in Python 3.11) may
    take our cancellation for theirs, and the task would go on for ever.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=ASK_AGAIN_SECONDS)


async def heeding(work: Awaitable[T]) -> T:
    """What the work gives, in a task of its own that ends when this is cancelled, however often that takes.

    For calls of redis-py: while it connects, on Python 3.11, it may swallow a cancellation.
    """
    task = asyncio.ensure_future(work)
    task.add_done_callback(_noted)
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        await cancelled(task)
        raise
    return task.result()


def _noted(task: "asyncio.Future[Any]") -> None:
    """Takes note of how a task ended, which asyncio would tell where nobody asks."""
    if not task.cancelled():
        task.exception()
