"""User state: a fast copy in Redis of what `user-changes` tells, which is the record.

One agent hands its batches to `apply`, one after another in the order of offsets. Where Redis does not hold all that
came before a batch (it lost its last second in a crash, it is empty, an epoch was built anew), what is missing is
read from the topic first. While Redis is away the batch waits; what is asked of a user's history is answered by None.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from aiokafka.errors import KafkaError
from redis.asyncio import Redis

from models.recommend.history import History
from streams.delivery.errors import DependencyUnavailable
from streams.health import Health
from streams.settings import Settings
from streams.state.change_reader import ChangeReader
from streams.state.changes import Picture
from streams.state.connection import Cache
from streams.state.reading import dumped, pictures_of
from streams.state.writing import Bounds, Changes, Moved, Watermarks, Writer, Written, watermarks

log = logging.getLogger(__name__)

NAME: Final = "user-state"
"""What the worker does without while it catches up, as its health report says."""

T = TypeVar("T")

LOG_SECONDS: Final = 10.0
MOST_LOOKS: Final = 10
"""Times that a batch is tried again at once because another worker, or a new epoch, came in between."""


class UserState:
    """State of users and products of one consumer group.

    Args:
        cache: the worker's Redis.
        settings: with a broker's address, for catching up.
        health: told while the worker catches up.
        bounds: how much is kept; by the settings, where None.
    """

    def __init__(
        self, cache: Cache, settings: Settings, health: Health, bounds: Bounds | None = None
    ) -> None:
        bounds = bounds or Bounds.by(settings)
        self._cache = cache
        self._settings = settings
        self._health = health
        self._group_id = settings.group_id
        self._writer = Writer(self._group_id, bounds)
        self._catcher = Writer(self._group_id, bounds, answering=False)
        self._lock = asyncio.Lock()
        self._known = Watermarks(1, {})
        """What Redis should hold, as far as is known."""
        self._reached: dict[int, int] = {}
        """By partition the next offset to come: all below was applied once."""

    def start_generation(self, reached: Mapping[int, int] | None = None) -> None:
        """Forgets what is known of partitions, which others may own now.

        Args:
            reached: by partition of `user-changes` that this worker owns now, the offset that the group committed:
                what lies below was applied once, and `mend` sees to it that Redis holds it.
        """
        self._forget()
        self._reached = dict(reached or {})

    async def apply(self, changes: Changes) -> dict[str, Picture]:
        """Applies a batch, once however often it is called, and tells what is known of its users afterwards.

        Args:
            changes: of each partition in the order of offsets, and the next ones after the batch before.

        Raises:
            DependencyUnavailable: Redis is away, or Kafka when there is something to catch up with.
        """
        if not changes:
            return {}
        firsts: dict[int, int] = {}
        for one in changes:
            firsts.setdefault(one.partition, one.offset)
        async with self._lock:
            written = await self._until_unmoved(lambda: self._apply(firsts, changes))
            for partition, offset in written.marks.next.items():
                self._reached[partition] = max(self._reached.get(partition, 0), offset or 0)
            return written.pictures

    async def mend(self) -> None:
        """Catches up with what this worker's partitions hold below where it is.

        To be called now and then, so that a Redis that lost its tail is whole again though no new changes come.

        Raises:
            DependencyUnavailable: Redis is away, or Kafka when there is something to catch up with.
        """
        async with self._lock:
            self._forget()
            if self._reached:
                await self._until_unmoved(lambda: self._caught_up(self._reached))

    async def histories(self, tokens: Iterable[str]) -> dict[str, History] | None:
        """What users did; None while Redis is away. Waits no longer than Redis may take by the settings."""
        pictures = await self.pictures(tokens)
        return None if pictures is None else {token: one.history for token, one in pictures.items()}

    async def pictures(self, tokens: Iterable[str]) -> dict[str, Picture] | None:
        """All that is kept of users; None while Redis is away. Waits no longer than Redis may take by the settings."""
        wanted = list(dict.fromkeys(tokens))

        async def ask(client: Redis) -> dict[str, Picture]:
            return await pictures_of(client, self._group_id, wanted, self._known.epoch)

        return await self._cache.ask(ask, within=self._settings.redis.timeout) if wanted else {}

    async def dump(self, epoch: int | None = None) -> dict[str, Any]:
        """All that an epoch holds, the one in use unless one is named, in a canonical form.

        Raises:
            DependencyUnavailable: Redis is away.
        """
        return await self._cache.require(lambda client: dumped(client, self._group_id, epoch))

    async def _until_unmoved(self, work: Callable[[], Awaitable[T]]) -> T:
        """The outcome of work that may find epoch or watermarks moved, and forgets what is known when it fails."""
        for _ in range(MOST_LOOKS):
            try:
                return await work()
            except Moved:
                self._forget()
            except BaseException:
                self._forget()
                raise
        raise DependencyUnavailable(Cache.NAME)

    async def _apply(self, firsts: Mapping[int, int], changes: Changes) -> Written:
        while unknown := {one: first for one, first in firsts.items() if one not in self._known.next}:
            await self._caught_up(unknown)
        known = Watermarks(self._known.epoch, {one: self._known.next[one] for one in firsts})
        return self._noted(
            await self._cache.require(lambda client: self._writer.write(client, known, changes))
        )

    async def _caught_up(self, upto: Mapping[int, int]) -> None:
        """Sees to it that all changes of some partitions below the given offsets are applied."""
        known = await self._cache.require(lambda client: watermarks(client, self._group_id, upto))
        if behind := {one: end for one, end in upto.items() if (known.next[one] or 0) < end}:
            self._health.without(NAME)
            try:
                await self._catch_up(
                    Watermarks(known.epoch, {one: known.next[one] for one in behind}), behind
                )
            except (KafkaError, OSError) as error:
                log.warning("user state can't catch up", extra={"error": type(error).__name__})
                raise DependencyUnavailable("kafka") from error
            finally:
                self._health.restored(NAME)
        self._know(known.epoch, {one: offset for one, offset in known.next.items() if one not in behind})

    async def _catch_up(self, known: Watermarks, ends: Mapping[int, int]) -> None:
        """Applies what lies between watermarks and ends, in bounded memory."""
        log.info("user state catches up", extra={"from": dict(known.next), "to": dict(ends)})
        count, said = 0, time.monotonic()
        async with ChangeReader(self._settings) as reader:
            async for changes, positions in reader.read(known.next, ends):
                known = (await self._caught(known, changes, positions)).marks
                count += len(changes)
                if time.monotonic() - said > LOG_SECONDS:
                    said = time.monotonic()
                    log.info(
                        "user state catches up", extra={"applied": count, "at": positions, "to": dict(ends)}
                    )
        await self._caught(known, (), ends)
        log.info("user state caught up", extra={"applied": count})

    async def _caught(self, known: Watermarks, changes: Changes, upto: Mapping[int, int]) -> Written:
        return self._noted(
            await self._cache.require(lambda client: self._catcher.write(client, known, changes, upto))
        )

    def _noted(self, written: Written) -> Written:
        self._know(written.marks.epoch, written.marks.next)
        return written

    def _know(self, epoch: int, next_offsets: Mapping[int, int | None]) -> None:
        before = self._known.next if self._known.epoch == epoch else {}
        self._known = Watermarks(epoch, {**before, **next_offsets})

    def _forget(self) -> None:
        self._known = Watermarks(self._known.epoch, {})
