"""Backup and restore, from one machine to an empty one."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from redis import Redis

from privacy.errors import ErasedKey
from privacy.key_file import KeyFile
from privacy.sealed_file import Cost
from streams.access import acting, audit_log
from streams.backup import back_up
from streams.contracts.topics import ERASURE_LEDGER
from streams.keys import Keys, open_kms
from streams.settings import Settings
from tests.cli.conftest import Shell
from tests.cli.machine import TEXT, WORDS, Machine
from tests.client.peer import make_topics


@pytest.fixture
def machine(settings: Settings, shopstream: Shell, keys_url: str) -> Iterator[Machine]:
    make_topics(settings, ERASURE_LEDGER)
    with Redis.from_url(keys_url) as redis:
        yield Machine(settings, redis, shopstream)


@pytest.fixture
def saved(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cheap backup of two users' keys."""
    monkeypatch.setattr(Cost.__init__, "__defaults__", (10, 8, 1))
    machine.seal("mia", "tom")
    file = tmp_path / "backup"
    assert machine.call("backup", file, "--json").code == 0
    return file


def test_an_empty_machine_opens_what_was_sealed_before(machine: Machine, tmp_path: Path) -> None:
    envelope, _ = machine.seal("mia", "tom")
    token = machine.call("access", "add", "ann", "--role", "admin", "--json").json["token"]
    file = tmp_path / "backup"
    made = machine.call("backup", file, "--json", SHOPSTREAM_ACCESS_TOKEN=token)
    assert made.code == 0, made
    assert (made.json["keys"], made.json["roles"], made.json["audit_entries"]) == (2, True, 3)
    assert file.stat().st_mode & 0o777 == 0o600
    assert machine.call("backup", file, SHOPSTREAM_ACCESS_TOKEN=token).code == 2

    new = machine.wipe(tmp_path / "new")
    done = new.call("restore", file, "--json")
    assert done.code == 0, done
    assert (done.json["keys"], done.json["roles"], done.json["audit"]) == (2, True, "restored")
    assert new.open(envelope, "mia") == TEXT
    assert new.call("audit", "verify").code == 77  # the roles are back, and with them the need of a token
    verified = new.call("audit", "verify", "--json", SHOPSTREAM_ACCESS_TOKEN=token)
    assert (verified.json["whole"], verified.json["entries"]) == (True, 3 + 2 + 1)


def test_who_was_erased_after_the_backup_stays_erased(machine: Machine, saved: Path, tmp_path: Path) -> None:
    mia, tom = machine.seal("mia", "tom")
    machine.erase("mia")
    new = machine.wipe(tmp_path / "new")
    done = new.call("restore", saved, "--json")
    assert done.code == 0, done
    assert (done.json["keys"], done.json["erased"]) == (1, 1)
    assert new.open(tom, "tom") == TEXT
    with pytest.raises(ErasedKey):
        new.open(mia, "mia")


def test_without_its_ledger_nothing_is_restored_unless_that_is_said(
    machine: Machine, saved: Path, tmp_path: Path
) -> None:
    envelope, _ = machine.seal("mia", "tom")
    machine.erase("mia")
    ledger = tmp_path / "ledger.jsonl"
    tailed = machine.call("tail", "erasure-ledger", "--until-caught-up", "--json")
    ledger.write_text(tailed.out)
    new = machine.wipe(tmp_path / "new")
    elsewhere = {"SHOPSTREAM_KAFKA__TOPIC_PREFIX": f"t{secrets.token_hex(4)}-"}
    before = new.state()
    refused = new.call("restore", saved, **elsewhere)
    assert (refused.code, "--without-ledger" in refused.err) == (78, True)
    assert new.state() == before
    assert new.call("restore", saved, "--ledger", ledger, **elsewhere).code == 0
    with pytest.raises(ErasedKey):
        new.open(envelope, "mia")
    newer = new.wipe(tmp_path / "newer")
    said = newer.call("restore", saved, "--without-ledger", **elsewhere)
    assert (said.code, "Warning" in said.err) == (0, True)
    assert newer.open(envelope, "mia") == TEXT


def test_a_ledger_that_lost_entries_is_not_believed(machine: Machine, tmp_path: Path) -> None:
    machine.seal("mia", "tom")
    machine.erase("mia")
    file, empty = tmp_path / "backup", tmp_path / "empty"
    assert machine.call("backup", file, "--json").json["ledger_entries"] == 1
    empty.write_text("")
    refused = machine.wipe(tmp_path / "new").call("restore", file, "--ledger", empty)
    assert (refused.code, "lost entries" in refused.err) == (78, True)


def cut_in_half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flipped(place: int) -> Callable[[bytes], bytes]:
    def flip(data: bytes) -> bytes:
        at = place % len(data)
        return data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]

    return flip


