"""A Redis that lost something is made whole from the topic before new changes come: equal to an undisturbed one."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from streams.contracts.records import UserChange
from streams.delivery.errors import DependencyUnavailable
from streams.delivery.stage import Placed
from streams.health import Health
from streams.local.valkey import Valkey
from streams.settings import RedisSettings, Settings
from streams.state.connection import Cache
from streams.state.keys import EpochKeys
from streams.state.users import UserState
from streams.state.writing import Moved, watermarks
from tests.state.append_only_file import newest, renewed, tear
from tests.state.conftest import Publish, States
from tests.state.shop import PARTITIONS, changes, placed


@pytest.fixture
async def undisturbed(states: States, with_topic: Settings) -> UserState:
    """Another group, which reads the same topic and loses nothing."""
    return states(settings=with_topic, group="undisturbed")


@pytest.fixture
async def state(states: States, with_topic: Settings) -> UserState:
    return states(settings=with_topic)


def client_of(state: UserState) -> Any:
    assert state._cache.client is not None
    return state._cache.client


async def saved(state: UserState) -> dict[bytes, bytes]:
    """What Redis holds of the group, to be brought back later: as after a crash that lost what came since."""
    client = client_of(state)
    keys = [key async for key in client.scan_iter(f"{state._group_id}:*")]
    return {key: await client.dump(key) or b"" for key in keys}


async def bring_back(state: UserState, before: dict[bytes, bytes]) -> None:
    client = client_of(state)
    if keys := [key async for key in client.scan_iter(f"{state._group_id}:*")]:
        await client.delete(*keys)
    for key, value in before.items():
        await client.restore(key, 0, value)


async def test_a_lost_tail_is_read_again_before_the_next_batch(
    state: UserState, undisturbed: UserState, publish: Publish
) -> None:
    first, lost, last = [await publish(changes(n, 60, first=60 * n)) for n in range(3)]
    await state.apply(first)
    before = await saved(state)
    await state.apply(lost)
    await bring_back(state, before)
    state.start_generation()
    pictures = await state.apply(last)
    assert pictures == await undisturbed_after(undisturbed, first, lost, last)
    assert await state.dump() == await undisturbed.dump()


async def test_a_tail_that_is_lost_within_a_generation_is_noticed(
    state: UserState, undisturbed: UserState, publish: Publish
) -> None:
    first, lost, last = [await publish(changes(n, 60, first=60 * n)) for n in range(3)]
    await state.apply(first)
    before = await saved(state)
    await state.apply(lost)
    await bring_back(state, before)
    await state.apply(last)
    await undisturbed_after(undisturbed, first, lost, last)
    assert await state.dump() == await undisturbed.dump()


async def test_a_lost_tail_is_mended_though_nothing_new_comes(
    state: UserState, undisturbed: UserState, publish: Publish
) -> None:
    first, lost = [await publish(changes(n, 60, first=60 * n)) for n in range(2)]
    await state.apply(first)
    before = await saved(state)
    await state.apply(lost)
    await bring_back(state, before)
    assert await state.dump() != await undisturbed.dump()
    await state.mend()
    await undisturbed_after(undisturbed, first, lost)
    assert await state.dump() == await undisturbed.dump()


async def test_a_new_owner_mends_what_the_group_had_committed(
    state: UserState, undisturbed: UserState, publish: Publish
) -> None:
    every = await publish(changes(1, 60))
    state.start_generation({one.partition: one.offset + 1 for one in every})
    await state.mend()
    await undisturbed.apply(every)
    assert await state.dump() == await undisturbed.dump()


async def test_an_empty_redis_is_filled_from_the_topic(
    state: UserState, undisturbed: UserState, publish: Publish
) -> None:
    old = await publish(changes(1, 3_000))
    new = await publish(changes(2, 10, first=3_000))
    await state.apply(new)
    await undisturbed_after(undisturbed, old, new)
    assert await state.dump() == await undisturbed.dump()


async def test_a_batch_that_failed_is_caught_up_with_if_its_successor_comes_first(
    state: UserState, undisturbed: UserState, publish: Publish
) -> None:
    first, failing, last = [await publish(changes(n, 40, first=40 * n)) for n in range(3)]
    await state.apply(first)
    state._cache._closed_until = time.monotonic() + 60
    with pytest.raises(DependencyUnavailable):
        await state.apply(failing)
    state._cache._closed_until = 0
    await state.apply(last)
    await undisturbed_after(undisturbed, first, failing, last)
    assert await state.dump() == await undisturbed.dump()
    await state.apply(failing)
    assert await state.dump() == await undisturbed.dump()


async def test_a_restart_in_the_middle_of_a_transaction_leaves_no_gap(
    state: UserState, undisturbed: UserState, publish: Publish
) -> None:
    """The tail is lost between a worker's look at the watermarks and its write, the one moment it could go unseen."""
    first, lost, last = [await publish(changes(n, 40, first=40 * n)) for n in range(3)]
    await state.apply(first)
    before = await saved(state)
    await state.apply(lost)
    client = client_of(state)
    known = await watermarks(client, state._group_id, range(PARTITIONS))
    original = state._writer._watch.__func__  # type: ignore[attr-defined]

    async def watch_then_lose(self: object, *arguments: object) -> None:
        await original(self, *arguments)
        await bring_back(state, before)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(state._writer), "_watch", watch_then_lose)
        with pytest.raises(Moved):
            await state._writer.write(client, known, last)
    await state.apply(last)
    await undisturbed_after(undisturbed, first, lost, last)
    assert await state.dump() == await undisturbed.dump()


