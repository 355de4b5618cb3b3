"""Vectors in Redis: found again by any worker, unreadable from outside, gone in time, and never more than allowed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from privacy.tokens import Tokeniser
from streams.health import Health
from streams.settings import RedisSettings, Settings
from streams.state.connection import Cache
from streams.state.vectors import MOST_AT_ONCE, OVERHEAD_BYTES, RedisVectors

KEY = b"where is the parcel of [PERSON_1]"
VALUE = bytes(range(200))
SECRET = Tokeniser(b"k" * 32)


@pytest.fixture
async def cache(settings: Settings) -> AsyncIterator[Cache]:
    cache = Cache.open(settings.redis, Health())
    yield cache
    await cache.close()


def store(cache: Cache, settings: Settings, **other: Any) -> RedisVectors:
    given: dict[str, Any] = {
        "digest": "d" * 64,
        "tokeniser": SECRET,
        "seconds": 60,
        "most_bytes": 10_000,
    }
    return RedisVectors(cache, settings.group_id, **(given | other))


async def names(cache: Cache, settings: Settings) -> list[bytes]:
    assert cache.client is not None
    return [name async for name in cache.client.scan_iter(f"{settings.group_id}:vec:*")]


async def test_what_one_worker_kept_another_finds_until_its_time_is_up(
    cache: Cache, settings: Settings
) -> None:
    await store(cache, settings).put({KEY: VALUE, b"other": b"2"})
    other = store(cache, settings)
    assert await other.get([b"none", KEY, b"other", KEY]) == [None, VALUE, b"2", VALUE]
    assert await other.get([]) == []
    assert cache.client is not None
    for name in await names(cache, settings):
        assert 0 < await cache.client.ttl(name) <= 60


@pytest.mark.parametrize("other", [{"tokeniser": Tokeniser(b"x" * 32)}, {"digest": "e" * 64}])
async def test_another_installation_or_encoder_finds_nothing(
    cache: Cache, settings: Settings, other: dict[str, Any]
) -> None:
    await store(cache, settings).put({KEY: VALUE})
    assert await store(cache, settings, **other).get([KEY]) == [None]
    (name,) = await names(cache, settings)
    assert b"parcel" not in name


async def test_a_worker_adds_no_more_than_it_may_within_a_window(cache: Cache, settings: Settings) -> None:
    now = [0.0]
    room = 2 * (len(VALUE) + OVERHEAD_BYTES)
    mine = store(cache, settings, most_bytes=room, clock=lambda: now[0])
    await mine.put({bytes([number]): VALUE for number in range(5)})
    await mine.put({b"later": VALUE})
    assert len(await names(cache, settings)) == 2
    now[0] = 60.0
    await mine.put({b"later": VALUE})
    assert await mine.get([b"later"]) == [VALUE]


async def test_a_back_fill_leaves_nothing(cache: Cache, settings: Settings) -> None:
    await store(cache, settings, most_bytes=1 << 20).put(
        {number.to_bytes(2): VALUE for number in range(MOST_AT_ONCE + 1)}
    )
    assert not await names(cache, settings)


async def test_without_redis_nothing_is_known_and_nothing_fails() -> None:
    settings = Settings(redis=RedisSettings(url=SecretStr("redis://127.0.0.1:1"), timeout=0.5))
    cache = Cache.open(settings.redis, Health())
    mine = store(cache, settings)
    await mine.put({KEY: VALUE})
    assert await mine.get([KEY, b"other"]) == [None, None]
    await cache.close()