@pytest.mark.parametrize("empty", [True, False])
def test_a_damaged_backup_or_another_passphrase_changes_nothing(
    machine: Machine, saved: Path, tmp_path: Path, *, empty: bool
) -> None:
    target = machine.wipe(tmp_path / "new") if empty else machine
    whole = saved.read_bytes()
    log = "access"  # where a folder that has keys keeps the record of the attempt
    files, dump = target.state()
    for damage in (flipped(3), flipped(11), flipped(len(whole) // 2), flipped(-1), cut_in_half, bytes.lower):
        saved.write_bytes(damage(whole))
        said = target.call("restore", saved)
        assert said.code == 78, said
        assert "damaged" in said.err or "not a sealed file" in said.err
    saved.write_bytes(whole)
    said = target.call("restore", saved, SHOPSTREAM_PASSPHRASE="another passphrase")
    assert (said.code, "passphrase" in said.err) == (78, True)
    after, dumped = target.state()
    assert dumped == dump
    assert {path: data for path, data in after.items() if path.parent.name != log} == {
        path: data for path, data in files.items() if path.parent.name != log
    }
    assert not empty or (after, dumped) == ({}, {})


def test_what_is_there_is_kept_and_what_is_missing_is_added(machine: Machine, saved: Path) -> None:
    """Same installation: a rotation since, a new user, and one key lost."""
    mia, _ = machine.seal("mia", "tom")
    (new,) = machine.seal("zoe")
    before = KeyFile(machine.settings.kek_file).update(lambda material: material.with_new_kek())
    machine.redis.delete(f"keys:{{{machine.settings.privacy.tenant}}}:subject:mia")
    done = machine.call("restore", saved, "--json")
    assert done.code == 0, done
    assert (done.json["keys"], done.json["present"], done.json["key_file"], done.json["audit"]) == (
        1, 1, False, "kept",
    )  # fmt: skip
    assert machine.open(mia, "mia") == TEXT
    assert machine.open(new, "zoe") == TEXT
    assert KeyFile(machine.settings.kek_file).load() == before
    assert machine.call("audit", "verify").code == 0


def test_a_lost_audit_log_comes_back_and_a_longer_one_stays(machine: Machine, saved: Path) -> None:
    for _ in range(3):
        with acting(machine.settings, "keys.list"):
            pass
    file = saved.with_name("later")
    assert machine.call("backup", file).code == 0
    log = audit_log(machine.settings)
    whole = list(log.lines())
    assert machine.call("restore", saved, "--json").json["audit"] == "kept"
    assert list(log.lines())[: len(whole)] == whole
    log.path.unlink()
    done = machine.call("restore", file, "--json").json
    assert done["audit"] == "restored"
    assert list(log.lines())[: len(whole) - 1] == whole[:-1]  # the last tells the end of the backup itself
    broken = machine.call("audit", "verify", "--json").json["broken"]
    assert broken["kind"] == "cut_off"  # what came after the backup is gone, and the anchors know


def test_keys_of_another_installation_are_not_touched_unless_forced(
    machine: Machine, saved: Path, tmp_path: Path
) -> None:
    mia, _ = machine.seal("mia", "tom")
    other = machine.wipe(tmp_path / "other")
    with acting(other.settings, "keys.init"):
        open_kms(other.settings, create=True)
    (theirs,) = other.seal("zoe")
    before = other.settings.kek_file.read_bytes(), other.state()[1]
    refused = other.call("restore", saved)
    assert (refused.code, "another installation" in refused.err) == (78, True)
    assert (other.settings.kek_file.read_bytes(), other.state()[1]) == before
    done = other.call("restore", saved, "--force", "--json")
    assert done.code == 0, done
    assert len(done.json["set_aside"]) == 2  # key file and audit log
    assert Path(done.json["set_aside"][0]).read_bytes() == before[0]
    assert other.open(mia, "mia") == TEXT
    assert other.open(theirs, "zoe") == TEXT
    assert other.call("audit", "verify").code == 0


def test_another_tenants_backup_and_a_store_of_strange_keys_are_refused(
    machine: Machine, saved: Path, tmp_path: Path
) -> None:
    refused = machine.wipe(tmp_path / "new").call("restore", saved, SHOPSTREAM_PRIVACY__TENANT="another")
    assert (refused.code, "tenant" in refused.err) == (78, True)
    other = machine.wipe(tmp_path / "other")
    other.seal("zoe")
    other.settings.kek_file.unlink()
    refused = other.call("restore", saved, "--force")
    assert (refused.code, "key store holds keys" in refused.err) == (78, True)


def test_a_backup_under_traffic_opens_all_that_was_sealed_before(machine: Machine, tmp_path: Path) -> None:
    """Users come, keys are rotated and people are erased while it is made."""
    users = [f"user-{number}" for number in range(300)]
    envelopes = machine.seal(*users)
    file = tmp_path / "backup"

    saved = asyncio.Event()

    async def come_and_go(keys: Keys) -> None:
        for number in count():
            if saved.is_set():
                return
            await keys.keyring.current({f"new-{number}": 1})
            if number == 5:
                KeyFile(machine.settings.kek_file).update(lambda material: material.with_new_kek())
                await keys.keyring.rewrap()
                await keys.keyring.erase("user-1")

    async def traffic() -> None:
        keys = await Keys.open(machine.settings)
        others = asyncio.create_task(come_and_go(keys))
        await back_up(machine.settings, file, WORDS)
        assert not others.done()
        saved.set()
        await others
        await keys.close()

    asyncio.run(traffic())
    new = machine.wipe(tmp_path / "new")
    assert new.call("restore", file, "--json").json["keys"] >= len(users) - 1
    for user, envelope in list(zip(users, envelopes, strict=True))[::60]:
        assert new.open(envelope, user) == TEXT
