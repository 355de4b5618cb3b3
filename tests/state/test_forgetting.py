"""A user's erasure in Redis: nothing of theirs is left, nothing comes back, and what they do later starts afresh."""

from redis.asyncio import Redis

from models.recommend.history import History
from streams.contracts.records import UserChange
from streams.settings import Settings
from streams.state import scripts
from streams.state.changes import Picture
from streams.state.keys import EpochKeys
from streams.state.replaying import replay
from streams.state.users import UserState
from tests.state.conftest import Publish, States
from tests.state.shop import change, changes, placed

GONE = change(90, kind="forgotten", product=None, day=50)


def deeds(first: int = 0, user: str = "u1") -> list[UserChange]:
    return [
        change(first, user, "bought", "shoe", day=1),
        change(first + 1, user, "searched", None, text="boots", day=2),
    ]


def client_of(state: UserState) -> Redis:
    assert state._cache.client is not None
    return state._cache.client


async def test_nothing_of_the_user_is_left_but_offsets_that_expire(
    states: States, settings: Settings
) -> None:
    state = states()
    await state.apply(placed([*deeds(), *deeds(10, "u2"), GONE]))
    assert (await state.dump())["users"].keys() == {"u2"}
    assert await state.pictures(["u1", "never seen"]) == {
        "u1": (picture := Picture(History([], {}), [])),
        "never seen": picture,
    }
    client = client_of(state)
    actions, bought, applied = EpochKeys(settings.group_id, 1).user("u1")
    assert not await client.exists(actions, bought)
    assert 0 < await client.ttl(applied) <= 86_400


async def test_sums_over_all_users_stay(states: States) -> None:
    state = states()
    await state.apply(placed(deeds()))
    before = (await state.dump())["products"]
    await state.apply(placed([*deeds(), GONE])[2:])
    assert (await state.dump())["products"] == before


async def test_the_order_within_a_batch_counts(states: States) -> None:
    state = states()
    later = change(91, kind="viewed", product="sock", day=60)
    pictures = await state.apply(placed([*deeds(), GONE, later]))
    assert [one.product_id for one in pictures["u1"].history.actions] == ["sock"]
    assert not pictures["u1"].history.bought
    assert not pictures["u1"].words


async def test_a_change_that_comes_late_brings_nothing_back(states: States, settings: Settings) -> None:
    """As a fenced worker's, whose script runs again: the offsets are still known."""
    state = states()
    await state.apply(placed([*deeds(), GONE]))
    client = client_of(state)
    keys = EpochKeys(settings.group_id, 1).user("u1")
    (source,) = await client.hkeys(keys[2])
    late = [source, 9, 9, 1, 60, 0, 1, b'["c","viewed","shoe",null,null]', "shoe"]
    assert (await client.evalsha(scripts.USERS.digest, 3, *keys, *late))[1:] == [b"[]", b"[]"]


async def test_a_user_who_comes_back_is_kept(states: States, settings: Settings) -> None:
    state = states()
    every = placed([*deeds(), GONE, change(91, product="sock", day=60)])
    await state.apply(every[:3])
    await state.apply(every[3:])
    client = client_of(state)
    assert await client.ttl(EpochKeys(settings.group_id, 1).user("u1")[2]) == -1


async def test_a_replay_forgets_as_well(states: States, with_topic: Settings, publish: Publish) -> None:
    state = states(settings=with_topic)
    await state.apply(await publish([*changes(1, 300), GONE, *changes(2, 20, users=2, first=300)]))
    before = await state.dump()
    await replay(with_topic, client_of(state), None)
    assert await state.dump() == before
    assert len(before["users"]["u1"]["actions"]) < 20
