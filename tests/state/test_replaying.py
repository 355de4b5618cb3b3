"""An epoch built anew beside the one in use, and brought into use while workers go on."""

import asyncio
import time

import pytest
from redis.asyncio import Redis

from streams.cli.replay import _since
from streams.client.errors import NotDelivered, NotSetUp
from streams.settings import Settings
from streams.state.keys import EpochKeys, pointer
from streams.state.products import RedisStandings
from streams.state.replaying import HELD_SECONDS, delete_epochs, replay
from streams.state.users import UserState
from tests.state.conftest import Publish, States
from tests.state.shop import PARTITIONS, changes


@pytest.fixture
async def state(states: States, with_topic: Settings) -> UserState:
    return states(settings=with_topic)


@pytest.fixture
def client(state: UserState) -> Redis:
    assert state._cache.client is not None
    return state._cache.client


async def test_the_new_epoch_equals_the_old_one_which_is_deleted(
    state: UserState, client: Redis, with_topic: Settings, publish: Publish
) -> None:
    await state.apply(await publish(changes(1, 2_500)))
    before = await state.dump()
    done = await replay(with_topic, client, None)
    assert (done.epoch, done.changes, done.users) == (2, 2_500, 5)
    assert await state.dump() == before
    assert not [key async for key in client.scan_iter(EpochKeys(with_topic.group_id, 1).prefix + "*")]
    assert await client.get(f"{with_topic.group_id}:replay") is None


async def test_damaged_state_is_mended(
    state: UserState, client: Redis, with_topic: Settings, publish: Publish
) -> None:
    every = await publish(changes(1, 50))
    await state.apply(every)
    right = await state.dump()
    actions, *_ = EpochKeys(with_topic.group_id, 1).user("u1")
    await client.delete(actions)
    assert await state.dump() != right
    await replay(with_topic, client, None)
    assert await state.dump() == right
    pictures = await state.apply(await publish(changes(2, 5, first=50)))
    assert pictures.keys() <= right["users"].keys()


async def test_epochs_switch_under_traffic(
    states: States, state: UserState, client: Redis, with_topic: Settings, publish: Publish
) -> None:
    """Two replays while a worker applies and a reader asks: nothing lost, nothing twice, no history seen empty."""
    undisturbed = states(settings=with_topic, group="undisturbed")
    first = await publish(changes(0, 200))
    for one in (state, undisturbed):
        await one.apply(first)
    reader, stop = states(settings=with_topic), asyncio.Event()

    async def work() -> None:
        for number in range(1, 30):
            batch = await publish(changes(number, 20, first=1_000 * number))
            await state.apply(batch)
            await undisturbed.apply(batch)
        stop.set()

    async def read() -> None:
        while not stop.is_set():
            histories = await reader.histories(["u1", "u2"])
            assert histories is not None
            assert all(one.actions for one in histories.values())
            await asyncio.sleep(0)

    async def replays() -> None:
        for _ in range(2):
            await replay(with_topic, client, None)

    await asyncio.gather(work(), read(), replays())
    await state.mend()
    assert await state.dump() == await undisturbed.dump()
    assert int(await client.get(pointer(with_topic.group_id)) or 1) == 3
    standings = RedisStandings(state._cache, with_topic)
    await standings.prefetch([])
    assert len(standings.popular(100)) == 8


@pytest.mark.parametrize("count", [0, 3])
async def test_from_a_time_only_what_was_written_since(
    states: States, state: UserState, client: Redis, with_topic: Settings, publish: Publish, count: int
) -> None:
    """The old is left out for good: a worker goes on where the replay ended, and does not read it again."""
    await state.apply(await publish(changes(1, 100)))
    await asyncio.sleep(0.05)
    since = int(time.time() * 1000)
    await asyncio.sleep(0.05)
    new = await publish(changes(2, count, first=100))
    assert (await replay(with_topic, client, since)).changes == count
    last = await publish(changes(3, 20, first=103))
    await state.apply(last)
    await state.mend()
    kept = states(settings=with_topic, group="kept")
    kept._known = type(kept._known)(1, dict.fromkeys(range(PARTITIONS)))  # no catching up
    await kept.apply([*new, *last])
    assert await state.dump() == await kept.dump()


async def test_nothing_is_written_into_an_epoch_that_was_replaced(
    state: UserState, client: Redis, with_topic: Settings, publish: Publish
) -> None:
    await state.apply(await publish(changes(1, 40)))
    before = await state.dump(1)
    await client.set(pointer(with_topic.group_id), 2)
    await state.apply(await publish(changes(2, 40, first=40)))
    assert await state.dump(1) == before
    assert len((await state.dump(2))["users"]) == 5


async def test_an_empty_topic_gives_an_empty_epoch(client: Redis, with_topic: Settings) -> None:
    done = await replay(with_topic, client, None)
    assert (done.epoch, done.changes, done.users) == (2, 0, 0)


async def test_one_replay_at_a_time(
    state: UserState, client: Redis, with_topic: Settings, publish: Publish
) -> None:
    await state.apply(await publish(changes(1, 20)))
    before = await state.dump()
    hold = f"{with_topic.group_id}:replay"
    await client.set(hold, b"other", ex=HELD_SECONDS)
    with pytest.raises(NotSetUp, match="another replay"):
        await replay(with_topic, client, None)
    await client.delete(hold)

    async def take_over(*_: object) -> None:
        await client.set(hold, b"other")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("streams.state.replaying._Hold.renew", take_over)
        with pytest.raises(NotDelivered):
            await replay(with_topic, client, None)
    assert await state.dump(1) == before
    assert await state.dump() == before
    await client.delete(hold)
    assert (await replay(with_topic, client, None)).epoch == 2
    assert await state.dump() == before


async def test_without_topic_or_broker_it_says_so(states: States, settings: Settings, kafka: str) -> None:
    client = states()._cache.client
    assert client is not None
    with pytest.raises(NotSetUp, match="no answer from Kafka"):
        await replay(settings, client, None)
    there = settings.kafka.model_copy(update={"bootstrap": kafka})
    with pytest.raises(NotSetUp, match="is missing"):
        await replay(settings.model_copy(update={"kafka": there}), client, None)


async def test_only_epochs_are_deleted(client: Redis, prefix: str) -> None:
    kept = [
        f"{prefix}:epoch",
        f"{prefix}:e2:x",
        f"{prefix}:crash-marks",
        f"{prefix}-b:e1:x",
        f"{prefix}:else:x",
    ]
    gone = [f"{prefix}:e1:x", f"{prefix}:e3:x", f"{prefix}:e22:x"]
    await client.mset(dict.fromkeys([*kept, *gone], b""))
    await delete_epochs(client, prefix, but=2)
    assert await client.exists(*kept) == len(kept)
    assert await client.exists(*gone) == 0


@pytest.mark.parametrize("text", ["last=7d", "last=90m", "2026-03-14", "2026-03-14T09:26:53+01:00"])
def test_times_are_read(text: str) -> None:
    since = _since(text)
    assert since is not None
    assert since.tzinfo is not None
