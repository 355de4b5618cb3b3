"""A broken audit log stays one through backup and restore."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from privacy.sealed_file import Cost
from streams.contracts.topics import ERASURE_LEDGER
from streams.restoring import read_backup
from streams.settings import Settings
from tests.cli.conftest import Shell
from tests.cli.machine import WORDS, Machine
from tests.client.peer import make_topics


@pytest.fixture
def machine(
    settings: Settings, shopstream: Shell, keys_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Machine]:
    monkeypatch.setattr(Cost.__init__, "__defaults__", (10, 8, 1))
    make_topics(settings, ERASURE_LEDGER)
    with Redis.from_url(keys_url) as redis:
        yield Machine(settings, redis, shopstream)


def test_a_broken_audit_log_is_told_by_backup_and_set_aside_by_restore(
    machine: Machine, tmp_path: Path
) -> None:
    machine.seal("mia")
    for _ in range(2):
        assert machine.call("keys", "list").code == 0
    log = machine.settings.audit_file
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:2]))  # the end is cut off
    file = tmp_path / "backup"
    made = machine.call("backup", file, "--json")
    assert (made.code, made.json["audit_broken"], "does not verify (cut_off)" in made.err) == (
        0,
        "cut_off",
        True,
    )
    backup = read_backup(file, WORDS)
    assert backup.audit_broken == "cut_off"

    new = machine.wipe(tmp_path / "new")
    done = new.call("restore", file, "--json")
    assert (done.code, done.json["audit"], "does not verify" in done.err) == (0, "broken", True), done
    (aside,) = map(Path, done.json["set_aside"])
    assert aside.name.startswith("audit.jsonl.broken-")
    assert aside.read_bytes() == backup.audit
    assert aside.stat().st_mode & 0o777 == 0o600
