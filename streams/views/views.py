"""All views of a worker: what it follows, and how much of each it has."""

import asyncio
import gc
import logging
from collections.abc import Mapping
from typing import Final

from aiokafka.errors import KafkaError

from models.catalogue.catalogue import Catalogue
from models.support.memory import SupportMemory
from streams.contracts.topics import CATALOG, CATALOG_VECTORS, RESOLUTIONS, SUPPORT_MEMORY, USER_CHANGES
from streams.health import Health
from streams.settings import Settings
from streams.tasks import cancelled
from streams.views.associations import AssociationsView
from streams.views.catalogue import CatalogueView
from streams.views.coverage import IndexCoverage
from streams.views.follower import Follower
from streams.views.group_lag import GroupLag
from streams.views.memory import MemoryView
from streams.views.snapshot import SnapshotFolder
from streams.views.waiting import until
from streams.views.written import written_ends

log = logging.getLogger(__name__)

FOLDER: Final = "views"


class Views:
    """Fills a worker's indexes from their topics.

    Args:
        settings: with a broker's address; snapshots lie in their data folder.
        catalogue: empty.
        memory: empty.
        health: of the worker.

    Attributes:
        associations: which products the same users take.
        catalogue: how much of the catalogue is there.
        memory: how much of what support knows is there.
    """

    def __init__(
        self, settings: Settings, catalogue: Catalogue, memory: SupportMemory, health: Health
    ) -> None:
        snapshots = SnapshotFolder(settings.data_dir / FOLDER)
        self.associations = AssociationsView()
        products = Follower(
            settings, CATALOG_VECTORS, CatalogueView(catalogue), health=health, snapshots=snapshots
        )
        self._sources = sources = Follower(
            settings,
            SUPPORT_MEMORY,
            MemoryView(memory, catalogue.width),
            health=health,
            snapshots=snapshots,
        )
        self._users = users = Follower(
            settings, USER_CHANGES, self.associations, health=health, snapshots=snapshots
        )
        self._followers = (products, sources, users)
        self._lags = (GroupLag(settings, CATALOG), GroupLag(settings, RESOLUTIONS))
        self.catalogue = IndexCoverage("catalogue", products, self._lags[0])
        self.memory = IndexCoverage("memory", sources, self._lags[1])
        self._settings = settings
        self._settling: asyncio.Task[None] | None = None

    async def start(self, patience: float) -> None:
        """Begins to follow, and waits up to `patience` seconds until all that was there is searchable.

        After that, results say that they lack something.
        """
        for service in (*self._followers, *self._lags):
            await service.start()
        self._settling = asyncio.create_task(self._settle(), name="views-settle")
        await asyncio.wait([self._settling], timeout=patience)
        if self._settling.done():
            return
        late = [follower.name for follower in self._followers if not follower.caught_up]
        log.warning("views are not caught up yet; answers will say so", extra={"views": late})

    async def memory_settled(self, patience: float) -> bool:
        """Waits until what support knows holds all that was in `resolutions` when this was called.

        Returns:
            Whether it does; False after `patience` seconds, or without an answer of the broker.
        """
        try:
            async with asyncio.timeout(patience):
                decided = await self._resolutions_decided()
                await until(lambda: self._sources.reached(decided))
        except (KafkaError, OSError, TimeoutError):
            return False
        return True

    async def renewed(self) -> None:
        """Waits until the views of users and of support are past all that their topics, and `resolutions`, hold now.

        Afterwards no snapshot is left from before.

        Raises:
            KafkaError: no answer of the broker, or a refusal.
        """
        ends = await written_ends(self._settings, [USER_CHANGES.name])
        await asyncio.gather(
            self._users.kept_past(ends[USER_CHANGES.name]),
            self._sources.kept_past(await self._resolutions_decided()),
        )

    async def _resolutions_decided(self) -> Mapping[int, int]:
        """Waits until the group has decided the resolutions there are; the ends of what it wrote for them."""
        ends = await written_ends(self._settings, [RESOLUTIONS.name])
        await self._lags[1].until_decided(ends[RESOLUTIONS.name])
        return (await written_ends(self._settings, [SUPPORT_MEMORY.name]))[SUPPORT_MEMORY.name]

    def lacking(self) -> list[str]:
        """What recommendations lack besides products: nothing, or what users took together."""
        return [] if self._users.current else ["associations"]

    async def _settle(self) -> None:
        """Waits until all is there, which the garbage collector then need not look at again and again."""
        await asyncio.gather(*(follower.until_caught_up() for follower in self._followers))
        gc.freeze()

    async def stop(self) -> None:
        """Ends, and keeps snapshots."""
        if self._settling is not None:
            await cancelled(self._settling)
        await asyncio.gather(*(service.stop() for service in (*self._followers, *self._lags)))
