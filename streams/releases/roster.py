"""What each worker has made of the latest releases: announced in Redis, beside the roster of workers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import orjson
from redis.asyncio import Redis

from streams.erasing.roster import ANNOUNCED_SECONDS, Roster


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a release in one worker.

    Attributes:
        release: its id.
        problem: why it was refused; None: its model serves.
    """

    release: str
    problem: str | None = None


Outcomes = Mapping[str, Taken]
"""By role."""


class ReleaseRoster:
    """The outcomes in the workers of one consumer group.

    Args:
        group_id: the consumer group.
    """

    def __init__(self, group_id: str) -> None:
        self._group_id = group_id

    async def announce(self, client: Redis, worker: str, outcomes: Outcomes) -> None:
        """Tells what came of releases in a worker, for `ANNOUNCED_SECONDS`."""
        value = orjson.dumps({role: asdict(taken) for role, taken in outcomes.items()})
        await client.set(self._key(worker), value, ex=ANNOUNCED_SECONDS)

    async def leave(self, client: Redis, worker: str) -> None:
        """Tells that a worker is gone."""
        await client.delete(self._key(worker))

    async def outcomes(self, client: Redis) -> dict[str, Outcomes]:
        """By the name of each worker that runs; none yet of one that has announced nothing."""
        members = await Roster(self._group_id).members(client)
        running = [member.name for member in members if not member.silent]
        return dict(zip(running, await self._told(client, running), strict=True))

    async def _told(self, client: Redis, workers: Sequence[str]) -> list[Outcomes]:
        if not workers:
            return []
        values = await client.mget([self._key(worker) for worker in workers])
        return [
            {role: Taken(**taken) for role, taken in orjson.loads(value).items()} if value else {}
            for value in values
        ]

    def _key(self, worker: str) -> str:
        return f"{{{self._group_id}:workers}}:releases:{worker}"
