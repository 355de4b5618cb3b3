"""How products fare: sums that do not depend on order, and popularity that goes by event time."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from models.recommend.history import Standing
from streams.health import Health
from streams.settings import RedisSettings, Settings
from streams.state.changes import BUCKETS, HALF_LIFE
from streams.state.connection import Cache
from streams.state.products import MAX_AGE, RedisStandings
from streams.state.writing import Bounds
from tests.state.conftest import States
from tests.state.shop import change, feeling, placed

HALF = HALF_LIFE.days


class Clock:
    """Seconds that stand still."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def standings(settings: Settings, clock: Clock) -> AsyncIterator[RedisStandings]:
    cache = Cache.open(settings.redis, Health())
    yield RedisStandings(cache, settings, clock)
    await cache.close()


async def test_counts_and_opinions_are_summed(states: States, standings: RedisStandings) -> None:
    state = states()
    await state.apply(
        placed(
            [
                change(1, "a"),
                change(2, "b", "reviewed", rating=5, sentiment=feeling(0.9, 0.05)),
                change(3, "c", "reviewed", rating=2, sentiment=feeling(0.1, 0.7)),
                change(4, "d", "reviewed", rating=1),
                change(5, "a", "bought", quantity=3),
                change(6, "a", "dismissed", "p2"),
            ]
        )
    )
    one, other = (await state.dump())["products"].values()
    assert one | {"interest": "", "popularity": ""} == {
        "viewed": "1",
        "reviewed": "3",
        "bought": "1",
        "sentiment": "250",
        "sentiments": "2",
        "interest": "",
        "popularity": "",
    }
    assert other == {"dismissed": "1"}
    assert await standings.prefetch(["p1", "p2", "p3"])
    assert standings.of("p1") == Standing(popularity=1.0, opinion=0.125, reviews=3)
    assert standings.of("p2") == standings.of("p3") == standings.of("never asked for") == Standing()


async def test_popularity_halves_in_a_half_life_by_event_time(
    states: States, standings: RedisStandings
) -> None:
    """Old interest that arrives late is old: the order of arrival is the reverse of that of event time."""
    days = {"now": 20 * HALF, "then": 19 * HALF, "before": 17 * HALF}
    await states().apply(
        placed([change(n, f"u{n}", product=p, day=day) for n, (p, day) in enumerate(days.items())])
    )
    await standings.prefetch(days)
    assert standings.popular(2) == ("now", "then")
    assert [standings.of(one).popularity for one in days] == pytest.approx([1, 1 / 2, 1 / 8], rel=1e-5)


async def test_many_views_of_long_ago_are_overtaken_by_one_of_today(
    states: States, standings: RedisStandings
) -> None:
    many_old = [change(n, f"u{n}", product="old", day=0) for n in range(100)]
    await states().apply(placed([*many_old, change(200, product="new", day=8 * HALF)]))
    await standings.prefetch(["old", "new"])
    assert standings.popular(9) == ("new", "old")
    assert standings.of("old").popularity == pytest.approx(100 / 2**8, rel=1e-5)


async def test_interest_is_bounded_whatever_its_order(states: States) -> None:
    """More buckets of time than are kept; what falls out at the far end counts in the oldest."""
    views = [change(n, f"u{n % 3}", day=(n * 37 % 400) * 2) for n in range(400)]
    up, down = states(group="up"), states(group="down")
    for first in range(0, 400, 100):
        await up.apply(placed(views)[first : first + 100])
    await down.apply(placed(views[::-1]))
    product = (await up.dump())["products"]["p1"]
    weights = [int(one) for one in product["interest"][1:-1].split(",")][1:]
    assert len(weights) == BUCKETS
    assert sum(weights) == 400
    assert weights[-1] == 400 - BUCKETS + 1
    assert (await down.dump())["products"]["p1"] == product


async def test_the_list_of_popular_ones_is_bounded(states: States, standings: RedisStandings) -> None:
    await states(Bounds(popular=3)).apply(
        placed([change(n, product=f"p{n}", day=n) for n in range(0, 40, 2)])
    )
    await standings.prefetch([])
    assert standings.popular(10) == ("p38", "p36", "p34")
    assert standings.popular(1) == ("p38",)


async def test_answers_are_used_for_a_moment_then_asked_for_again(
    states: States, standings: RedisStandings, clock: Clock
) -> None:
    state = states()
    await state.apply(placed([change(1, kind="reviewed")]))
    await standings.prefetch(["p1"])
    await state.apply(placed([change(2, kind="reviewed")], start=10))
    await standings.prefetch(["p1"])
    assert standings.of("p1").reviews == 1
    clock.now += MAX_AGE + 0.1
    assert await standings.prefetch(["p1"])
    assert standings.of("p1").reviews == 2


async def test_while_redis_is_away_what_was_known_last_is_used(
    states: States, settings: Settings, standings: RedisStandings, clock: Clock, tmp_path: object
) -> None:
    await states().apply(placed([change(1, kind="reviewed")]))
    await standings.prefetch(["p1"])
    away = RedisSettings(url=SecretStr(f"unix://{tmp_path}/none.sock"), timeout=0.2)
    standings._cache = Cache.open(away, Health())
    clock.now += MAX_AGE + 0.1
    assert not await standings.prefetch(["p1", "p2"])
    assert standings.of("p1") == Standing(popularity=1.0, reviews=1)
    assert standings.popular(5) == ("p1",)
    assert standings.of("p2") == Standing()
