"""Resends, with a real Valkey: a lower offset of the same partition came first, or it is no resend."""

from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis
from pydantic import SecretStr

from streams.health import Health
from streams.settings import RedisSettings
from streams.state.connection import Cache
from streams.state.resends import REDRIVE_HEADER, RedisResends
from tests.delivery.fakes import record


class Clock:
    """Unix time that stands still."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def cache(valkey: str) -> AsyncIterator[Cache]:
    cache = Cache.open(RedisSettings(url=SecretStr(valkey)), Health())
    yield cache
    await cache.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def resends(cache: Cache, prefix: str, clock: Clock) -> RedisResends:
    return RedisResends(cache, prefix, 100, clock)


async def test_the_same_id_at_a_higher_offset_is_a_resend(resends: RedisResends) -> None:
    assert await resends.repeated([(record(5), "a"), (record(6), "b")]) == [False, False]
    assert await resends.repeated([(record(7), "a"), (record(8), "c")]) == [True, False]


async def test_the_same_record_delivered_again_is_none(resends: RedisResends) -> None:
    """After a crash it has to be decided again, though its id was remembered."""
    batch = [(record(5), "a"), (record(6), "b")]
    assert await resends.repeated(batch) == [False, False]
    assert await resends.repeated(batch) == [False, False]


async def test_after_a_crash_first_and_resend_are_told_apart_again(resends: RedisResends) -> None:
    batch = [(record(5), "a"), (record(9), "a")]
    assert await resends.repeated(batch) == [False, True]
    assert await resends.repeated(batch) == [False, True]


async def test_a_lower_offset_becomes_the_first(resends: RedisResends) -> None:
    """The topic was made anew, and its offsets begin again."""
    assert await resends.repeated([(record(900), "a")]) == [False]
    assert await resends.repeated([(record(3), "a")]) == [False]
    assert await resends.repeated([(record(4), "a")]) == [True]


async def test_each_partition_and_topic_is_by_itself(resends: RedisResends) -> None:
    batch = [(record(5), "a"), (record(6, partition=1), "a"), (record(7, topic="other"), "a")]
    assert await resends.repeated(batch) == [False, False, False]
    assert await resends.repeated([(record(6), "a"), (record(6, partition=2), "a")]) == [True, False]


async def test_what_was_sent_back_on_purpose_is_never_a_resend(resends: RedisResends) -> None:
    await resends.repeated([(record(5), "a")])
    again = record(6, headers=[(REDRIVE_HEADER, b"1")])
    assert await resends.repeated([(again, "a"), (record(7), "a")]) == [False, True]


async def test_an_id_is_remembered_for_one_to_two_windows(resends: RedisResends, clock: Clock) -> None:
    await resends.repeated([(record(5), "a")])
    clock.now += 99
    assert await resends.repeated([(record(6), "a")]) == [True]
    clock.now += 200
    assert await resends.repeated([(record(7), "a")]) == [False]


async def test_huge_offsets_and_any_id_are_told_apart(resends: RedisResends) -> None:
    high = 2**52
    ids = ["\U0001f469", "a b", "{x}", "i" * 200]
    assert await resends.repeated([(record(high), one) for one in ids]) == [False] * 4
    assert await resends.repeated([(record(high + 1), one) for one in ids]) == [True] * 4


async def test_a_script_that_the_server_forgot_is_sent_again(resends: RedisResends, valkey: str) -> None:
    await resends.repeated([(record(5), "a")])
    async with redis.Redis.from_url(valkey) as client:
        await client.script_flush()
    assert await resends.repeated([(record(6), "a")]) == [True]


async def test_nothing_is_kept_longer_than_it_is_needed(
    resends: RedisResends, valkey: str, prefix: str
) -> None:
    await resends.repeated([(record(5), "a")])
    async with redis.Redis.from_url(valkey) as client:
        keys = [key async for key in client.scan_iter(f"*{prefix}*")]
        assert keys
        assert all([0 < await client.ttl(key) <= 200 for key in keys])
        assert not [key for key in keys if key.endswith(b":a")]


async def test_without_redis_or_window_nothing_is_a_resend(
    cache: Cache, prefix: str, tmp_path: object
) -> None:
    none = RedisResends(Cache(None, Health()), prefix, 100)
    off = RedisResends(cache, prefix, 0)
    health = Health()
    away = RedisResends(
        Cache.open(RedisSettings(url=SecretStr(f"unix://{tmp_path}/none.sock"), timeout=0.2), health),
        prefix,
        100,
    )
    for resends in (none, off, away):
        assert await resends.repeated([(record(5), "a")]) == [False]
        assert await resends.repeated([(record(6), "a")]) == [False]
    assert "redis" in health.degraded
