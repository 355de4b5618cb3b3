"""The append-only file of a server that tests hurt."""

import asyncio
import os
from pathlib import Path

from redis.asyncio import Redis


def newest(folder: Path) -> Path:
    """What the server appends to."""
    return max((folder / "appendonlydir").glob("*.incr.aof"), key=lambda file: file.stat().st_mtime)


def tear(folder: Path, count: int) -> None:
    """Cuts so many bytes off its end, all of it at most."""
    file = newest(folder)
    os.truncate(file, max(0, file.stat().st_size - count))


async def renewed(client: Redis) -> None:
    """Waits until the file was written anew, if that is under way."""
    for _ in range(500):
        told = await client.info("persistence")
        if not told["aof_rewrite_in_progress"] and not told["aof_rewrite_scheduled"]:
            return
        await asyncio.sleep(0.01)
    raise TimeoutError
