"""Who may call what, and what the audit log says of it."""

import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from privacy.audit import AuditLog
from privacy.audit_chain import Head
from privacy.audit_check import verify
from streams.access import AccessDenied, acting, audit_log
from streams.keys import open_kms
from streams.settings import AccessSettings, Settings
from streams.state.key_acl import rules
from tests.cli.conftest import Shell


@pytest.fixture
def installed(settings: Settings) -> AuditLog:
    """The key file exists."""
    open_kms(settings, create=True)
    return audit_log(settings)


def entries(log: AuditLog) -> list[dict[str, object]]:
    return [entry for line in log.lines() if (entry := log.chain.parse(line))]


def test_the_owner_lets_an_admin_in_and_then_tokens_are_needed(
    shopstream: Shell, installed: AuditLog
) -> None:
    refused = shopstream("access", "add", "sam", "--role", "support_agent")
    assert (refused.code, "admin" in refused.err) == (78, True)
    added = shopstream("access", "add", "ann", "--role", "admin", "--json")
    assert added.code == 0, added
    token = added.json["token"]
    denied = shopstream("access", "list")
    assert (denied.code, "SHOPSTREAM_ACCESS_TOKEN" in denied.err) == (77, True)
    assert shopstream("access", "list", SHOPSTREAM_ACCESS_TOKEN="shopstream_guess").code == 77
    listed = shopstream("access", "list", "--json", SHOPSTREAM_ACCESS_TOKEN=token)
    assert [(one["name"], one["role"]) for one in listed.json] == [("ann", "admin")]
    assert token not in listed.out


def test_a_role_without_the_right_is_refused_and_that_is_written(
    shopstream: Shell, installed: AuditLog
) -> None:
    admin = shopstream("access", "add", "ann", "--role", "admin", "--json").json["token"]
    as_admin = {"SHOPSTREAM_ACCESS_TOKEN": admin}
    agent = shopstream(
        "access", "add", "sam", "--role", "support_agent", "--expires", "2999-01-01", "--json", **as_admin
    ).json["token"]
    assert shopstream("audit", "show", SHOPSTREAM_ACCESS_TOKEN=agent).code == 77
    assert shopstream("access", "remove", "sam", **as_admin).code == 0
    assert shopstream("audit", "show", SHOPSTREAM_ACCESS_TOKEN=agent).code == 77
    assert [
        (entry["actor"], entry["action"], entry["outcome"])
        for entry in entries(installed)
        if entry["outcome"] == "denied"
    ] == [("sam", "audit.read", "denied"), ("unknown", "audit.read", "denied")]
    shown = shopstream("audit", "show", "--last", "1", "--json", **as_admin)
    assert shown.lines[0]["outcome"] == "begun"
    assert admin not in installed.path.read_text()


def test_a_deed_is_written_before_and_after_and_ids_only_as_digests(
    settings: Settings, installed: AuditLog
) -> None:
    with acting(settings, "erase", subject="user-42", ids={"case": "c-77"}) as deed:
        assert [entry["outcome"] for entry in entries(installed)] == ["begun"]
        deed.note(keys=2)
    with pytest.raises(ValueError, match="broken"), acting(settings, "keys.list"):
        raise ValueError("broken")
    with pytest.raises(SystemExit), acting(settings, "keys.list"):
        raise SystemExit(78)
    begun, done, _, failed, _, ended = entries(installed)
    assert done["facts"] == {**begun["facts"], "keys": 2}  # type: ignore[dict-item]
    assert begun["subject"] == done["subject"]
    assert failed["facts"] == {"error": "ValueError"}
    assert ended["outcome"] == "failed"
    assert not {"user-42", "c-77"} & set(installed.path.read_text().replace('"', " ").split())


def test_what_makes_the_key_file_is_written_when_it_is_there(settings: Settings) -> None:
    with acting(settings, "keys.init"):
        open_kms(settings, create=True)
    assert [entry["outcome"] for entry in entries(audit_log(settings))] == ["begun", "done"]


