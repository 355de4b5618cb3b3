"""For whom the command waits, on a real Valkey."""

import asyncio
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from streams.cli.erase_run import Entered, _Run
from streams.contracts.records import ErasureEntry
from streams.erasing.roster import Member, Roster
from streams.settings import KafkaSettings, RedisSettings, Settings

CACHED = 7200.0
"""Longer than the command's settings say."""


@pytest.mark.parametrize(("minutes", "waits"), [(0, True), (119, True), (121, False)])
async def test_a_silent_worker_is_waited_for_until_its_keys_have_aged(
    valkey: str, prefix: str, tmp_path: Path, minutes: int, waits: bool
) -> None:
    settings = Settings(
        data_dir=tmp_path,
        kafka=KafkaSettings(topic_prefix=prefix),
        redis=RedisSettings(url=SecretStr(valkey)),
    )
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    entered = Entered(ErasureEntry(id="l", causes=["e"], time=at, subject="s", erased_at=at), 0, 2)
    roster = Roster(settings.group_id)
    nobody: Any = None
    run = _Run(settings, nobody, nobody, "u")
    async with Redis.from_url(valkey) as client:
        await roster.announce(client, Member("w1", {0: 3}, 300))
        await roster.announce(client, Member("w2", {0: 2}, CACHED))
        await client.expire(roster._key("w2"), int(CACHED) - 60)
        if waits:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await run._heard(entered, inf)
        members = await run._heard(entered, 0.0 if waits else inf)
        assert [(one.name, one.silent, entered.acknowledged_by(one)) for one in members] == [
            ("w1", False, True),
            ("w2", True, False),
        ]
        assert run._caches_aged(entered, members) == at + timedelta(seconds=CACHED)
        for one in members:
            await roster.leave(client, one.name)
