"""Scrubbing on a real Valkey: a repeat of it does not begin anew."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from redis import Redis

from privacy.key_records import KeyRecord
from streams.delivery.errors import DependencyUnavailable
from streams.local.valkey import Valkey
from streams.settings import KeySettings
from streams.state import key_records
from streams.state.key_records import RedisKeyRecords


async def make(records: RedisKeyRecords, subject: str, *ids: str) -> None:
    assert await records.add([KeyRecord(subject, key_id, "k1", b"wrapped", 1) for key_id in ids]) == len(ids)


async def test_a_repeated_erasure_names_what_the_first_destroyed(keys_url: str, prefix: str) -> None:
    records = RedisKeyRecords(KeySettings(url=SecretStr(keys_url)), prefix)
    await make(records, "mia", "a", "b")
    assert sorted(await records.erase("mia", "digest-1")) == ["a", "b"]
    await make(records, "mia", "c")
    assert await records.erase("ann", "digest-2") == []
    again = await records.erase("mia", "digest-1")
    assert (again[0], sorted(again)) == ("c", ["a", "b", "c"])
    assert sorted(await records.erase("mia", "digest-1")) == ["a", "b", "c"]
    await records.close()


async def test_a_rewriting_that_outlasts_its_caller_counts_for_the_repeat(
    own_keys: Valkey, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_records, "SCRUB_SECONDS", 0.05)
    records = RedisKeyRecords(KeySettings(url=SecretStr(own_keys.url)), prefix)
    server = Redis.from_url(own_keys.url)

    def rewritings() -> int:
        about: Any = server.info("persistence")
        return int(about["aof_rewrites"])

    async def scrubbed() -> None:
        while True:
            await records.erase("mia", "digest")
            try:
                return await records.scrub()
            except DependencyUnavailable:
                continue

    for number in range(5):
        await make(records, f"u{number}", f"id-{number}")
    await make(records, "mia", "a")
    await records.erase("mia", "digest")
    server.config_set("rdb-key-save-delay", 100_000)
    try:
        before = rewritings()
        with pytest.raises(DependencyUnavailable):
            await records.scrub()
        await scrubbed()
        await scrubbed()
        assert rewritings() == before + 1
        await make(records, "mia", "b")
        await scrubbed()
        assert rewritings() == before + 2
    finally:
        server.config_set("rdb-key-save-delay", 0)
    assert b"mia" not in b"".join(path.read_bytes() for path in files(own_keys.folder))
    await records.close()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
