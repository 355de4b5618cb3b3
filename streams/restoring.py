"""Restoring a backup: everything is checked first, and nothing that is there is lost.

A key store and a key file that belong to the same installation (the same token key) only get what they lack. Those of
another one are left alone, unless that is insisted on; even then their key-encryption keys stay in the key file, and
files that are replaced are set aside under a name with the time.

The order of writing makes a restore that is broken off harmless: erased ids come first, then keys, then the key file
(until it is there, workers refuse to make a new one, since the store is not empty), then roles, then the audit log.
Running it again completes it.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from privacy.audit import AuditLog
from privacy.audit_check import verify_lines
from privacy.backup import KIND, Backup, BackupError, Erased
from privacy.errors import KeyStoreError
from privacy.key_file import KeyFile
from privacy.key_material import KeyMaterial
from privacy.key_records import KeyRecord
from privacy.private_file import locked, write_private
from privacy.roles_file import parse_roles
from privacy.sealed_file import read_sealed
from privacy.tokens import Tokeniser
from streams.audit_anchor import RedisAnchor
from streams.backup import Checking
from streams.delivery.errors import DependencyUnavailable
from streams.erasing.subjects import ledger_subject
from streams.keys import open_kms
from streams.settings import Settings
from streams.state.key_records import RedisKeyRecords

AuditOutcome = Literal["restored", "kept", "broken", "none"]
_BATCH: Final = 1_000


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    Attributes:
        made: when the backup was made.
        keys: wrapped keys that were added.
        present: keys of the backup that were there already.
        erased: keys of the backup that an erasure had destroyed, and that were not brought back.
        key_file: whether the key file was written.
        roles: whether the roles file was written.
        audit: the backup's log is there now; or the one here is as long and stays; or the backup's is broken and was
            put aside; or it has none.
        set_aside: files that were replaced, and a broken log of the backup, under their new names.
    """

    made: datetime
    keys: int
    present: int
    erased: int
    key_file: bool
    roles: bool
    audit: AuditOutcome
    set_aside: list[Path]


def read_backup(path: Path, passphrase: str) -> Backup:
    """The backup in a file, its parts looked through.

    Raises:
        SealedFileError: damaged, of another kind, newer, or another passphrase.
        BackupError, KeyFileError, RolesFileError: its content can't be used.
    """
    backup = Backup.from_bytes(read_sealed(path, passphrase, KIND))
    if backup.roles is not None:
        parse_roles(backup.roles, "the roles file in the backup")
    return backup


