"""The keyring over keys in memory: what is cached, for how long, and what follows when a key is gone."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from privacy import UNATTRIBUTED, EnvironmentKms, ErasedKey, Keyring, NotAuthentic, UnknownKek, UnknownKey
from privacy.envelope import to_base64url
from privacy.key_records import KeyRecord
from privacy.rewrapping import Rewrapping
from tests.standins.keys import MemoryRecords


def key() -> str:
    return to_base64url(secrets.token_bytes(32))


class Setting:
    """A store of keys, clocks that stand still, and keyrings as of several processes."""

    def __init__(self) -> None:
        self.records = CountedRecords()
        self.kek, self.token_key = key(), key()
        self.now = datetime(2026, 3, 14, 23, 59, tzinfo=UTC).timestamp()
        self.timer = 0.0

    def keyring(self, **options: Any) -> Keyring:
        given: dict[str, Any] = {"tenant": "t", "clock": lambda: self.now, "timer": lambda: self.timer}
        return Keyring(EnvironmentKms(self.kek, self.token_key), self.records, **(given | options))


class CountedRecords(MemoryRecords):
    """Counts round trips."""

    trips = 0

    async def open_for_sealing(self, requests: Any) -> Any:
        self.trips += 1
        return await super().open_for_sealing(requests)

    async def get(self, subject: str, key_id: str) -> Any:
        self.trips += 1
        return await super().get(subject, key_id)


@pytest.fixture
def setting() -> Setting:
    return Setting()


async def current(keyring: Keyring, subject: str = "user-1", uses: int = 1) -> str:
    return (await keyring.current({subject: uses}))[subject].id


async def test_keys_of_many_subjects_come_in_one_round_trip_and_then_from_memory(setting: Setting) -> None:
    await setting.keyring().current({"user-1": 1, "user-2": 3})
    setting.records.trips = 0
    keyring = setting.keyring()
    first = await keyring.current({"user-1": 1, "user-2": 3})
    again = await keyring.current({"user-2": 1, "user-1": 4})
    assert first == again
    assert first["user-1"].id != first["user-2"].id
    assert await keyring.named("user-2", first["user-2"].id) is first["user-2"]
    assert setting.records.trips == 1


async def test_two_processes_seal_under_one_key_and_open_each_others(setting: Setting) -> None:
    one, two = setting.keyring(), setting.keyring()
    key_id = await current(one)
    assert await current(two) == key_id
    sealed = (await one.named("user-1", key_id)).cipher.encrypt(bytes(12), b"x", None)
    assert (await two.named("user-1", key_id)).cipher.decrypt(bytes(12), sealed, None) == b"x"


async def test_a_key_is_asked_for_again_when_its_time_is_over(setting: Setting) -> None:
    keyring = setting.keyring(cache_seconds=60)
    key_id = await current(keyring)
    before = setting.records.trips
    setting.timer = 59.9
    await current(keyring)
    assert setting.records.trips == before
    setting.timer = 60
    assert await current(keyring) == key_id
    assert setting.records.trips == before + 1


async def test_no_key_stays_in_memory_beyond_its_time_though_nobody_asks_for_it(setting: Setting) -> None:
    keyring = setting.keyring(cache_seconds=60)
    key_id = await current(keyring)
    for second in (30, 59):  # used again: that makes it no younger
        setting.timer = second
        await current(keyring)
        await keyring.named("user-1", key_id)
    other = await current(keyring, "user-2")
    setting.timer = 60
    await keyring.named("user-2", other)
    assert list(keyring._cache._current) == ["user-2"]
    setting.timer = 119
    keyring.purge()
    assert not keyring._cache._current


async def test_the_cache_is_bounded_in_number(setting: Setting) -> None:
    keyring = setting.keyring(cache_keys=4)
    keys = await keyring.current({f"user-{number}": 1 for number in range(10)})
    assert [len(keyring._cache._current), setting.records.trips] == [4, 2]
    for number in range(10):
        await keyring.named(f"user-{number}", keys[f"user-{number}"].id)
    assert len(keyring._cache._named) == 4


async def test_no_key_serves_more_nonces_than_the_limit_over_all_processes(setting: Setting) -> None:
    limit = 10_000
    rings = [setting.keyring(most_seals=limit) for _ in range(3)]
    used: dict[str, int] = {}
    for turn in range(30):
        key_id = await current(rings[turn % 3], uses=1_500)
        used[key_id] = used.get(key_id, 0) + 1_500
    assert max(used.values()) <= limit
    assert len(used) >= 30 * 1_500 // limit
    with pytest.raises(ValueError, match="fewer at a time"):
        await current(rings[0], uses=limit + 1)
    for key_id in used:
        await rings[0].named("user-1", key_id)  # earlier keys still open


async def test_the_unattributed_has_a_new_key_each_day_and_the_old_one_opens(setting: Setting) -> None:
    keyring = setting.keyring()
    before = await current(keyring, UNATTRIBUTED)
    setting.now += 120
    after = await current(keyring, UNATTRIBUTED)
    assert [before[:11], after[:11]] == ["2026-03-14.", "2026-03-15."]
    assert (await keyring.named(UNATTRIBUTED, before)).id == before
    setting.now -= 120  # a process whose clock is behind does not bring the old day back
    assert await current(setting.keyring(), UNATTRIBUTED) == after


async def test_an_erased_key_is_refused_as_erased_and_the_next_seal_has_a_new_one(setting: Setting) -> None:
    keyring, other = setting.keyring(), setting.keyring()
    key_id = await current(keyring)
    await other.named("user-1", key_id)
    assert await keyring.erase("user-1") == [key_id]
    with pytest.raises(ErasedKey):
        await keyring.named("user-1", key_id)
    assert (await other.named("user-1", key_id)).id == key_id  # until it is told, or its cache has aged
    other.forget(lambda subject: subject == "user-1")
    with pytest.raises(ErasedKey):
        await other.named("user-1", key_id)
    assert await current(keyring) != key_id


async def test_a_key_that_was_on_its_way_while_its_subject_was_forgotten_is_not_kept(
    setting: Setting,
) -> None:
    keyring = setting.keyring()
    key_id = await current(keyring)
    keyring.forget(lambda _: True)
    get = setting.records.get

    async def slow(subject: str, key_id: str) -> Any:
        record = await get(subject, key_id)
        await keyring.erase(subject)
        return record

    setting.records.get = slow  # type: ignore[method-assign]
    await keyring.named("user-1", key_id)
    setting.records.get = get  # type: ignore[method-assign]
    with pytest.raises(ErasedKey):
        await keyring.named("user-1", key_id)


async def test_each_way_in_which_a_key_can_be_missing_is_told(setting: Setting) -> None:
    keyring = setting.keyring()
    with pytest.raises(UnknownKey, match="restore it from a backup"):
        await keyring.named("user-1", "lost")
    key_id = await current(keyring)
    with pytest.raises(UnknownKey, match="check the subject"):
        await keyring.named("user-2", key_id)
    setting.kek = key()
    with pytest.raises(UnknownKek, match=r"wrapped under the key-encryption key kek-[0-9a-f]{8}"):
        await setting.keyring().named("user-1", key_id)


async def test_a_wrapped_key_does_not_open_for_another_tenant_or_after_a_change(setting: Setting) -> None:
    key_id = await current(setting.keyring())
    with pytest.raises(NotAuthentic, match="another subject or tenant"):
        await setting.keyring(tenant="other").named("user-1", key_id)


async def test_rotating_a_data_key_gives_new_seals_another_and_keeps_the_old(setting: Setting) -> None:
    keyring = setting.keyring()
    assert not await keyring.rotate("user-1")
    before = await current(keyring)
    assert await keyring.rotate("user-1")
    assert await current(keyring) != before
    assert (await keyring.named("user-1", before)).id == before


async def test_rewrapping_moves_all_keys_to_the_current_kek(setting: Setting) -> None:
    keys = await setting.keyring().current({f"user-{number}": 1 for number in range(7)})
    old, setting.kek = setting.kek, key()
    both = Keyring(EnvironmentKms(setting.kek, setting.token_key, [old]), setting.records, tenant="t")
    told: list[tuple[int, int]] = []
    assert await both.rewrap(lambda done, total: told.append((done, total))) == Rewrapping(7, 0)
    assert told[-1] == (7, 7)
    assert await both.rewrap() == Rewrapping(0, 0)
    for subject, one in keys.items():
        assert (await setting.keyring().named(subject, one.id)).id == one.id  # without the old key


def damaged(record: KeyRecord) -> KeyRecord:
    return replace(record, wrapped=record.wrapped[:-1] + bytes([record.wrapped[-1] ^ 1]))


def unreadable(record: KeyRecord) -> KeyRecord:
    return KeyRecord.unreadable(record.subject, record.id)


@pytest.mark.parametrize("spoilt", [damaged, unreadable])
async def test_a_damaged_key_is_replaced_for_sealing_and_hinders_nobody_else(
    setting: Setting, spoilt: Any, caplog: pytest.LogCaptureFixture
) -> None:
    before = await setting.keyring().current({"user-1": 1, "user-2": 1, "user-3": 1})
    record = await setting.records.get("user-2", before["user-2"].id)
    assert await setting.records.replace([(record, spoilt(record))])
    one, two = setting.keyring(), setting.keyring()
    after = await one.current({"user-1": 1, "user-2": 1, "user-3": 1})
    assert [after[user].id == before[user].id for user in sorted(before)] == [True, False, True]
    assert await current(two, "user-2") == after["user-2"].id
    assert (await two.named("user-2", after["user-2"].id)).id == after["user-2"].id
    with pytest.raises(NotAuthentic, match="damaged"):
        await one.named("user-2", record.id)
    assert [entry.levelname for entry in caplog.records] == ["ERROR"]
    assert "user-2" not in str(vars(caplog.records[0]))
    assert await setting.records.get("user-2", record.id) == spoilt(record)  # for who looks into it


@pytest.mark.parametrize("spoilt", [damaged, unreadable])
async def test_a_damaged_key_does_not_stop_a_rewrapping_and_is_counted(setting: Setting, spoilt: Any) -> None:
    keys = await setting.keyring().current({f"user-{number}": 1 for number in range(7)})
    record = await setting.records.get("user-3", keys["user-3"].id)
    await setting.records.replace([(record, spoilt(record))])
    old, setting.kek = setting.kek, key()
    both = Keyring(EnvironmentKms(setting.kek, setting.token_key, [old]), setting.records, tenant="t")
    assert await both.rewrap() == Rewrapping(6, 1)
    assert await setting.records.get("user-3", record.id) == spoilt(record)
