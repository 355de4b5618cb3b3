"""User state: the same changes give the same state, whatever their batches were and however often they came."""

import random

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from models.recommend.history import Action, History
from streams.settings import Settings
from streams.state.changes import LONGEST_TEXT, Picture, Words
from streams.state.keys import EpochKeys, epoch_of, token_of
from streams.state.writing import Bounds
from tests.state.conftest import Publish, States
from tests.state.shop import START, change, changes, feeling, in_batches, placed

BOUNDS = Bounds(actions=6, bought=3, popular=4)
DAY = 86_400.0
FIRST = START.timestamp()


@given(seed=st.integers(0, 2**32), count=st.integers(1, 60))
@examples(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_batches_and_repetitions_change_nothing(states: States, seed: int, count: int) -> None:
    """Against one batch of all: other batches, of which some come again as they were, or from further back."""
    rng = random.Random(seed)
    every = placed(changes(seed, count))
    at_once = states(BOUNDS, group=f"once-{seed}-{count}")
    await at_once.apply(every)
    bit_by_bit = states(BOUNDS, group=f"bits-{seed}-{count}")
    done = every[:0]
    for batch in in_batches(rng, every):
        await bit_by_bit.apply(batch)
        done += batch
        if rng.random() < 0.3:
            await bit_by_bit.apply(done[rng.randrange(len(done) + 1) :])
    assert await bit_by_bit.dump() == await at_once.dump()


@given(order=st.permutations(range(12)))
@examples(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_event_time_decides_not_the_order_of_arrival(states: States, order: list[int]) -> None:
    """One user's changes in any order in the topic, more of them than are kept."""
    mixed = changes(7, 12, users=1, products=3)
    expected, permuted = states(BOUNDS, group="in-order"), states(BOUNDS, group="-".join(map(str, order)))
    await expected.apply(placed(mixed))
    await permuted.apply(placed([mixed[number] for number in order]))
    assert await permuted.dump() == await expected.dump()


async def test_a_batch_tells_what_is_known_of_its_users(states: States) -> None:
    state = states()
    await state.apply(placed([change(0, "other")]))
    pictures = await state.apply(
        placed(
            [
                change(1, kind="bought", product="shoe", day=2),
                change(2, kind="searched", product=None, text="boots", day=1),
                change(3, kind="reviewed", product="shoe", day=3, rating=1, sentiment=feeling(0.25, 0.5)),
                change(4, kind="reviewed", product="hat", day=4, rating=4),
                change(5, kind="bought", product="shoe", day=1),
            ],
            start=100,
        )
    )
    assert list(pictures) == ["u1"]
    assert pictures["u1"].history.actions == [
        Action("shoe", "bought", FIRST + DAY),
        Action("shoe", "bought", FIRST + 2 * DAY),
        Action("shoe", "reviewed", FIRST + 3 * DAY, -0.25),
        Action("hat", "reviewed", FIRST + 4 * DAY, 0.5),
    ]
    assert pictures["u1"].history.bought == {"shoe": FIRST + 2 * DAY}
    assert pictures["u1"].words == [Words("searched", "boots", FIRST + DAY)]
    nobody = Picture(History([], {}), [])
    assert await state.pictures(["u1", "nobody"]) == {"u1": pictures["u1"], "nobody": nobody}


async def test_the_latest_by_event_time_are_kept_and_texts_are_cut(states: States) -> None:
    state = states(BOUNDS)
    many = [change(n, kind="bought", product=f"p{n}", day=(n * 7) % 10) for n in range(10)]
    long = change(99, kind="asked", product=None, text="x" * 20_000, day=20)
    (known,) = (await state.apply(placed([*many, long]))).values()
    assert [one.at for one in known.history.actions] == [FIRST + day * DAY for day in range(5, 10)]
    assert sorted(known.history.bought.values()) == [FIRST + day * DAY for day in range(7, 10)]
    assert [len(one.text) for one in known.words] == [LONGEST_TEXT]


async def test_a_zombie_changes_nothing(states: States, with_topic: Settings, publish: Publish) -> None:
    """A worker that was stopped goes on with what it had, which the next owner has applied, or has not yet."""
    zombie, owner = states(settings=with_topic), states(settings=with_topic)
    alone = states(settings=with_topic, group="alone")
    batches = [await publish(changes(n, 30, first=30 * n)) for n in range(4)]
    for batch in batches:
        await alone.apply(batch)
    await zombie.apply(batches[0])
    await owner.apply(batches[1])
    await zombie.apply(batches[1][:15])
    await owner.apply(batches[2])
    await zombie.apply(batches[1][15:])
    await zombie.apply(batches[2])
    await zombie.apply(batches[3])
    await owner.apply(batches[3])
    assert await owner.dump() == await alone.dump()


@pytest.mark.slow
async def test_one_user_with_100_000_interactions_stays_small(states: States, settings: Settings) -> None:
    state = states()
    every = [change(n, kind="bought", product=f"p{n % 5_000}", day=n / 1_000) for n in range(100_000)]
    whole = placed(every)
    for start in range(0, len(whole), 5_000):
        pictures = await state.apply(whole[start : start + 5_000])
    history = pictures["u1"].history
    assert (len(history.actions), len(history.bought)) == (256, 2_000)
    assert history.actions[-1].at == every[-1].time.timestamp()
    keys = EpochKeys(settings.group_id, 1).user("u1")
    assert state._cache.client is not None
    sizes = [await state._cache.client.memory_usage(key, samples=0) or 0 for key in keys]
    assert sum(sizes) < 400_000


@pytest.mark.parametrize("token", ["u1", "{", "}a", "{x}y{z}", "a%7Bb", "王 芳", "a:b:actions"])
async def test_any_token_has_keys_of_its_own_in_one_slot(states: States, token: str) -> None:
    keys = EpochKeys("g", 3).user(token)
    tags = {key[key.index("{") + 1 : key.index("}")] for key in keys}
    assert len(tags) == 1
    assert all(tags)
    assert epoch_of(keys[0], "g") == 3
    assert token_of("{" + tags.pop() + "}") == token
    state = states()
    await state.apply(placed([change(1, token)]))
    assert list((await state.dump())["users"]) == [token]


async def test_scripts_that_the_server_forgot_are_sent_again(states: States) -> None:
    state = states()
    every = placed(changes(5, 40))
    await state.apply(every[:20])
    assert state._cache.client is not None
    await state._cache.client.script_flush()
    await state.apply(every[20:])
    await state._cache.client.script_flush()
    assert await state.histories(["u0"])
    other = states(group="other")
    await other.apply(every)
    assert await state.dump() == await other.dump()


async def test_nothing_is_applied_for_no_changes(states: States) -> None:
    state = states()
    assert await state.apply([]) == {}
    assert await state.histories([]) == {}
    await state.mend()
    assert await state.dump() == {"users": {}, "products": {}, "reviews": {}, "popular": []}