async def test_without_kafka_catching_up_waits(states: States) -> None:
    state = states()
    with pytest.raises(DependencyUnavailable, match="kafka"):
        await state.apply(placed(changes(1, 5), start=9))
    assert not state._health.waiting


@pytest.fixture
async def on_own(own_valkey: Valkey, with_topic: Settings) -> AsyncIterator[UserState]:
    redis = RedisSettings(url=SecretStr(own_valkey.url), timeout=1)
    settings = with_topic.model_copy(update={"redis": redis})
    cache = Cache.open(settings.redis, Health())
    yield UserState(cache, settings, Health())
    await cache.close()


async def test_a_killed_redis_whose_file_lost_its_end(
    own_valkey: Valkey, on_own: UserState, undisturbed: UserState, publish: Publish
) -> None:
    """SIGKILL, and the last fifth of the append-only file is gone, cut in the middle of a command."""
    batches = [await publish(changes(n, 40, first=40 * n)) for n in range(5)]
    await on_own.apply(batches[0])
    await renewed(client_of(on_own))  # as the first batch on a server asks for
    for batch in batches[1:4]:
        await on_own.apply(batch)
    await asyncio.to_thread(own_valkey.kill)
    with pytest.raises(DependencyUnavailable, match="redis"):
        await on_own.apply(batches[4])
    assert await on_own.histories(["u0"]) is None
    tear(own_valkey.folder, newest(own_valkey.folder).stat().st_size // 5)
    await asyncio.to_thread(own_valkey.start)
    on_own._cache._closed_until = 0
    lost = await watermarks(client_of(on_own), on_own._group_id, range(PARTITIONS))
    assert any((offset or 0) <= batches[3][-1].offset for offset in lost.next.values())
    await on_own.apply(batches[4])
    await undisturbed_after(undisturbed, *batches)
    assert await on_own.dump() == await undisturbed.dump()


async def test_away_is_said_within_the_timeout(settings: Settings, tmp_path: Path) -> None:
    """A socket that takes connections and never answers."""
    server = await asyncio.start_unix_server(
        lambda _reader, _writer: asyncio.sleep(60), tmp_path / "deaf.sock"
    )
    deaf = RedisSettings(url=SecretStr(f"unix://{tmp_path}/deaf.sock"), timeout=0.3)
    health = Health()
    state = UserState(Cache.open(deaf, health), settings.model_copy(update={"redis": deaf}), health)
    started = time.monotonic()
    assert await state.histories(["u1"]) is None
    assert time.monotonic() - started < 3
    with pytest.raises(DependencyUnavailable):
        await state.apply(placed(changes(1, 3)))
    assert "redis" in health.degraded
    server.close()


async def undisturbed_after(undisturbed: UserState, *batches: list[Placed[UserChange]]) -> dict[str, object]:
    """What the undisturbed one tells of its users after the last of the batches."""
    pictures: dict[str, object] = {}
    for batch in batches:
        pictures = dict(await undisturbed.apply(batch))
    return pictures


async def test_watermarks_are_by_partition(state: UserState, publish: Publish) -> None:
    every = await publish(changes(1, 40))
    await state.apply(every)
    keys = EpochKeys(state._group_id, 1)
    for partition in range(PARTITIONS):
        last = max(one.offset for one in every if one.partition == partition)
        assert int(await client_of(state).get(keys.watermark(partition)) or 0) == last + 1
