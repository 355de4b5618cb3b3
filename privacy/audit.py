"""The audit log: JSON lines that are only ever added, each chained to the one before (see `audit_chain`).

Each entry is on disk (fsync) before `append` returns; one lock keeps processes apart.

Cutting off the end leaves a good chain, so the last entry's number and hash stand, authenticated, in anchors (see
`audit_anchor`): in a file beside the log, and in whatever else is given as an `Anchor`. They are written after the
log, so they may lag behind it, never lead it.

What `append` finds broken it does not chain over in silence. A last line without its end is an append that was
killed before it was acknowledged: it is removed, and the entry `audit.mended` says so. A log that ends before
an anchor, whose last line does not verify, or whose anchor somebody else wrote, gets an entry `audit.gap` that names
what was expected; it stays there for good, and so does the verdict of `verify` (see `audit_check`). A log of which an
anchor knows nothing, while it knows another of this installation, says so in an entry `audit.another`: that one is
another machine's, or was deleted here.

Entries hold names of callers, never of customers: ids go in as keyed digests.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from privacy.audit_anchor import Anchor, FileAnchor, Sighting, anchor_path, keep, look
from privacy.audit_chain import NO_HASH, NO_LOG, Anchored, Chain, Fact, Head, Record, head_of
from privacy.errors import PrivacyError
from privacy.private_file import locked

MENDED: Final = "audit.mended"
GAP: Final = "audit.gap"
ANOTHER: Final = "audit.another"
LONGEST_LINE: Final = 64 << 10
"""Bytes. The last line is read back in one piece of this size, so none longer is written."""


class AuditLogError(PrivacyError):
    """The audit log can't be written or read, so nothing that must stand in it is done."""


class AuditLog:
    """The log at `path`.

    Args:
        path: of the file; it is made with mode 0600.
        token_key: of the key file.
        anchors: besides the file beside the log.
    """

    def __init__(self, path: Path, token_key: bytes, anchors: Sequence[Anchor] = ()) -> None:
        self.path = path
        self.chain = Chain(token_key)
        self.anchors: list[Anchor] = [FileAnchor(anchor_path(path)), *anchors]

    def append(self, records: Iterable[Record]) -> Head:
        """Add entries; they are on disk when this returns.

        Raises:
            AuditLogError, PrivateFileError: what must stand in the log may not be done. Usually nothing was added; if
                only the anchor file could not be written, the entries are there, and the anchor lags.
        """
        now = datetime.now(UTC)
        with locked(self.path), self._opened() as descriptor:
            log = self._name(os.pread(descriptor, LONGEST_LINE, 0).partition(b"\n")[0] + b"\n")
            head, lines, whole = self._mended(descriptor, log, now)
            for record in records:
                line, head = self.chain.line(record, head, now)
                lines.append(line)
            if any(len(line) > LONGEST_LINE for line in lines):
                raise AuditLogError("an entry for the audit log is too long; nothing is done without it")
            os.ftruncate(descriptor, whole)
            _write(descriptor, b"".join(lines))
            anchored = Anchored(log or self._name(b"".join(lines[:1])), head)
            for anchor in self.anchors:
                keep(anchor, self.chain, anchored)
        return head

    def sighting(self) -> Sighting:
        """What the anchors say of this log."""
        return look(self.anchors, self.chain, self._name(next(self.lines(), b"")))

    def adopt(self, head: Head, *, force: bool) -> None:
        """Anchor a log that was put here; an anchor that knows more is left to tell of it, unless `force` is set.

        Args:
            head: of the log as it is now.
            force: also replace what this installation did not write.
        """
        seen = self.sighting()
        log = self._name(next(self.lines(), b""))
        for anchor in self.anchors:
            held = seen.held.get(anchor.name, Anchored())
            if force or (anchor.name not in seen.forged and held.head.seq <= head.seq):
                keep(anchor, self.chain, Anchored(log, head))

    def lines(self) -> Iterator[bytes]:
        """Every line with its newline, from the first; none where there is no log."""
        try:
            with self.path.open("rb") as file:
                yield from file
        except FileNotFoundError:
            return
        except OSError as error:
            raise AuditLogError(f"cannot read the audit log {self.path}: {error.strerror}") from error

    @contextmanager
    def _opened(self) -> Iterator[int]:
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                yield descriptor
            finally:
                os.close(descriptor)
        except OSError as error:
            raise AuditLogError(
                f"cannot write the audit log {self.path}: {error.strerror}; nothing is done without it"
            ) from error

    def _name(self, first: bytes) -> str:
        """The name of the log that begins with this line; where that is lost, the one that the file anchor has."""
        entry = self.chain.parse(first)
        if entry is not None and entry["seq"] == 1:
            return str(entry["hash"])
        content = self.anchors[0].read(NO_LOG)
        anchored = None if content is None else self.chain.open(content)
        return NO_LOG if anchored is None else anchored.log

    def _mended(self, descriptor: int, log: str, now: datetime) -> tuple[Head, list[bytes], int]:
        """The head to go on from, the entries that first say what was found broken, and the size to cut it to."""
        size = os.fstat(descriptor).st_size
        tail = os.pread(descriptor, LONGEST_LINE, max(0, size - LONGEST_LINE))
        whole, _, torn = tail.rpartition(b"\n")
        last = whole.rpartition(b"\n")[2] + b"\n" if whole else b""
        entry = self.chain.parse(last) if last else None
        head = head_of(entry)
        seen = look(self.anchors, self.chain, log)
        if not (seen.held or seen.forged or size):
            keep(self.anchors[0], self.chain, Anchored())  # a log without its anchor is never an innocent one
        lines: list[bytes] = []
        if torn:
            facts: dict[str, Fact] = {"bytes": len(torn), "sha256": hashlib.sha256(torn).hexdigest()}
            line, head = self.chain.line(_own(MENDED, facts), head, now)
            lines.append(line)
        ahead = max((one.head for one in seen.held.values()), key=lambda held: held.seq, default=Head())
        if (last and entry is None) or (size and not seen.held) or not _fits(entry, ahead, log, seen):
            start = Head(max(head.seq, ahead.seq), head.hash)
            facts = {"expected_seq": ahead.seq, "expected_hash": ahead.hash, "found_seq": head.seq}
            facts |= {"forged": ",".join(seen.forged)} if seen.forged else {}
            line, head = self.chain.line(_own(GAP, facts), start, now)
            lines.append(line)
        if seen.another:
            facts = {"log": seen.another.log[:16], "seq": seen.another.head.seq}
            line, head = self.chain.line(_own(ANOTHER, facts), head, now)
            lines.append(line)
        return head, lines, size - len(torn)


def _fits(entry: Mapping[str, object] | None, ahead: Head, log: str, seen: Sighting) -> bool:
    """Whether all anchors are genuine, of this log, and none is ahead of its last entry."""
    ours = not seen.forged and all(one.log in (NO_LOG, log) for one in seen.held.values())
    return ours and _follows(entry, ahead)


def _follows(entry: Mapping[str, object] | None, anchored: Head) -> bool:
    """Whether a log whose last entry is this one may have had the anchored head: by number, and by hash if told."""
    seq = head_of(entry).seq
    told = {0: NO_HASH} if entry is None else {seq: entry["hash"], seq - 1: entry["prev"]}
    return anchored.seq <= seq and told.get(anchored.seq, anchored.hash) == anchored.hash


def _own(action: str, facts: Mapping[str, Fact]) -> Record:
    return Record(actor="audit", role="", action=action, outcome="found", facts=facts)


def _write(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]
    os.fsync(descriptor)
