"""What a backup of keys holds, and its form. `sealed_file` encrypts it; `streams.backup` gathers and applies it.

Its JSON form, format `shopstream-backup/1`: a manifest (when it was made, of which tenant, how many records and
erased ids it holds, whom the erasure ledger named, whether the
audit log verified), the key file's content, every wrapped data key, the ids of erased
keys, the roles file, and the lines of the audit log with the head that they end with.

A backup opens what was sealed before it was made. It also holds keys of people who are erased later, wrapped beside
the keys that unwrap them: so old backups must be destroyed in time, and a restore goes by the erasure ledger.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Self

from privacy.audit_chain import Head
from privacy.envelope import from_base64url, to_base64url
from privacy.errors import OpenError, PrivacyError
from privacy.key_material import KeyMaterial
from privacy.key_records import KeyRecord

KIND: Final = "backup"
"""What the sealed file calls it."""

_NAME: Final = "shopstream-backup/"
_FORMAT: Final = 1


class BackupError(PrivacyError):
    """A backup can't be made, or its content can't be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What the erasure ledger says of one subject, as a keyed digest: when, and which data keys were destroyed."""

    subject: str
    at: datetime
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Backup:
    """Everything that is needed to open what was sealed, and to say who opened it.

    Attributes:
        made: when.
        tenant: bound into every wrapped key.
        material: of the key file.
        records: all wrapped data keys.
        erased: ids of data keys that were destroyed.
        ledger: whom the erasure ledger named, as its digests; None if it could not be read.
        roles: content of the roles file; None if there is none.
        audit: lines of the audit log.
        audit_head: what they ended with.
        audit_broken: how the log was broken when the backup was made; None for a whole one.
    """

    made: datetime
    tenant: str
    material: KeyMaterial
    records: Sequence[KeyRecord] = field(repr=False)
    erased: Sequence[str] = ()
    ledger: frozenset[str] | None = None
    roles: bytes | None = field(default=None, repr=False)
    audit: bytes = field(default=b"", repr=False)
    audit_head: Head = field(default_factory=Head)
    audit_broken: str | None = None

    def to_bytes(self) -> bytes:
        """The form that the module describes."""
        document = {
            "format": f"{_NAME}{_FORMAT}",
            "manifest": {
                "made": self.made.isoformat(),
                "tenant": self.tenant,
                "records": len(self.records),
                "erased": len(self.erased),
                "ledger": None if self.ledger is None else sorted(self.ledger),
                "audit_head": self.audit_head.document(),
                "audit_broken": self.audit_broken,
            },
            "key_file": self.material.to_json().decode("ascii"),
            "records": [
                [one.subject, one.id, one.kek, to_base64url(one.wrapped), one.created] for one in self.records
            ],
            "erased": list(self.erased),
            "roles": None if self.roles is None else to_base64url(self.roles),
            "audit": to_base64url(self.audit),
        }
        return json.dumps(document, separators=(",", ":")).encode("ascii")

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read what `to_bytes` wrote.

        Raises:
            BackupError: it is of a later format, or not what it says it is.
            KeyFileError: the keys in it are damaged.
        """
        try:
            data = json.loads(content)
            _check_format(str(data["format"]))
            backup = cls._parsed(data)
            counts = [data["manifest"]["records"], data["manifest"]["erased"]]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OpenError) as error:
            raise BackupError(
                f"the backup's content is damaged ({type(error).__name__}): use another one"
            ) from error
        if counts != [len(backup.records), len(backup.erased)]:
            raise BackupError("the backup does not hold as many keys as its manifest says: use another one")
        return backup

    @classmethod
    def _parsed(cls, data: dict[str, Any]) -> Self:
        manifest = data["manifest"]
        head, ledger = manifest["audit_head"], manifest["ledger"]
        return cls(
            made=datetime.fromisoformat(manifest["made"]).astimezone(UTC),
            tenant=str(manifest["tenant"]),
            material=KeyMaterial.from_json(data["key_file"].encode(), "the key file in the backup"),
            records=[
                KeyRecord(
                    str(subject), str(key_id), str(kek), from_base64url(wrapped, "wrapped"), int(created)
                )
                for subject, key_id, kek, wrapped, created in data["records"]
            ],
            erased=[str(one) for one in data["erased"]],
            ledger=None if ledger is None else frozenset(map(str, ledger)),
            roles=None if data["roles"] is None else from_base64url(data["roles"], "roles"),
            audit=from_base64url(data["audit"], "audit"),
            audit_head=Head(int(head["seq"]), str(head["hash"])),
            audit_broken=manifest.get("audit_broken"),
        )

    def check_ledger(self, ledger: Sequence[Erased]) -> None:
        """Whether a ledger can be the one of this backup's time, or a later one: entries are never taken out of it.

        Args:
            ledger: all of it, as it was read for the restore.

        Raises:
            BackupError: it can't, or there is no telling.
        """
        advice = "find it, or restore without it (--without-ledger)"
        if self.ledger is None and not ledger:
            raise BackupError(
                "the erasure ledger is empty, and when the backup was made it could not be read: whether this is the"
                f" right one can't be told; {advice}"
            )
        if missing := len((self.ledger or frozenset()) - {entry.subject for entry in ledger}):
            raise BackupError(
                f"the erasure ledger lacks {missing} of the {len(self.ledger or ())} users that it named when the"
                f" backup was made: it is another ledger, or it lost entries; {advice}"
            )

    def surviving(self, ledger: Sequence[Erased], digest: Callable[[str], str]) -> list[KeyRecord]:
        """The keys that no erasure destroyed.

        A subject that was erased twice has one entry in the compacted ledger, the later; so what was made before it
        counts as destroyed, too. Times of making are whole seconds: a key made in the second of the erasure goes by
        its id, since it may be the subject's next one.

        Args:
            ledger: all of it.
            digest: the ledger's digest of a subject.
        """
        destroyed = set(self.erased).union(*(entry.keys for entry in ledger))
        since = {entry.subject: entry.at for entry in ledger}
        return [
            one
            for one in self.records
            if one.id not in destroyed
            and not ((at := since.get(digest(one.subject))) and one.created < int(at.timestamp()))
        ]


def _check_format(name: str) -> None:
    number = name.removeprefix(_NAME)
    if not name.startswith(_NAME) or not number.isdecimal():
        raise BackupError("this is not the content of a backup")
    if int(number) > _FORMAT:
        raise BackupError(
            f"the backup has format {number}, this release reads {_FORMAT}: use the newer release"
        )
