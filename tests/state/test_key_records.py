"""Wrapped data keys on a real Valkey: nothing that was handed out is lost, nothing erased is left."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from redis import Redis

from privacy.key_file import KeyFile
from privacy.key_records import KeyRecord, Request
from privacy.keyring import Keyring
from privacy.kms import LocalKms
from streams.local.valkey import Valkey
from streams.settings import KeySettings, Settings
from streams.state.key_records import RedisKeyRecords
from tests.standins.key_settings import key_settings

LIMIT = 1 << 32


@pytest.fixture
def settings(keys_url: str, prefix: str, tmp_path: Path) -> Settings:
    return key_settings(keys_url, prefix, tmp_path)


@pytest.fixture
async def records(settings: Settings) -> AsyncIterator[RedisKeyRecords]:
    opened = RedisKeyRecords(settings.keys, settings.privacy.tenant)
    yield opened
    await opened.close()


def record(subject: str, key_id: str, kek: str = "kek-1") -> KeyRecord:
    return KeyRecord(subject, key_id, kek, f"wrapped {key_id}".encode(), 1_700_000_000)


def request(subject: str, key_id: str, uses: int = 1, limit: int = LIMIT, not_before: str = "") -> Request:
    return Request(subject, uses, limit, not_before, record(subject, key_id))


async def opened(records: RedisKeyRecords, *requests: Request) -> list[KeyRecord]:
    answers = await records.open_for_sealing(requests)
    return [answer for answer in answers if answer is not None]


async def kept(records: RedisKeyRecords) -> set[tuple[str, str]]:
    return {(one.subject, one.id) for one in [one async for batch in records.scan(2) for one in batch]}


async def test_of_many_who_make_a_subjects_key_at_once_all_get_the_same(settings: Settings) -> None:
    makers = [RedisKeyRecords(settings.keys, settings.privacy.tenant) for _ in range(8)]
    answers = await asyncio.gather(
        *[
            opened(maker, request("{odd} user", f"id-{number}"), request("u2", f"2-{number}"))
            for number, maker in enumerate(makers)
        ]
    )
    assert len({(one.id, two.id) for one, two in answers}) == 1
    assert (await makers[0].get("{odd} user", answers[0][0].id)) == answers[0][0]
    holdings = await makers[0].holdings()
    assert (holdings.subjects, holdings.wrapped) == (2, {"kek-1": 2})
    await asyncio.gather(*[maker.close() for maker in makers])


async def test_a_new_key_comes_when_the_limit_would_be_passed_or_the_day_is_over(
    records: RedisKeyRecords,
) -> None:
    async def current(key_id: str, **options: Any) -> str:
        (one,) = await opened(records, request("u", key_id, **options))
        return one.id

    assert await current("a", uses=6, limit=10) == "a"
    assert await current("b", uses=4, limit=10) == "a"
    assert await current("c", uses=1, limit=10) == "c"
    assert await current("d", not_before="d") == "d"
    assert await current("c2", not_before="c") == "d"
    assert await kept(records) == {("u", "a"), ("u", "c"), ("u", "d")}


async def test_erasing_destroys_all_keys_of_one_subject_and_keeps_their_ids_alone(
    records: RedisKeyRecords, settings: Settings, keys_url: str
) -> None:
    await records.open_for_sealing([request("mia", "a"), request("bob", "b")])
    assert await records.rotate(record("mia", "a2"))
    assert sorted(await records.erase("mia")) == ["a", "a2"]
    assert [await records.erased(one) for one in ("a", "a2", "b")] == [True, True, False]
    assert await records.add([record("mia", "a"), record("mia", "a3")]) == 1  # a restore revives nobody
    assert await records.replace([(record("mia", "a"), record("mia", "a", "kek-2"))]) == 0
    assert await records.erase("mia") == ["a3"]
    assert await records.erase("mia") == []
    assert await kept(records) == {("bob", "b")}
    assert (await records.holdings()).subjects == 1
    names = Redis.from_url(keys_url).keys(f"keys:{{{settings.privacy.tenant}}}:*")
    assert isinstance(names, list)
    assert not [name for name in names if b"mia" in name]
    assert sorted([one async for ids in records.erased_ids() for one in ids]) == ["a", "a2", "a3"]


async def test_a_key_is_rewrapped_only_if_it_is_still_as_it_was(records: RedisKeyRecords) -> None:
    await records.open_for_sealing([request("u", "a")])
    new = record("u", "a", "kek-2")
    assert await records.replace([(record("u", "a"), new)]) == 1
    assert await records.replace([(record("u", "a"), record("u", "a", "kek-3"))]) == 0
    assert await records.get("u", "a") == new
    assert (await records.holdings()).wrapped == {"kek-2": 1}


async def test_restored_keys_open_and_never_seal(records: RedisKeyRecords) -> None:
    await records.mark_erased(["gone"])
    assert await records.add([record("u", "old"), record("u", "gone"), record("v", "v1")]) == 2
    (current,) = await opened(records, request("u", "new"))
    assert current.id == "new"
    assert await records.get("u", "old") == record("u", "old")
    assert (await records.holdings()).subjects == 2


async def test_nothing_erased_is_left_in_the_files_after_scrubbing(own_keys: Valkey, prefix: str) -> None:
    records = RedisKeyRecords(KeySettings(url=SecretStr(own_keys.url)), prefix)
    await records.open_for_sealing([request("mia-lovelace", "a")])

    def on_disk() -> bytes:
        return b"".join(file.read_bytes() for file in own_keys.folder.rglob("*") if file.is_file())

    server = Redis.from_url(own_keys.url)
    server.bgsave(schedule=False)  # as `save` has it made, which is on in Redis by default
    while server.info("persistence")["rdb_bgsave_in_progress"]:
        await asyncio.sleep(0.02)
    assert b"mia-lovelace" in (own_keys.folder / "dump.rdb").read_bytes()
    await records.erase("mia-lovelace")
    assert b"mia-lovelace" in on_disk()
    await records.scrub()
    assert b"mia-lovelace" not in on_disk()
    await records.close()


async def test_without_a_proposal_only_what_is_there_is_answered(records: RedisKeyRecords) -> None:
    (made,) = await opened(records, request("u", "a"))
    asked = [Request(user, 1, LIMIT, "") for user in ("v", "u", "w")]
    assert await records.open_for_sealing(asked) == [None, made, None]
    assert await kept(records) == {("u", "a")}
    assert (await records.holdings()).subjects == 1


async def test_those_who_find_a_key_damaged_agree_on_the_next(records: RedisKeyRecords) -> None:
    await opened(records, request("u", "a"))
    for proposal in ("b", "c"):
        (one,) = await opened(records, replace(request("u", proposal), damaged="a"))
        assert one.id == "b"
    assert await kept(records) == {("u", "a"), ("u", "b")}


async def test_a_record_that_cannot_be_read_is_told_as_such_and_hides_no_other(
    records: RedisKeyRecords, settings: Settings, keys_url: str
) -> None:
    await opened(records, request("u", "a"), request("v", "b"), request("w", "c"))
    subjects, server = f"keys:{{{settings.privacy.tenant}}}:subject:", Redis.from_url(keys_url)
    server.hset(f"{subjects}u", "key:a", b"\xff\xfe")
    server.hset(f"{subjects}w", "key:c", "kek-1 noon ***")
    found = await opened(records, request("u", "x"), request("v", "x"), request("w", "x"))
    assert [(one.id, one.readable) for one in found] == [("a", False), ("b", True), ("c", False)]
    assert await records.get("u", "a") == KeyRecord.unreadable("u", "a")
    assert await kept(records) == {("u", "a"), ("v", "b"), ("w", "c")}
    assert await records.erase("u") == ["a"]


async def test_wrappings_are_counted_for_ever(records: RedisKeyRecords) -> None:
    assert [await records.reserve_wraps("kek-1", 10), await records.reserve_wraps("kek-1", 5)] == [10, 15]
    await records.add([record("u", "a"), record("u", "b", "kek-2")])  # those of a backup were made elsewhere
    await records.erase("u")
    holdings = await records.holdings()
    assert (holdings.wraps, holdings.wrapped) == ({"kek-1": 16, "kek-2": 1}, {})


async def test_keyrings_of_two_processes_share_the_limit(settings: Settings, tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "kek.json")
    file.load_or_create()
    rings = []
    for _ in range(2):
        store = RedisKeyRecords(settings.keys, settings.privacy.tenant)
        rings.append((store, Keyring(LocalKms(file), store, tenant="t", most_seals=100)))
    used: dict[str, int] = {}
    for turn in range(20):
        key = (await rings[turn % 2][1].current({"u": 30}))["u"]
        used[key.id] = used.get(key.id, 0) + 30
    assert max(used.values()) <= 100
    for store, _ in rings:
        await store.close()
