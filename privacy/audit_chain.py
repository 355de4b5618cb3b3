"""Entries of the audit log, each chained to the one before, and the seal of anchors.

An entry's `hash` is HMAC-SHA-256 over its other members, `prev` (the hash before) among them, under a key that
HKDF (RFC 5869) derives from the token key: who can write the file but lacks the key file can't make a chain
that verifies. Anchors are authenticated under the same key, so that nobody else can make one for a log that they
cut. The hash of entry 1 names a log: it goes where the file goes, and no two logs have the same.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NO_HASH: Final = "0" * 64
NO_LOG: Final = ""
"""The name of a log that has no entry yet."""
LONGEST_TEXT: Final = 256
"""Characters of one text in an entry; the rest is cut off."""

Fact = str | int


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
        """As backups and anchors keep it."""
        return {"seq": self.seq, "hash": self.hash}


@dataclass(frozen=True, slots=True)
class Anchored:
    """What an anchor knows: the name of a log, and its head at some time."""

    log: str = NO_LOG
    head: Head = field(default_factory=Head)


class Chain:
    """Makes and checks entries and anchors under the key derived from the installation's token key."""

    def __init__(self, token_key: bytes) -> None:
        self._key = HKDF(SHA256(), 32, salt=None, info=b"shopstream audit log 1").derive(token_key)

    def line(self, record: Record, after: Head, time: datetime) -> tuple[bytes, Head]:
        """The line that follows `after`, and the head that it makes; long texts are cut."""
        body = {
            "seq": after.seq + 1,
            "time": time.isoformat(),
            **asdict(_bounded(record)),
            "prev": after.hash,
        }
        digest = self._digest(body)
        return _rendered({**body, "hash": digest}), Head(after.seq + 1, digest)

    def parse(self, line: bytes) -> dict[str, object] | None:
        """The entry of a line, its newline included, if it is whole and ours; None otherwise."""
        return self._genuine(line, "hash")

    def seal(self, anchored: Anchored) -> bytes:
        """An anchor's content."""
        body = {"anchor": anchored.log, **anchored.head.document()}
        return _rendered({**body, "mac": self._digest(body)})

    def open(self, content: bytes) -> Anchored | None:
        """What `seal` was given; None if this installation did not make the content."""
        body = self._genuine(content, "mac")
        if body is None or "anchor" not in body:
            return None
        return Anchored(str(body["anchor"]), head_of(body))

    def _genuine(self, line: bytes, seal: str) -> dict[str, object] | None:
        try:
            entry = json.loads(line)
            if not isinstance(entry, dict) or _rendered(entry) != line:
                return None
            stated = entry[seal]
            body = {name: value for name, value in entry.items() if name != seal}
            genuine = isinstance(stated, str) and hmac.compare_digest(stated, self._digest(body))
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        return entry if genuine else None

    def _digest(self, body: Mapping[str, object]) -> str:
        return hmac.digest(self._key, _rendered(body), "sha256").hex()


def head_of(entry: Mapping[str, object] | None) -> Head:
    """The head that a genuine entry makes; of none, that of an empty log."""
    return Head() if entry is None else Head(int(str(entry["seq"])), str(entry["hash"]))


def _bounded(record: Record) -> Record:
    facts = {name: _cut(value) if isinstance(value, str) else value for name, value in record.facts.items()}
    return replace(
        record,
        actor=_cut(record.actor),
        purpose=None if record.purpose is None else _cut(record.purpose),
        subject=None if record.subject is None else _cut(record.subject),
        facts=facts,
    )


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _rendered(entry: Mapping[str, object]) -> bytes:
    return json.dumps(entry, separators=(",", ":"), ensure_ascii=True).encode() + b"\n"
