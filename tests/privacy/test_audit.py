"""The audit log, tampered with in each way that lacks its key."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from privacy.audit import LONGEST_LINE, AuditLog, AuditLogError
from privacy.audit_chain import LONGEST_TEXT, Head, Record
from privacy.audit_check import Verdict, verify
from tests.privacy.audit_log import TOKEN_KEY, record

Lines = list[bytes]


def test_a_whole_log_verifies_and_is_private(log: AuditLog) -> None:
    verdict = verify(log)
    assert (verdict.entries, verdict.broken, verdict.anchors) == (5, None, ["file"])
    assert log.path.stat().st_mode & 0o777 == 0o600


def test_an_empty_log_is_whole(tmp_path: Path) -> None:
    assert verify(AuditLog(tmp_path / "audit.jsonl", TOKEN_KEY)).broken is None


def altered(lines: Lines) -> Lines:
    return [*lines[:2], lines[2].replace(b"mia", b"tom"), *lines[3:]]


def spaced(lines: Lines) -> Lines:
    return [*lines[:2], lines[2].replace(b",", b", "), *lines[3:]]


def removed(lines: Lines) -> Lines:
    return lines[:1] + lines[3:]


def foreign(lines: Lines) -> Lines:
    other = AuditLog(Path("never-written"), bytes(32))
    line, _ = other.chain.line(record(9), Head(2, "a" * 64), datetime.now(UTC))
    return [*lines[:2], line, *lines[2:]]


def copied(lines: Lines) -> Lines:
    return [*lines[:3], lines[1], *lines[3:]]


def swapped(lines: Lines) -> Lines:
    return [lines[0], lines[2], lines[1], *lines[3:]]


def cut(lines: Lines) -> Lines:
    return lines[:3]


def emptied(lines: Lines) -> Lines:
    return []


@pytest.mark.parametrize(
    ("tamper", "kind", "line", "seq"),
    [
        (altered, "altered", 3, 3),
        (spaced, "altered", 3, 3),
        (removed, "removed", 2, 2),
        (foreign, "inserted", 3, None),
        (copied, "inserted", 4, 2),
        (swapped, "reordered", 2, 3),
        (cut, "cut_off", 4, 4),
        (emptied, "cut_off", 1, 1),
    ],
)
def test_a_break_is_found_and_located_also_after_more_was_written(
    log: AuditLog, tamper: Callable[[Lines], Lines], kind: str, line: int, seq: int | None
) -> None:
    log.path.write_bytes(b"".join(tamper(list(log.lines()))))
    for _ in range(3):
        broken = verify(log).broken
        assert broken is not None
        assert (broken.kind, broken.line, broken.seq) == (kind, line, seq), broken
        log.append([record(7)])


def test_a_gap_is_told_in_words(log: AuditLog) -> None:
    log.path.write_bytes(b"".join(cut(list(log.lines()))))
    log.append([record(7)])
    broken = verify(log).broken
    assert broken is not None
    assert broken.detail == "the log ended with 3 when this was added: expected entry 5, found 3"


def found(verdict: Verdict) -> tuple[str, int]:
    assert verdict.broken is not None
    return verdict.broken.kind, verdict.broken.line


def test_long_texts_are_cut_and_a_line_that_could_not_be_read_back_is_not_written(log: AuditLog) -> None:
    log.append([Record("x" * 70_000, "", "keys.list", "done", facts={"caller": "\U0001f600" * 70_000})])
    entry = log.chain.parse(list(log.lines())[-1])
    assert entry is not None
    assert len(str(entry["actor"])) == LONGEST_TEXT
    before = log.path.read_bytes()
    with pytest.raises(AuditLogError, match="too long"):
        log.append(
            [Record("x", "", "keys.list", "done", facts={f"f{one}": 1 for one in range(LONGEST_LINE)})]
        )
    assert log.path.read_bytes() == before
    assert verify(log).broken is None


def test_an_interrupted_line_is_told_then_mended_in_the_open(log: AuditLog) -> None:
    line, _ = log.chain.line(record(5), verify(log).head, datetime.now(UTC))
    with log.path.open("ab") as file:
        file.write(line[: len(line) // 2])
    verdict = verify(log)
    assert (verdict.broken, verdict.torn_bytes) == (None, len(line) // 2)
    log.append([record(6)])
    verdict = verify(log)
    assert (verdict.broken, verdict.torn_bytes, verdict.entries) == (None, 0, 7)
    assert b'"action":"audit.mended"' in list(log.lines())[5]


def test_an_acknowledged_entry_cut_in_its_middle_is_no_interruption(log: AuditLog) -> None:
    os.truncate(log.path, log.path.stat().st_size - 10)
    assert found(verify(log)) == ("cut_off", 5)
    log.append([record(5)])
    assert found(verify(log))[0] == "cut_off"


WRITER = """
import sys
from pathlib import Path
from privacy.audit import AuditLog
from privacy.audit_chain import Record
log = AuditLog(Path(sys.argv[1]), bytes(range(32)))
for number in range(25):
    log.append([Record(sys.argv[2], "admin", "keys.list", "done", facts={"number": number})])
"""


def test_processes_that_write_at_once_make_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), f"w{one}"]) for one in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    verdict = verify(AuditLog(path, TOKEN_KEY))
    assert (verdict.entries, verdict.broken) == (75, None)


def test_a_writer_killed_at_any_time_leaves_a_whole_log(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", WRITER.replace("25", "10**6"), str(path), "w"])
        size = path.stat().st_size if path.exists() else 0
        while not path.exists() or path.stat().st_size < size + 5_000:
            assert writer.poll() is None
            time.sleep(0.005)
        writer.kill()
        writer.wait(10)
        assert verify(AuditLog(path, TOKEN_KEY)).broken is None
