"""What each worker does about erasures: follows the ledger, drops what it still has of those it names, and says so."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

from aiokafka.errors import KafkaError
from redis.asyncio import Redis

from privacy.tokens import Tokeniser
from streams.contracts.topics import ERASURE_LEDGER
from streams.delivery.fatal import fatal
from streams.erasing.ledger import LedgerView, Named
from streams.erasing.roster import ANNOUNCE_SECONDS, Member, Roster, worker_name
from streams.erasing.subjects import ledger_subject
from streams.health import Health
from streams.settings import Settings
from streams.state.announcing import Announcer
from streams.state.connection import Cache
from streams.tasks import cancelled
from streams.views.follower import Follower

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.2
RETRY_SECONDS: Final = 2.0


class CachedKeys(Protocol):
    """The data keys that this process has at hand."""

    def forget(self, matches: Callable[[str], bool]) -> object:
        """Evicts the keys of subjects that match."""
        ...


class Erasing:
    """A `Service` of the worker.

    On an entry of the ledger it evicts the subject's data keys, waits until the views are past what the erasure wrote
    and their snapshots are written anew, and then announces the position. On an entry that it can't read it evicts all
    data keys: whomever it names, nothing of them is left then. It announces itself from the start, so that nobody takes
    a worker that still reads for one that has read.

    Args:
        settings: with a broker's address.
        health: of the worker.
        cache: of the Redis that holds the roster.
        keys: data keys at hand.
        tokeniser: under whose key the ledger's subjects are digested.
        renewed: waits until views and snapshots are past all that is written now.
    """

    def __init__(
        self,
        settings: Settings,
        health: Health,
        cache: Cache,
        *,
        keys: CachedKeys,
        tokeniser: Tokeniser,
        renewed: Callable[[], Awaitable[None]],
    ) -> None:
        self._cache = cache
        self._keys = keys
        self._tokeniser = tokeniser
        self._renewed = renewed
        self._name = worker_name(settings)
        self._cache_seconds = settings.keys.cache_seconds
        self._roster = Roster(settings.group_id)
        self._ledger = LedgerView()
        self._follower = Follower(settings, ERASURE_LEDGER, self._ledger, health=health)
        self._done: Mapping[int, int] = {}
        self._announcer = Announcer(cache, self._announce, ANNOUNCE_SECONDS)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begins to follow the ledger, and to announce how far it is."""
        await self._follower.start()
        self._tasks = [
            fatal(self._act(), "acting upon erasures"),
            fatal(self._announcer.run(), "announcing erasures"),
        ]

    async def stop(self) -> None:
        """Ends, and tells that this worker is gone."""
        await cancelled(*self._tasks)
        self._tasks = []
        await self._follower.stop()
        await self._cache.ask(self._leave)

    async def _act(self) -> None:
        while True:
            await self._follower.until_caught_up()
            # Both at one moment: whatever lies below the positions was handed out, now or before.
            positions, named = self._follower.positions, self._ledger.take()
            if named:
                await self._see_to(named)
            if positions != self._done:
                self._done = positions
                self._announcer.tell()
            await asyncio.sleep(LOOK_SECONDS)

    async def _see_to(self, named: Named) -> None:
        """Drops what this worker has of some subjects, whatever it takes."""
        self._keys.forget(lambda subject: ledger_subject(self._tokeniser, subject) in named)
        while True:
            try:
                await self._renewed()
            except (KafkaError, OSError) as error:
                log.warning("an erasure waits for the broker", extra={"error": type(error).__name__})
                await asyncio.sleep(RETRY_SECONDS)
            else:
                facts = {"subjects": len(named.subjects), "unreadable": named.unreadable}
                log.info("erasures are carried out here", extra=facts)
                return

    async def _announce(self, client: Redis) -> None:
        await self._roster.announce(client, Member(self._name, self._done, self._cache_seconds))

    async def _leave(self, client: Redis) -> bool:
        await self._roster.leave(client, self._name)
        return True
