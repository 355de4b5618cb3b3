"""The audit log: JSON lines that are only ever added, each chained to the one before.

An entry's `hash` is HMAC-SHA-256 over its other members, `prev` (the hash before) among them, under a key that
HKDF (RFC 5869) derives from the token key: who can write the file but lacks the key file can't make a chain
that verifies. Each entry is on disk (fsync) before `append` returns; one lock keeps processes apart.

Cutting off the end leaves a good chain, so the last entry's number and hash stand in anchors elsewhere: in a
file beside the log, and in whatever else is given as an `Anchor`. They are written after the log, so they may
lag behind it, never lead it.

What `append` finds broken it does not chain over in silence. A last line without its end is an append that was
killed before it was acknowledged: it is removed, and the entry `audit.mended` says so. A log that ends before
an anchor, or whose last line does not verify, gets an entry `audit.gap` that names what was expected; it stays
there for good, and so does the verdict of `verify` (see `audit_check`).

Entries hold names of callers, never of customers: ids go in as keyed digests.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol, Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from privacy.errors import PrivacyError
from privacy.private_file import locked, read_private, write_private

MENDED: Final = "audit.mended"
GAP: Final = "audit.gap"
NO_HASH: Final = "0" * 64
LONGEST_LINE: Final = 64 << 10

Fact = str | int


class AuditLogError(PrivacyError):
    """The audit log can't be written or read, so nothing that must stand in it is done."""


@dataclass(frozen=True, slots=True)
class Record:
    """What happened; `subject` and ids among the facts are digests."""

    actor: str
    role: str
    action: str
    outcome: str
    purpose: str | None = None
    subject: str | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry: how many there are, and its hash."""

    seq: int = 0
    hash: str = NO_HASH

    def document(self) -> dict[str, str | int]:
        """As anchors keep it."""
        return {"seq": self.seq, "hash": self.hash}

    @classmethod
    def parse(cls, content: bytes) -> Self | None:
        """What `document` wrote as JSON; None where it is something else."""
        try:
            data = json.loads(content)
            return cls(int(data["seq"]), str(data["hash"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            return None


class Anchor(Protocol):
    """A second place that remembers the head."""

    @property
    def name(self) -> str:
        """What verification calls it."""
        ...

    def read(self) -> Head | None:
        """The head it holds; None when it holds none, or can't be asked now."""
        ...

    def write(self, head: Head) -> None:
        """Keep this head; a place that is away keeps its old one."""
        ...


class FileAnchor:
    """The anchor beside the log; it is made before the first entry."""

    name = "file"

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Head | None:
        """The head; None where there is no file, or a damaged one."""
        content = read_private(self._path)
        return None if content is None else Head.parse(content)

    def write(self, head: Head) -> None:
        """Replace it."""
        write_private(self._path, json.dumps(head.document()).encode() + b"\n")


def anchor_path(log: Path) -> Path:
    """The anchor file of a log: `audit.anchor.json` beside `audit.jsonl`."""
    return log.with_suffix(".anchor.json")


class Chain:
    """Makes and checks entries under the key derived from the installation's token key."""

    def __init__(self, token_key: bytes) -> None:
        self._key = HKDF(SHA256(), 32, salt=None, info=b"shopstream audit log 1").derive(token_key)

    def line(self, record: Record, after: Head, time: datetime) -> tuple[bytes, Head]:
        """The line that follows `after`, and the head that it makes."""
        body = {"seq": after.seq + 1, "time": time.isoformat(), **asdict(record), "prev": after.hash}
        digest = self._digest(body)
        return _rendered({**body, "hash": digest}), Head(after.seq + 1, digest)

    def parse(self, line: bytes) -> dict[str, object] | None:
        """The entry of a line, its newline included, if it is whole and ours; None otherwise."""
        try:
            entry = json.loads(line)
            if not isinstance(entry, dict) or _rendered(entry) != line:
                return None
            stated = entry["hash"]
            body = {name: value for name, value in entry.items() if name != "hash"}
            genuine = isinstance(stated, str) and hmac.compare_digest(stated, self._digest(body))
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        return entry if genuine else None

    def _digest(self, body: Mapping[str, object]) -> str:
        return hmac.digest(self._key, _rendered(body), "sha256").hex()


def _rendered(entry: Mapping[str, object]) -> bytes:
    return json.dumps(entry, separators=(",", ":"), ensure_ascii=True).encode() + b"\n"


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
            AuditLogError, PrivateFileError: nothing was added.
        """
        now = datetime.now(UTC)
        with locked(self.path), self._opened() as descriptor:
            head, lines = self._mended(descriptor, now)
            for record in records:
                line, head = self.chain.line(record, head, now)
                lines.append(line)
            _write(descriptor, b"".join(lines))
            for anchor in self.anchors:
                anchor.write(head)
        return head

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

    def _mended(self, descriptor: int, now: datetime) -> tuple[Head, list[bytes]]:
        """The head to go on from, and the entries that first say what was found broken."""
        size = os.fstat(descriptor).st_size
        tail = os.pread(descriptor, LONGEST_LINE, max(0, size - LONGEST_LINE))
        whole, _, torn = tail.rpartition(b"\n")
        last = whole.rpartition(b"\n")[2] + b"\n" if whole else b""
        entry = self.chain.parse(last) if last else None
        head = Head(int(str(entry["seq"])), str(entry["hash"])) if entry else Head()
        found = [held for anchor in self.anchors if (held := anchor.read())]
        ahead = max(found, key=lambda held: held.seq, default=Head())
        if not found and not size:
            self.anchors[0].write(head)  # so that a log without its anchor is never an innocent one
        lines: list[bytes] = []
        if torn:
            os.ftruncate(descriptor, size - len(torn))
            facts: dict[str, Fact] = {"bytes": len(torn), "sha256": hashlib.sha256(torn).hexdigest()}
            line, head = self.chain.line(_own(MENDED, facts), head, now)
            lines.append(line)
        if (last and entry is None) or (size and not found) or not _follows(entry, ahead):
            start = Head(max(head.seq, ahead.seq), head.hash)
            facts = {"expected_seq": ahead.seq, "expected_hash": ahead.hash, "found_seq": head.seq}
            line, head = self.chain.line(_own(GAP, facts), start, now)
            lines.append(line)
        return head, lines


def _follows(entry: Mapping[str, object] | None, anchored: Head) -> bool:
    """Whether a log whose last entry is this one may have had the anchored head: by number, and by hash if told."""
    seq = int(str(entry["seq"])) if entry else 0
    told = {0: NO_HASH} if entry is None else {seq: entry["hash"], seq - 1: entry["prev"]}
    return anchored.seq <= seq and told.get(anchored.seq, anchored.hash) == anchored.hash


def _own(action: str, facts: Mapping[str, Fact]) -> Record:
    return Record(actor="audit", role="", action=action, outcome="found", facts=facts)


def _write(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]
    os.fsync(descriptor)
