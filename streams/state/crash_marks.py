"""Crash marks in Redis: what each partition's owner has in hand (see `streams.delivery.quarantine`).

One hash for the whole group, a field for each partition. While Redis is away nothing is marked, so that a crash in that
time is not counted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import orjson
from faust.types import TP

from streams.delivery.quarantine import Mark
from streams.state.connection import Cache


class RedisCrashMarks:
    """The `CrashMarks` of a consumer group.

    Args:
        cache: the worker's Redis.
        group_id: the consumer group.
    """

    def __init__(self, cache: Cache, group_id: str) -> None:
        self._cache = cache
        self._key = f"{group_id}:crash-marks"

    async def set(self, marks: Mapping[TP, Mark]) -> None:
        """Writes the marks in one command."""
        if marks:
            fields: dict[Any, Any] = {_field(tp): orjson.dumps(asdict(mark)) for tp, mark in marks.items()}
            await self._cache.ask(lambda client: client.hset(self._key, mapping=fields))

    async def get(self, tps: Iterable[TP]) -> Mapping[TP, Mark]:
        """Those of the marks that there are."""
        wanted = list(tps)
        if not wanted:
            return {}
        values = await self._cache.ask(lambda client: client.hmget(self._key, [_field(tp) for tp in wanted]))
        return {
            tp: Mark(**orjson.loads(value))
            for tp, value in zip(wanted, values or [], strict=False)
            if value is not None
        }

    async def clear(self, tps: Iterable[TP]) -> None:
        """Takes marks away."""
        if fields := [_field(tp) for tp in tps]:
            await self._cache.ask(lambda client: client.hdel(self._key, *fields))


def _field(tp: TP) -> str:
    return f"{tp.topic}/{tp.partition}"
