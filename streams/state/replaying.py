"""Builds user and product state anew from `user-changes`, in an epoch beside the one in use, and switches to it.

Workers go on meanwhile in the old epoch. What they applied after the new one was read is missing in it when it comes
into use; they find its watermarks lower than they know them, and catch up from the topic.
"""

import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError, WatchError

from streams.client.errors import NotDelivered, NotSetUp, delivering, reaching
from streams.contracts.topics import USER_CHANGES
from streams.settings import Settings
from streams.state.change_reader import ChangeReader
from streams.state.keys import epoch_of, pointer
from streams.state.writing import Bounds, Moved, Watermarks, Writer, current_epoch

HELD_SECONDS: Final = 60
"""For which a replay that shows no sign of life keeps others away."""
DELETED_AT_ONCE: Final = 500
"""Keys."""

Progress = Callable[[int], AbstractContextManager[Callable[[int], Any]]]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay did.

    Attributes:
        epoch: the new one, in use now.
        changes: how many were read.
        users: how many they are about.
        seconds: how long it took.
    """

    epoch: int
    changes: int
    users: int
    seconds: float


async def replay(
    settings: Settings,
    client: Redis,
    since_ms: int | None,
    progress: Progress = lambda _total: nullcontext(lambda _done: None),
    bounds: Bounds | None = None,
) -> Replayed:
    """Reads changes up to the topic's stable end as it is now, brings what came of them into use, deletes the rest.

    Args:
        settings: with a broker's address.
        client: of the workers' Redis.
        since_ms: only changes that were written then or later (milliseconds since 1970); None: all that there are.
        progress: opened with the number of offsets to read; told how many are done.
        bounds: how much is kept; by the settings, where None.

    Raises:
        NotSetUp: Kafka or Redis can't be reached, the topic is missing, or another replay is under way.
        NotDelivered: Kafka or Redis broke off, or another replay took over; the old state stays in use.
    """
    started = time.monotonic()
    hold = _Hold(client, settings.group_id)
    try:
        await hold.take()
    except (RedisError, OSError) as error:
        raise NotSetUp(
            f"no answer from Redis ({type(error).__name__}): check the SHOPSTREAM_REDIS__… settings"
        ) from error
    try:
        old = await current_epoch(client, settings.group_id)
        new = old + 1
        await delete_epochs(client, settings.group_id, but=old)  # of replays that broke off
        writer = Writer(settings.group_id, bounds or Bounds.by(settings), building=True, answering=False)
        changes, users = await _build(settings, hold, writer, new, since_ms, progress)
        await hold.switch(old, new)
        await delete_epochs(client, settings.group_id, but=new)
    except (RedisError, OSError, Moved) as error:
        raise NotDelivered(
            f"the replay broke off ({type(error).__name__}); state in use is whole: try again"
        ) from error
    finally:
        await hold.let_go()
    return Replayed(new, changes, users, time.monotonic() - started)


async def delete_epochs(client: Redis, group_id: str, *, but: int) -> None:
    """Deletes the keys of all epochs but one, in small steps, so that nobody waits."""
    keys: list[bytes] = []
    async for key in client.scan_iter(f"{group_id}:e*", count=DELETED_AT_ONCE):
        if epoch_of(key.decode(), group_id) not in (None, but):
            keys.append(key)
        if len(keys) >= DELETED_AT_ONCE:
            await client.unlink(*keys)
            keys.clear()
    if keys:
        await client.unlink(*keys)


async def _build(
    settings: Settings, hold: "_Hold", writer: Writer, epoch: int, since_ms: int | None, progress: Progress
) -> tuple[int, int]:
    """Fills a new epoch; returns how many changes and users there were."""
    with reaching(settings):
        reader = await ChangeReader(settings).__aenter__()
    try:
        with reaching(settings):
            if not (partitions := await reader.partitions()):
                topic = settings.wire_topic(USER_CHANGES.name)
                raise NotSetUp(f"topic {topic} is missing; run `shopstream topics create`")
            ends = await reader.ends(partitions)
            starts = await reader.starts(partitions, since_ms)
        # Also of partitions without any change since then: where no watermark is, workers start at the beginning.
        marks = (
            await writer.write(hold.client, Watermarks(epoch, dict.fromkeys(partitions)), (), starts)
        ).marks
        first = sum(starts.values())
        changes = users = 0
        with delivering("reading has stopped"), progress(sum(ends.values()) - first) as show:
            async for batch, positions in reader.read(starts, ends):
                await hold.renew()
                written = await writer.write(hold.client, marks, batch, positions)
                marks = written.marks
                changes += len(batch)
                users += written.new_users
                show(sum(positions.values()) - first)
        return changes, users
    finally:
        await reader.__aexit__(None, None, None)


class _Hold:
    """Keeps other replays away, as long as it is renewed.

    Args:
        client: of the server.
        group_id: the consumer group.
    """

    def __init__(self, client: Redis, group_id: str) -> None:
        self.client = client
        self._pointer = pointer(group_id)
        self._key = f"{group_id}:replay"
        self._mine = secrets.token_hex(8).encode()

    async def take(self) -> None:
        if not await self.client.set(self._key, self._mine, nx=True, ex=HELD_SECONDS):
            raise NotSetUp(f"another replay is under way, or ended by force less than {HELD_SECONDS} s ago")

    async def renew(self) -> None:
        if await self.client.get(self._key) != self._mine:
            raise NotDelivered("another replay took over; the old state stays in use")
        await self.client.expire(self._key, HELD_SECONDS)

    async def switch(self, old: int, new: int) -> None:
        """Brings the new epoch into use, if this is still the only replay."""
        async with self.client.pipeline() as pipe:
            await pipe.watch(self._key, self._pointer)
            found, epoch = await pipe.mget(self._key, self._pointer)
            if found != self._mine or int(epoch or 1) != old:
                raise WatchError
            pipe.multi()  # type: ignore[no-untyped-call]
            pipe.set(self._pointer, new)
            await pipe.execute()

    async def let_go(self) -> None:
        with suppress(RedisError, OSError):
            if await self.client.get(self._key) == self._mine:
                await self.client.delete(self._key)
