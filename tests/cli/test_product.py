"""`shopstream product` as a shell would call it."""

import asyncio

import pytest
from pydantic import SecretStr

from streams.health import Health
from streams.settings import RedisSettings, Settings
from streams.state.connection import Cache
from streams.state.users import UserState
from tests.cli.conftest import Shell
from tests.state.shop import change, feeling, opinion, placed


@pytest.fixture
def redis(valkey: str) -> dict[str, str]:
    return {"SHOPSTREAM_REDIS__URL": valkey}


def apply(settings: Settings, valkey: str) -> None:
    """A view, an early complaint and a late praise."""
    made = settings.model_copy(update={"redis": RedisSettings(url=SecretStr(valkey), timeout=5)})
    opinions = [opinion("fit", "negative")], [opinion("fit", "positive"), opinion("look", "mixed")]

    async def work() -> None:
        cache = Cache.open(made.redis, Health())
        await UserState(cache, made, Health()).apply(
            placed(
                [
                    change(1),
                    change(
                        2, "u2", "reviewed", day=1, rating=1, sentiment=feeling(0.1, 0.8), aspects=opinions[0]
                    ),
                    change(
                        3, "u3", "reviewed", day=91, stars=4.5, sentiment=feeling(0.9, 0), aspects=opinions[1]
                    ),
                ]
            )
        )
        await cache.close()

    asyncio.run(work())


def test_it_shows_figures_by_window_and_decayed(
    shopstream: Shell, settings: Settings, valkey: str, redis: dict[str, str]
) -> None:
    apply(settings, valkey)
    said = shopstream("product", "p1", "--at", "2026-04-02", "--json", **redis).json
    assert said["counts"] == {"viewed": 1, "reviewed": 2}
    assert said["now"] == {
        "reviews": 1.5,
        "rated": 0.5,
        "stars": 3.3333,
        "sentiment": {"negative": 0.3333, "neutral": 0.0, "positive": 0.6667},
        "aspects": {
            "fit": {"negative": 0.5, "mixed": 0, "positive": 1},
            "look": {"negative": 0, "mixed": 1, "positive": 0},
        },
    }
    assert [(one["days"], one["reviews"]) for one in said["windows"]] == [(7, 1), (30, 1), (90, 1)]
    assert [one["day"] for one in said["days"]] == ["2026-01-02", "2026-04-02"]
    text = shopstream("product", "p1", "--at", "2026-04-02", **redis).out
    assert "viewed 1, reviewed 2" in text
    assert ["now", "(decayed)", "1.5", "3.33", "33%", "0%", "67%"] in map(str.split, text.splitlines())
    assert ["fit", "1.5", "33%", "0%", "67%"] in map(str.split, text.splitlines())


def test_without_product_redis_or_sense_it_says_so(shopstream: Shell, redis: dict[str, str]) -> None:
    unknown = shopstream("product", "p1", **redis)
    assert (unknown.code, "nothing is known" in unknown.err) == (1, True)
    assert shopstream("product", "p1", "--at", "soon", **redis).code == 2
    unset = shopstream("product", "p1")
    assert (unset.code, "SHOPSTREAM_REDIS__URL" in unset.err) == (78, True)
    away = shopstream("product", "p1", SHOPSTREAM_REDIS__URL="redis://127.0.0.1:1")
    assert (away.code, "no answer from Redis" in away.err) == (78, True)
