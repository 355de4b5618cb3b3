"""Crash marks in a real Valkey."""

import pytest
from faust.types import TP
from pydantic import SecretStr

from streams.delivery.quarantine import Mark
from streams.health import Health
from streams.settings import RedisSettings
from streams.state.connection import Cache
from streams.state.crash_marks import RedisCrashMarks

HERE, THERE = TP("reviews", 0), TP("reviews", 1)


@pytest.fixture
def marks(valkey: str, prefix: str) -> RedisCrashMarks:
    return RedisCrashMarks(Cache.open(RedisSettings(url=SecretStr(valkey)), Health()), prefix)


async def test_another_worker_finds_what_was_marked(marks: RedisCrashMarks) -> None:
    mark = Mark(3, 9, deaths=2, alone=True, alone_deaths=1)
    await marks.set({HERE: mark, THERE: Mark(0, 1)})
    assert await marks.get([HERE]) == {HERE: mark}
    await marks.clear([HERE])
    assert await marks.get([HERE, THERE]) == {THERE: Mark(0, 1)}


async def test_nothing_asked_is_nothing_done(marks: RedisCrashMarks) -> None:
    await marks.set({})
    await marks.clear([])
    assert await marks.get([]) == {}


async def test_while_redis_is_away_nothing_is_marked_and_nothing_fails(tmp_path: object) -> None:
    health = Health()
    away = RedisSettings(url=SecretStr(f"unix://{tmp_path}/none.sock"), timeout=0.2)
    marks = RedisCrashMarks(Cache.open(away, health), "g")
    await marks.set({HERE: Mark(0, 1)})
    assert await marks.get([HERE]) == {}
    assert "redis" in health.degraded
