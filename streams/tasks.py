"""Ending tasks for good."""

import asyncio
from typing import Any

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