class Restore:
    """One restore.

    Args:
        settings: with a key store's address.
        backup: to restore.
        ledger: all of the erasure ledger; None to do without.
        force: whether another installation's keys may be joined with these.
    """

    def __init__(
        self, settings: Settings, backup: Backup, ledger: Sequence[Erased] | None, *, force: bool
    ) -> None:
        self._settings = settings
        self._backup = backup
        self._ledger = ledger or []
        self._without_ledger = ledger is None
        self._force = force
        self._aside: list[Path] = []

    async def run(self) -> Restored:
        """Checks everything, then writes.

        Raises:
            BackupError: the backup does not belong here, or the ledger is not the one that it knew.
            OpenError: a key in it does not unwrap.
            KeyFileError, KeyStoreError, PrivateFileError: what is here can't be used.
        """
        records = RedisKeyRecords(self._settings.keys, self._settings.privacy.tenant)
        try:
            await records.check()
            survivors = await self._checked(records)
            material = await self._joined(records)
            return await self._written(records, survivors, material)
        except DependencyUnavailable as away:
            raise KeyStoreError(
                "the store of data keys does not answer: start it, and restore again"
            ) from away
        finally:
            await records.close()

    async def _checked(self, records: RedisKeyRecords) -> list[KeyRecord]:
        """The keys to bring back."""
        backup, tenant = self._backup, self._settings.privacy.tenant
        if backup.tenant != tenant:
            raise BackupError(
                f"the backup is of the tenant {backup.tenant!r}, the settings say {tenant!r}: its keys would not open"
            )
        await Checking(backup.material, records, tenant).check(backup.records)
        if not self._without_ledger:
            backup.check_ledger(self._ledger)
        tokeniser = Tokeniser(backup.material.token_key)
        return backup.surviving(self._ledger, lambda subject: ledger_subject(tokeniser, subject))

    async def _joined(self, records: RedisKeyRecords) -> KeyMaterial | None:
        """The key material to write: what is here and the backup's; None where it is held by the environment.

        Raises:
            BackupError: keys of another installation are here.
        """
        there = (await records.holdings()).wrapped
        here = self._here()
        theirs = self._backup.material
        if here is None:
            if strange := sorted(kek for kek in there if theirs.kek(kek) is None):
                raise BackupError(
                    f"the key store holds keys wrapped under {', '.join(strange)}, and neither a key file here nor the"
                    " backup has those: bring that key file back first, or name an empty key store"
                )
            return theirs
        same = hmac.compare_digest(here.token_key, theirs.token_key)
        if not same and not self._force:
            raise BackupError(
                "there are keys of another installation here, whose tokens would not match any more: restore into an"
                " empty data folder and key store, or join both by --force"
            )
        if self._settings.keys.kek is not None:
            missing = {one.kek for one in self._backup.records} - {kek.id for kek in here.keks}
            if missing or not same:
                raise BackupError(
                    "the keys come from the environment, which lacks those of the backup"
                    f" ({', '.join(sorted(missing)) or 'the token key'}): unset SHOPSTREAM_KEYS__KEK to use a key file"
                )
            return None
        return _union(here, theirs) if same else _union(theirs, here)

    def _here(self) -> KeyMaterial | None:
        if self._settings.keys.kek is None and not KeyFile(self._settings.kek_file).exists():
            return None
        return open_kms(self._settings, create=False).material

    async def _written(
        self, records: RedisKeyRecords, survivors: list[KeyRecord], material: KeyMaterial | None
    ) -> Restored:
        backup = self._backup
        alive = {one.id for one in survivors}
        destroyed = {one.id for one in backup.records} - alive
        gone = sorted(destroyed.union(backup.erased, *(entry.keys for entry in self._ledger)))
        for at in range(0, len(gone), _BATCH):
            await records.mark_erased(gone[at : at + _BATCH])
        added = sum(
            [await records.add(survivors[at : at + _BATCH]) for at in range(0, len(survivors), _BATCH)]
        )
        before = self._here()
        wrote_keys = material not in (None, before)
        foreign = before is not None and before.token_key != backup.material.token_key
        if material is not None and wrote_keys:
            self._write(self._settings.kek_file, material.to_json(), keep_old=before is not None)
        wrote_roles = backup.roles is not None and (self._force or not self._settings.roles_file.exists())
        if backup.roles is not None and wrote_roles:
            self._write(self._settings.roles_file, backup.roles, keep_old=self._settings.roles_file.exists())
        audit = self._audit(foreign=foreign)
        return Restored(
            backup.made,
            added,
            len(survivors) - added,
            len(destroyed),
            wrote_keys,
            wrote_roles,
            audit,
            self._aside,
        )

    def _audit(self, *, foreign: bool) -> AuditOutcome:
        """The longer of two logs stays; one that is not part of it is set aside."""
        log = AuditLog(
            self._settings.audit_file, self._backup.material.token_key, [RedisAnchor(self._settings)]
        )
        lines = self._backup.audit.splitlines(keepends=True)
        if not lines:
            return "none"
        verdict = verify_lines(lines, log.chain, {"backup's": self._backup.audit_head})
        if verdict.broken or self._backup.audit_broken:
            self._put_aside(log.path, "broken", self._backup.audit)
            return "broken"
        with locked(log.path):
            present = list(log.lines())
            if not foreign and len(present) >= len(lines):
                return "kept"
            self._write(
                log.path, self._backup.audit, keep_old=bool(present) and lines[: len(present)] != present
            )
            log.adopt(verdict.head, force=foreign)
        return "restored"

    def _write(self, path: Path, content: bytes, *, keep_old: bool) -> None:
        """Replace a file; the old one may be kept beside it."""
        if keep_old:
            self._put_aside(path, "before-restore", path.read_bytes())
        write_private(path, content)

    def _put_aside(self, path: Path, why: str, content: bytes) -> None:
        aside = path.with_name(f"{path.name}.{why}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
        write_private(aside, content)
        self._aside.append(aside)


def _union(first: KeyMaterial, second: KeyMaterial) -> KeyMaterial:
    """The first, with the keys that only the second has, before its own: the newest stay last."""
    held, intake = {kek.id for kek in first.keks}, {key.id for key in first.intake}
    return replace(
        first,
        keks=(*(kek for kek in second.keks if kek.id not in held), *first.keks),
        intake=(*(key for key in second.intake if key.id not in intake), *first.intake),
    )
