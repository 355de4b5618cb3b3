"""Releases a model to all workers, and waits until they have taken it."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from getpass import getuser
from typing import Final
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import RedisError

from streams.client.connection import event_producer
from streams.client.errors import NotSetUp
from streams.client.outbox import Outbox
from streams.contracts.codec import encode
from streams.contracts.headers import cloud_event_headers, event_type
from streams.contracts.records import ModelRelease, ReleasedModel
from streams.contracts.topics import MODEL_RELEASES
from streams.releases.roster import Outcomes, ReleaseRoster
from streams.settings import Settings

SOURCE: Final = "/shopstream/models"
LOOK_SECONDS: Final = 0.3


@dataclass(frozen=True, slots=True)
class Reception:
    """Which workers have taken a release.

    Attributes:
        taken: workers in which it serves.
        refused: why others go on with what they had, by worker.
        outstanding: workers that run and have not said.
    """

    taken: list[str]
    refused: Mapping[str, str]
    outstanding: list[str]

    @property
    def holds(self) -> bool:
        """Whether it serves in all that run."""
        return not self.refused and not self.outstanding

    @property
    def settled(self) -> bool:
        """Whether all that run have said."""
        return not self.outstanding


def new_release(
    role: str, model: ReleasedModel, previous: ReleasedModel | None, note: str | None
) -> ModelRelease:
    """A release by whoever runs this, now."""
    return ModelRelease(
        id=str(uuid4()),
        time=datetime.now(UTC),
        role=role,
        source=model.source,
        version=model.version,
        digest=model.digest,
        previous=previous,
        by=getuser(),
        note=note,
    )


async def publish(settings: Settings, release: ModelRelease) -> None:
    """Writes a release; returns when all replicas have it.

    Raises:
        NotSetUp: Kafka can't be reached, or there is no such topic.
        NotDelivered: Kafka does not take it.
    """
    outbox = Outbox(event_producer(settings), settings)
    await outbox.open()
    try:
        headers = cloud_event_headers(
            event_id=release.id, source=SOURCE, kind=event_type(ModelRelease), time=release.time
        )
        delivery = await outbox.send(
            MODEL_RELEASES, encode(release), key=release.role, event_id=release.id, headers=headers
        )
        await delivery.place()
    finally:
        await outbox.close()


async def received(settings: Settings, release: ModelRelease, wait: float) -> Reception:
    """Waits until all workers that run have said what became of a release, at most `wait` seconds.

    Raises:
        NotSetUp: there is no Redis where the settings point.
    """
    if settings.redis.url is None:
        raise NotSetUp("no Redis: set SHOPSTREAM_REDIS__URL, as for the workers")
    roster, deadline = ReleaseRoster(settings.group_id), time.monotonic() + wait
    async with Redis.from_url(
        settings.redis.url.get_secret_value(), socket_timeout=settings.redis.timeout
    ) as client:
        while True:
            try:
                reception = _reception(release, await roster.outcomes(client))
            except (RedisError, OSError) as error:
                if time.monotonic() >= deadline:
                    raise NotSetUp(
                        f"it is released, but Redis does not say who has taken it ({type(error).__name__}):"
                        " check SHOPSTREAM_REDIS__URL"
                    ) from error
            else:
                if reception.settled or time.monotonic() >= deadline:
                    return reception
            await asyncio.sleep(LOOK_SECONDS)


def _reception(release: ModelRelease, outcomes: Mapping[str, Outcomes]) -> Reception:
    taken: list[str] = []
    refused: dict[str, str] = {}
    outstanding: list[str] = []
    for worker, roles in outcomes.items():
        outcome = roles.get(release.role)
        if outcome is None or outcome.release != release.id:
            outstanding.append(worker)
        elif outcome.problem is None:
            taken.append(worker)
        else:
            refused[worker] = outcome.problem
    return Reception(taken, refused, outstanding)
