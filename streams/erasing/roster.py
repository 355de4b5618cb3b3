"""Which workers there are, and up to where each has acted upon the erasure ledger: announced in Redis, for a while.

A worker acknowledges a position, as consumers commit offsets, not each erasure: an entry is acknowledged by all whose
position lies past it. So there is one small value a worker, whatever was erased, and a Redis that lost it gets it
again with the next announcement.
"""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from os import getpid
from typing import Final, cast

import orjson
from redis.asyncio import Redis

from streams.settings import Settings

ANNOUNCED_SECONDS: Final = 30
"""A worker that has not announced itself for so long is taken to be gone."""


@dataclass(frozen=True, slots=True)
class Member:
    """A worker that runs.

    Attributes:
        name: machine, and slot or process.
        positions: by partition of the ledger, the next offset: all entries below are acted upon.
    """

    name: str
    positions: Mapping[int, int]

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
        """Tells of this worker, for `ANNOUNCED_SECONDS`."""
        value = orjson.dumps({str(number): offset for number, offset in member.positions.items()})
        async with client.pipeline() as pipe:
            pipe.set(self._key(member.name), value, ex=ANNOUNCED_SECONDS)
            pipe.sadd(self._names, member.name)
            await pipe.execute()

    async def leave(self, client: Redis, name: str) -> None:
        """Tells that a worker is gone."""
        async with client.pipeline() as pipe:
            pipe.delete(self._key(name))
            pipe.srem(self._names, name)
            await pipe.execute()

    async def members(self, client: Redis) -> list[Member]:
        """The workers that run, by name."""
        found = cast("set[bytes]", await client.smembers(self._names))
        names = sorted(name.decode() for name in found)
        if not names:
            return []
        values = await client.mget([self._key(name) for name in names])
        members, gone = [], []
        for name, value in zip(names, values, strict=True):
            if value is None:
                gone.append(name)
            else:
                offsets = orjson.loads(value)
                members.append(Member(name, {int(number): offset for number, offset in offsets.items()}))
        if gone:
            await client.srem(self._names, *gone)
        return members

    def _key(self, name: str) -> str:
        return f"{self._names}:{name}"
