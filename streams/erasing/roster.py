"""Which workers there are, and up to where each has acted upon the erasure ledger: announced in Redis, for a while.

A worker acknowledges a position, as consumers commit offsets, not each erasure: an entry is acknowledged by all whose
position lies past it. So there is one small value a worker, whatever was erased, and a Redis that lost it gets it
again with the next announcement.

A worker that falls silent without leaving may be dead, or alive and cut off from this Redis, with data keys at hand. So
it stays on the roster for a while, as silent.
"""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from os import getpid
from typing import Final, cast

import orjson
from redis.asyncio import Redis

from streams.settings import Settings

ANNOUNCED_SECONDS: Final = 30
"""A worker that has not announced itself for so long is silent."""
ANNOUNCE_SECONDS: Final = ANNOUNCED_SECONDS / 5
"""Between two announcements."""
SILENT_SECONDS: Final = 3600
"""How long a silent worker is remembered at least, and for no less than keys may be in its memory."""


@dataclass(frozen=True, slots=True)
class Member:
    """A worker.

    Attributes:
        name: machine, and slot or process.
        positions: by partition of the ledger, the next offset: all entries below are acted upon.
        cache_seconds: how long it may keep a data key in memory.
        silent: whether it has not announced itself lately.
    """

    name: str
    positions: Mapping[int, int]
    cache_seconds: float
    silent: bool = False

    def acknowledges(self, partition: int, offset: int) -> bool:
        """Whether it has acted upon the ledger's entry there."""
        return self.positions.get(partition, 0) > offset


def worker_name(settings: Settings) -> str:
    """This process's name on the roster: stable where it has a slot."""
    slot = settings.worker.slot
    return f"{socket.gethostname()}/{f'slot-{slot}' if slot is not None else getpid()}"


class Roster:
    """The workers of one consumer group.

    Args:
        group_id: the consumer group.
    """

    def __init__(self, group_id: str) -> None:
        # One hash tag, so that Redis Cluster takes all of it together.
        self._names = f"{{{group_id}:workers}}"

    async def announce(self, client: Redis, member: Member) -> None:
        """Tells of this worker, for `ANNOUNCED_SECONDS`; after that it is silent."""
        positions = {str(number): offset for number, offset in member.positions.items()}
        value = orjson.dumps({"positions": positions, "cache_seconds": member.cache_seconds})
        async with client.pipeline() as pipe:
            pipe.set(self._key(member.name), value, ex=ANNOUNCED_SECONDS + _remembered(member.cache_seconds))
            pipe.sadd(self._names, member.name)
            await pipe.execute()

    async def leave(self, client: Redis, name: str) -> None:
        """Tells that a worker is gone."""
        async with client.pipeline() as pipe:
            pipe.delete(self._key(name))
            pipe.srem(self._names, name)
            await pipe.execute()

    async def members(self, client: Redis) -> list[Member]:
        """The workers that have not left, by name."""
        found = cast("set[bytes]", await client.smembers(self._names))
        names = sorted(name.decode() for name in found)
        if not names:
            return []
        async with client.pipeline() as pipe:  # one transaction: a value and its time belong together
            for name in names:
                pipe.get(self._key(name))
                pipe.ttl(self._key(name))
            answers = await pipe.execute()
        members, gone = [], []
        for name, value, seconds in zip(names, answers[::2], answers[1::2], strict=True):
            if value is None:
                gone.append(name)
            else:
                told = orjson.loads(value)
                positions = {int(number): offset for number, offset in told["positions"].items()}
                cache_seconds = told["cache_seconds"]
                silent = seconds <= _remembered(cache_seconds)
                members.append(Member(name, positions, cache_seconds, silent=silent))
        if gone:
            await client.srem(self._names, *gone)
        return members

    def _key(self, name: str) -> str:
        return f"{self._names}:{name}"


def _remembered(cache_seconds: float) -> int:
    """Seconds for which a silent worker is."""
    return max(SILENT_SECONDS, ceil(cache_seconds))
