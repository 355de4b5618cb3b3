"""Calls for the tests of faults."""

import asyncio
import time
from collections.abc import Callable, Sequence

from models.engine import Engine

TEXTS = [f"good {number}" for number in range(12)]


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


async def embed_one_by_one(engine: Engine, texts: Sequence[str]) -> list[object]:
    """Each text in a call of its own, all at once."""
    calls = [engine.embed([text], model="tiny") for text in texts]
    return list(await asyncio.gather(*calls, return_exceptions=True))
