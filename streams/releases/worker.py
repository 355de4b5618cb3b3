"""What each worker does about releases: follows them, loads what was released, and lets it serve."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final

from redis.asyncio import Redis

from models.engine.engine import Engine
from streams import metrics
from streams.contracts.records import ModelRelease
from streams.contracts.topics import MODEL_RELEASES
from streams.delivery.fatal import fatal
from streams.erasing.roster import ANNOUNCE_SECONDS, worker_name
from streams.health import Health
from streams.releases.loading import load_release
from streams.releases.roles import ReleaseRefused, role_named, setting_of
from streams.releases.roster import ReleaseRoster, Taken
from streams.releases.serving import Serving
from streams.releases.view import ReleasesView
from streams.settings import Settings
from streams.state.announcing import Announcer
from streams.state.connection import Cache
from streams.tasks import cancelled
from streams.views.follower import Follower
from streams.views.keeper import in_thread

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.2


class Releasing:
    """A `Service` of the worker.

    A released model is loaded beside the one that serves, in a thread, and takes its place when it has passed its
    self-test. Batches under way end with the old one, which goes when the last of them has. What can't be loaded is
    refused: the old one serves on, and the log, metrics, health and whoever waits for this worker are told why.

    Args:
        settings: with a broker's address.
        health: of the worker.
        cache: of the Redis that holds the roster.
        engine: runs the models.
        serving: what serves each role that this worker has.
    """

    def __init__(
        self,
        settings: Settings,
        health: Health,
        cache: Cache,
        *,
        engine: Engine,
        serving: Mapping[str, Serving[Any]],
    ) -> None:
        self._settings = settings
        self._health = health
        self._cache = cache
        self._engine = engine
        self._serving = serving
        self._name = worker_name(settings)
        self._roster = ReleaseRoster(settings.group_id)
        self._view = ReleasesView()
        self._follower = Follower(settings, MODEL_RELEASES, self._view, health=health)
        self._outcomes: dict[str, Taken] = {}
        self._announcer = Announcer(cache, self._announce, ANNOUNCE_SECONDS)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begins to follow the releases."""
        await self._follower.start()
        self._tasks = [
            fatal(self._act(), "acting upon releases of models"),
            fatal(self._announcer.run(), "announcing releases of models"),
        ]

    async def stop(self) -> None:
        """Ends; what is being loaded is loaded first."""
        await cancelled(*self._tasks)
        self._tasks = []
        await self._follower.stop()
        await self._cache.ask(self._leave)

    async def _act(self) -> None:
        while True:
            while release := self._view.take():
                await self._take(release)
            await asyncio.sleep(LOOK_SECONDS)

    async def _take(self, release: ModelRelease) -> None:
        """Lets a release serve, or says why not."""
        facts = {
            "role": release.role,
            "source": release.source,
            "version": release.version,
            "digest": release.digest,
            "release": release.id,
        }
        version, problem = None, None
        try:
            version = await self._loaded(release)
        except ReleaseRefused as refused:
            problem = str(refused)
        if problem:
            log.error(
                "a released model is refused; the one before serves on", extra={**facts, "why": problem}
            )
        if version is None:
            self._note(release, problem)
            return
        old = self._serving[release.role].swap(version)
        log.info("a released model serves", extra=facts)
        self._note(release)
        await old.unused()
        if (gone := old.engine_model) is not None:
            await in_thread(lambda: self._engine.remove(gone))

    async def _loaded(self, release: ModelRelease) -> Any | None:  # noqa: ANN401 - by role
        """The version that was released; None where it serves already.

        Raises:
            ReleaseRefused: it can't serve here.
        """
        role_named(release.role)
        serving = self._serving.get(release.role)
        if serving is None:
            raise ReleaseRefused(
                f"this worker has no {release.role}: set {setting_of(release.role)} and restart it"
            )
        if serving.current.digest == release.digest:
            return None
        return await in_thread(
            lambda: load_release(self._engine, release.role, release.released, self._settings.models.running)
        )

    def _note(self, release: ModelRelease, problem: str | None = None) -> None:
        metrics.MODEL_RELEASES.labels(release.role, "refused" if problem else "taken").inc()
        self._health.refused.pop(release.role, None)
        if problem:
            self._health.refused[release.role] = problem
        self._outcomes[release.role] = Taken(release.id, problem)
        self._announcer.tell()

    async def _announce(self, client: Redis) -> None:
        await self._roster.announce(client, self._name, self._outcomes)

    async def _leave(self, client: Redis) -> bool:
        await self._roster.leave(client, self._name)
        return True