def test_without_a_key_file_a_failure_is_at_least_logged(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(ValueError), acting(settings, "keys.init"):  # noqa: PT011
        raise ValueError
    assert "not in the audit log" in caplog.text
    assert not settings.audit_file.exists()


def test_a_roles_file_that_is_named_and_not_there_opens_nothing(settings: Settings) -> None:
    named = settings.model_copy(update={"access": AccessSettings(roles_file=settings.data_dir / "typo.json")})
    with pytest.raises(AccessDenied, match="is not there"), acting(named, "reveal", purpose="support"):
        pass
    with acting(named, "access.manage"):
        pass


def test_a_roles_file_that_was_deleted_opens_nothing(
    shopstream: Shell, settings: Settings, installed: AuditLog
) -> None:
    assert shopstream("audit", "show").code == 0  # nobody was added yet
    assert shopstream("access", "add", "ann", "--role", "admin").code == 0
    settings.roles_file.unlink()
    refused = shopstream("audit", "show")
    assert (refused.code, "restore it from a backup, or begin anew" in refused.err) == (77, True)
    assert shopstream("access", "add", "ann", "--role", "admin").code == 0  # knowingly, and in the log
    assert [entry["role"] for entry in entries(installed) if entry["outcome"] == "done"] == ["owner"] * 3


def test_another_user_than_the_owner_is_nobody(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: settings.data_dir.stat().st_uid + 1)
    with pytest.raises(AccessDenied, match="owner"), acting(settings, "keys.list"):
        pass


def test_verify_locates_a_break_and_the_key_redis_knows_of_a_cut(
    shopstream: Shell, settings: Settings, installed: AuditLog
) -> None:
    for _ in range(3):
        with acting(settings, "keys.list"):
            pass
    whole = shopstream("audit", "verify", "--json")
    assert (whole.code, whole.json["whole"], whole.json["anchors"]) == (0, True, ["file", "redis"])
    lines = list(installed.lines())
    name = str(entries(installed)[0]["hash"])
    knows = installed.anchors[1].read(name)
    assert knows is not None
    installed.path.write_bytes(b"".join(lines[:3]))
    installed.adopt(Head(3, str(entries(installed)[2]["hash"])), force=True)
    installed.anchors[1].write(name, knows)
    cut = shopstream("audit", "verify", "--json")
    assert (cut.code, cut.json["broken"]["kind"], cut.json["broken"]["line"]) == (1, "cut_off", 4)
    installed.path.write_bytes(b"".join([lines[0], lines[1].replace(b"done", b"none"), *lines[2:]]))
    altered = shopstream("audit", "verify")
    assert altered.code == 1
    assert "line 2, entry 2: altered" in altered.out
    assert f"Keep a copy of {installed.path}, and compare it" in altered.out


def test_the_key_redis_knows_a_log_wherever_its_folder_is(
    settings: Settings, installed: AuditLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting(settings, "keys.list"):
        pass
    monkeypatch.setattr(socket, "gethostname", lambda: "another-container")
    moved = settings.model_copy(update={"access": AccessSettings(audit_file=tmp_path / "moved.jsonl")})
    (tmp_path / "moved.jsonl").write_bytes(b"".join(list(installed.lines())[:1]))
    assert verify(audit_log(moved)).anchors == ["redis"]
    assert verify(audit_log(moved)).broken.kind == "cut_off"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("redis://:pa55w0rd@localhost:1/0?socket_timeout=s3cr3t", "no address"),
        ("redis://:pa55w0rd@localhost:1/0", "ConnectionError"),
    ],
)
def test_commands_go_on_without_the_key_store_and_say_so(
    shopstream: Shell, installed: AuditLog, url: str, says: str
) -> None:
    listed = shopstream("access", "list", SHOPSTREAM_KEYS__URL=url)
    assert (listed.code, listed.err.count("warning")) == (0, 1), listed
    assert says in listed.err
    verified = shopstream("audit", "verify", "--json", SHOPSTREAM_KEYS__URL=url)
    assert (verified.code, verified.json["anchors"], verified.json["anchors_away"]) == (
        0,
        ["file"],
        ["redis"],
    )
    assert "could not be asked: redis" in shopstream("audit", "verify", SHOPSTREAM_KEYS__URL=url).err
    assert not any(secret in listed.err + verified.err for secret in ("s3cr", "pa55"))


@pytest.mark.parametrize(("user", "kept"), [("officer", True), ("worker", False)])
def test_the_printed_rules_let_officers_alone_keep_the_head_there(
    shopstream: Shell,
    installed: AuditLog,
    settings: Settings,
    limited: Callable[[str], str],
    user: str,
    *,
    kept: bool,
) -> None:
    (rule,) = (line for line in rules(settings.privacy.tenant) if f"user shopstream-{user} " in line)
    listed = shopstream("access", "list", SHOPSTREAM_KEYS__URL=limited(rule.partition("PASSWORD ")[2]))
    assert (listed.code, "NoPermissionError" in listed.err) == (0, not kept), listed
    assert (verify(audit_log(settings)).anchors == ["file", "redis"]) is kept


@pytest.mark.parametrize("command", [("add", "--role", "admin"), ("remove",)])
@pytest.mark.parametrize("name", ["a" * 70_000, "Mia Wong <mia@example.com>"])
def test_a_name_that_is_none_is_wrong_usage_and_not_in_the_log(
    shopstream: Shell, installed: AuditLog, command: tuple[str, ...], name: str
) -> None:
    said = shopstream("access", command[0], name, *command[1:])
    assert (said.code, "a caller's name is" in said.err) == (2, True)
    assert not installed.path.exists()
