"""The keys of a process on a real Valkey: through outages, rotations, and with the wrong files."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import NoPermissionError

from privacy.audit_anchor import AnchorAway
from privacy.errors import ErasedKey, KeyFileError, KeyStoreError
from privacy.key_file import KeyFile
from privacy.seal import SealContext, Sealer
from streams.audit_anchor import RedisAnchor
from streams.delivery.errors import DependencyUnavailable, WorkerDefect
from streams.health import Health
from streams.keys import Keys
from streams.local.valkey import Valkey
from streams.settings import Settings
from streams.state.key_acl import rules
from streams.state.key_records import RedisKeyRecords
from tests.standins.key_settings import key_settings


@pytest.fixture
def settings(keys_url: str, prefix: str, tmp_path: Path) -> Settings:
    return key_settings(keys_url, prefix, tmp_path)


async def test_a_key_outlives_the_kill_of_its_store_right_after_it_was_handed_out(
    own_keys: Valkey, prefix: str, tmp_path: Path
) -> None:
    settings = key_settings(own_keys.url, prefix, tmp_path)
    keys = await Keys.open(settings)
    for number in range(5):
        key = (await keys.keyring.current({f"user-{number}": 1}))[f"user-{number}"]
        await asyncio.to_thread(own_keys.kill)
        keys.keyring.forget(lambda _: True)
        with pytest.raises(DependencyUnavailable):
            await keys.keyring.named(f"user-{number}", key.id)
        await asyncio.to_thread(own_keys.start)
        assert (await keys.keyring.named(f"user-{number}", key.id)).id == key.id
    await keys.close()


async def test_a_worker_starts_without_the_store_and_uses_it_when_it_is_there(
    own_keys: Valkey, prefix: str, tmp_path: Path
) -> None:
    settings = key_settings(own_keys.url, prefix, tmp_path)
    KeyFile(settings.kek_file).load_or_create()
    health = Health()
    await asyncio.to_thread(own_keys.kill)
    with pytest.raises(KeyStoreError, match="does not answer"):
        await Keys.open(settings)
    keys = await Keys.open(settings, health)
    with pytest.raises(DependencyUnavailable):
        await keys.keyring.current({"u": 1})
    assert "keys" in health.degraded
    await asyncio.to_thread(own_keys.start)
    await keys.keyring.current({"u": 1})
    assert "keys" not in health.degraded
    await keys.close()


async def test_a_frozen_store_counts_as_away_after_the_timeout(
    own_keys: Valkey, prefix: str, tmp_path: Path
) -> None:
    settings = key_settings(own_keys.url, prefix, tmp_path, timeout=0.3)
    keys = await Keys.open(settings)
    admin = Redis.from_url(own_keys.url)
    admin.client_pause(1_500, all=True)
    started = time.monotonic()
    with pytest.raises(DependencyUnavailable):
        await keys.keyring.current({"u": 1})
    assert time.monotonic() - started < 1.4
    await keys.close()


async def test_a_store_that_may_lose_keys_is_refused_with_what_to_set(
    own_keys: Valkey, prefix: str, tmp_path: Path
) -> None:
    admin = Redis.from_url(own_keys.url)
    settings = key_settings(own_keys.url, prefix, tmp_path)
    admin.config_set("appendonly", "no")
    admin.config_set("maxmemory-policy", "allkeys-lru")
    try:
        with pytest.raises(KeyStoreError, match=r"appendonly yes; maxmemory-policy noeviction"):
            await Keys.open(settings)
        assert not settings.kek_file.exists()
        records = RedisKeyRecords(settings.keys, prefix)
        with pytest.raises(WorkerDefect, match="ALLOW_VOLATILE"):
            await records.holdings()
        await records.close()
        keys = await Keys.open(key_settings(own_keys.url, prefix, tmp_path, allow_volatile=True))
        await keys.keyring.current({"u": 1})
        await keys.close()
    finally:
        admin.config_set("maxmemory-policy", "noeviction")
        admin.config_set("appendonly", "yes")
        while admin.info("persistence")["aof_rewrite_in_progress"]:
            time.sleep(0.02)


async def test_the_wrong_key_file_is_refused_at_start_and_a_lost_one_is_not_made_anew(
    settings: Settings, tmp_path: Path
) -> None:
    keys = await Keys.open(settings)
    await keys.keyring.current({"u": 1})
    await keys.close()
    file = settings.kek_file.rename(tmp_path / "moved")
    with pytest.raises(KeyFileError, match="no key file"):
        await Keys.open(settings)
    other = settings.model_copy(
        update={"keys": settings.keys.model_copy(update={"kek_file": tmp_path / "o"})}
    )
    KeyFile(tmp_path / "o").load_or_create()
    with pytest.raises(KeyStoreError, match=KeyFile(file).load().current):
        await Keys.open(other)


async def test_a_rotation_under_traffic_fails_nothing_and_all_that_was_sealed_opens(
    settings: Settings,
) -> None:
    """Two workers seal and open while the key-encryption key is rotated three times and others are erased."""
    first, second, admin = [await Keys.open(settings) for _ in range(3)]
    running = True
    sealed: list[tuple[Any, SealContext]] = []

    async def work(keys: Keys, name: str) -> None:
        sealer, number = Sealer(keys.keyring), 0
        while running:
            contexts = [
                SealContext("t", "reviews", str(number), "text", f"{name}-{one}")
                for one in range(number, number + 20)
            ]
            envelopes = await sealer.seal_all([(b"x", context) for context in contexts])
            sealed.extend(zip(envelopes, contexts, strict=True))
            keys.keyring.forget(lambda _: True)
            assert await sealer.open(*sealed[-1]) == b"x"
            number += 7

    async def erase() -> None:
        number = 0
        while running:
            await admin.keyring.erase(f"erased-{number % 3}")
            await admin.keyring.current({f"erased-{number % 3}": 1})
            number += 1
            await asyncio.sleep(0)

    tasks = [
        asyncio.create_task(work(first, "a")),
        asyncio.create_task(work(second, "b")),
        asyncio.create_task(erase()),
    ]
    for _ in range(3):
        await asyncio.sleep(0.3)
        admin.file.update(lambda material: material.with_new_kek())
        await admin.keyring.rewrap()
    await asyncio.sleep(0.1)
    running = False
    await asyncio.gather(*tasks)
    await admin.keyring.rewrap()
    assert list((await admin.records.holdings()).wrapped) == [admin.material.current]
    for kek in admin.material.keks[:-1]:
        admin.file.update(lambda material, kek=kek: material.without_kek(kek.id))  # type: ignore[misc]
    fresh = await Keys.open(settings)
    assert len(fresh.material.keks) == 1
    sealer = Sealer(fresh.keyring)
    assert len(sealed) > 100
    assert {await sealer.open(*one) for one in sealed} == {b"x"}
    for keys in (first, second, admin, fresh):
        await keys.close()


async def test_the_rules_let_a_worker_seal_open_and_erase_and_an_officer_rewrap(
    keys_url: str, prefix: str, tmp_path: Path
) -> None:
    admin = Redis.from_url(keys_url)
    for rule in rules(prefix)[1:]:
        admin.execute_command("ACL", "SETUSER", *rule.split(" ")[1:])  # type: ignore[no-untyped-call]
    worker_url = f"{keys_url.replace('unix://', 'unix://shopstream-worker@')}?password=WORKER-PASSWORD"
    worker = await Keys.open(key_settings(worker_url, prefix, tmp_path))
    officer = await Keys.open(
        key_settings(
            f"{keys_url.replace('unix://', 'unix://shopstream-officer@')}?password=OFFICER-PASSWORD",
            prefix,
            tmp_path,
        )
    )
    key = (await worker.keyring.current({"u": 1, "v": 1}))["u"]
    worker.keyring.forget(lambda _: True)
    assert (await worker.keyring.named("u", key.id)).id == key.id
    with pytest.raises(DependencyUnavailable):
        await anext(worker.records.scan())
    officer.file.update(lambda material: material.with_new_kek())
    assert (await officer.keyring.rewrap()).done == 2
    assert await worker.keyring.erase("u") == [key.id]
    await worker.keyring.scrub()
    RedisAnchor(officer.settings).write("log", b"head")
    assert RedisAnchor(officer.settings).latest() == b"head"
    with pytest.raises(AnchorAway):
        RedisAnchor(worker.settings).latest()
    raw = Redis.from_url(worker_url)
    for name in ("counts", "erased"):
        with pytest.raises(NoPermissionError):
            raw.delete(f"keys:{{{prefix}}}:{name}")
    assert raw.delete(f"keys:{{{prefix}}}:subject:nobody") == 0
    with pytest.raises(ErasedKey):
        await officer.keyring.named("u", key.id)
    strange = RedisKeyRecords(worker.settings.keys, "another-tenant")
    with pytest.raises(DependencyUnavailable):
        await strange.get("u", key.id)
    for one in (worker, officer, strange):
        await one.close()
