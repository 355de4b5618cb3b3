"""What anchors tell of a log that was cut, put back or deleted."""

import pytest

from privacy.audit import AuditLog
from privacy.audit_anchor import AnchorAway, anchor_path
from privacy.audit_chain import Anchored, Chain, Head
from privacy.audit_check import verify
from tests.privacy.audit_log import TOKEN_KEY, record
from tests.privacy.test_audit import found


class Elsewhere:
    """An anchor that several logs share."""

    name = "elsewhere"

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.away = False

    def read(self, log: str) -> bytes | None:
        if self.away:
            raise AnchorAway
        return self.held.get(log)

    def latest(self) -> bytes | None:
        return self.held.get("latest")

    def write(self, log: str, content: bytes) -> None:
        if self.away:
            raise AnchorAway
        self.held |= {log: content, "latest": content}


def test_an_older_log_that_goes_on_is_replaced_by_another_history(log: AuditLog) -> None:
    """Cut back together with its anchor file, and written on: another anchor still knows."""
    before = (log.path.read_bytes(), anchor_path(log.path).read_bytes())
    elsewhere = Elsewhere()
    log.anchors.append(elsewhere)
    log.append([record(5)])
    log.path.write_bytes(before[0])
    anchor_path(log.path).write_bytes(before[1])
    alone = AuditLog(log.path, TOKEN_KEY)
    assert verify(alone).broken is None  # what the docstring calls not found
    assert found(verify(log)) == ("cut_off", 6)
    alone.append([record(6)])
    assert found(verify(log)) == ("replaced", 6)


def test_a_lost_anchor_is_a_break_that_stays(log: AuditLog) -> None:
    anchor_path(log.path).unlink()
    assert found(verify(log)) == ("anchor_missing", 6)
    log.append([record(5)])
    assert found(verify(log)) == ("cut_off", 6)


@pytest.mark.parametrize("key", [None, bytes(32)])
def test_a_cut_with_an_anchor_made_without_the_key_is_told_and_stays(
    log: AuditLog, key: bytes | None
) -> None:
    lines = list(log.lines())
    name, third = (log.chain.parse(lines[at]) for at in (0, 2))
    assert name is not None
    assert third is not None
    fake = Anchored(str(name["hash"]), Head(3, str(third["hash"])))
    bare = b'{"seq": 3, "hash": "%s"}' % fake.head.hash.encode()
    log.path.write_bytes(b"".join(lines[:3]))
    anchor_path(log.path).write_bytes(bare if key is None else Chain(key).seal(fake))
    assert found(verify(log)) == ("anchor_forged", 4)
    log.append([record(5)])
    assert found(verify(log)) == ("anchor_forged", 4)


def test_an_anchor_that_is_away_is_named_and_tells_of_a_cut_when_it_is_back(log: AuditLog) -> None:
    before = (log.path.read_bytes(), anchor_path(log.path).read_bytes())
    elsewhere = Elsewhere()
    log.anchors.append(elsewhere)
    log.append([record(5)])
    log.path.write_bytes(before[0])
    anchor_path(log.path).write_bytes(before[1])
    elsewhere.away = True
    verdict = verify(log)
    assert (verdict.broken, verdict.anchors, verdict.anchors_away) == (None, ["file"], ["elsewhere"])
    elsewhere.away = False
    assert found(verify(log)) == ("cut_off", 6)


def test_a_log_that_was_deleted_with_its_anchor_begins_with_the_other_one(log: AuditLog) -> None:
    log.anchors.append(Elsewhere())
    log.append([record(5)])
    log.path.unlink()
    anchor_path(log.path).unlink()
    for _ in range(2):
        verdict = verify(log)
        assert verdict.broken is None
        assert verdict.another is not None
        assert verdict.another.endswith("of 6 entries")
        log.append([record(0)])
    assert verify(log).entries == 3  # it is said once
