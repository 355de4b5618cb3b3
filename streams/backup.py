"""Backups of keys, roles and audit log: gathering them while workers run.

What it promises: whatever was sealed when the backup began can be opened with it. The order makes that so, without
stopping anybody. First the wrapped keys are read; the scan has every key that is there all the time. Then the ids of
erased keys, so that one which was erased during the scan is left out. Then the key file, which has any
key-encryption key that a rotation made meanwhile; if one was retired in between, the scan is done again. At last
every key is unwrapped once, so that a backup that could not open anything is not written.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from privacy.audit_chain import Head, head_of
from privacy.audit_check import verify
from privacy.backup import KIND, Backup, BackupError, Erased
from privacy.envelope import to_base64url
from privacy.key_material import KeyMaterial
from privacy.key_records import KeyRecord, KeyRecords
from privacy.keyring import Keyring
from privacy.kms import EnvironmentKms
from privacy.private_file import locked, read_private
from privacy.sealed_file import read_sealed, write_sealed
from streams.access import audit_log
from streams.client.errors import ClientError
from streams.client.reader import TopicReader
from streams.contracts.codec import decode_result
from streams.contracts.topics import ERASURE_LEDGER
from streams.contracts.violation import ContractViolation
from streams.keys import Keys, open_kms
from streams.settings import Settings

SCANS: Final = 3
"""How often the keys are read when key-encryption keys are retired meanwhile."""

_BATCH: Final = 1_000


class Checking(Keyring):
    """A keyring that tells whether it can open keys that are not in its store.

    Args:
        material: the key-encryption keys.
        records: any store; it is not asked.
        tenant: of the keys.
    """

    def __init__(self, material: KeyMaterial, records: KeyRecords, tenant: str) -> None:
        current = material.kek(material.current)
        others = [to_base64url(kek.key) for kek in material.keks if kek is not current]
        kms = EnvironmentKms(
            to_base64url(material.keks[-1].key if current is None else current.key),
            to_base64url(material.token_key),
            others,
        )
        super().__init__(kms, records, tenant=tenant)

    async def check(self, records: Sequence[KeyRecord]) -> None:
        """Unwraps each.

        Raises:
            UnknownKek: one is wrapped under a key-encryption key that is not there.
            NotAuthentic: one is damaged, or of another tenant.
        """
        for start in range(0, len(records), _BATCH):
            await self._wrapping.unwrap(records[start : start + _BATCH])


async def back_up(settings: Settings, path: Path, passphrase: str) -> Backup:
    """Writes a backup, reads it back, and returns what is in it.

    Args:
        settings: with a key store's address; the broker is asked for the ledger if it is there.
        path: where to.
        passphrase: that it will be opened with.

    Raises:
        BackupError: keys and key-encryption keys don't fit together.
        PrivacyError: the key file, the key store or the audit log can't be used, or the file can't be written.
        DependencyUnavailable: the key store went away.
    """
    backup = await gathered(settings)
    content = backup.to_bytes()
    write_sealed(path, content, passphrase, KIND)
    if read_sealed(path, passphrase, KIND) != content:
        raise BackupError(f"{path} does not read as it was written: check the disk")
    return backup


async def gathered(settings: Settings) -> Backup:
    """All that a backup holds; errors as of `back_up`."""
    made = datetime.now(UTC)
    ledger = await _ledger_names(settings)
    keys = await Keys.open(settings, create=False)
    try:
        records, erased, material = await _consistent(settings, keys)
        await Checking(material, keys.records, settings.privacy.tenant).check(records)
    finally:
        await keys.close()
    lines, head, broken = _audit(settings)
    return Backup(
        made=made,
        tenant=settings.privacy.tenant,
        material=material,
        records=records,
        erased=erased,
        ledger=ledger,
        roles=read_private(settings.roles_file),
        audit=lines,
        audit_head=head,
        audit_broken=broken,
    )


async def read_ledger(settings: Settings) -> list[Erased]:
    """The erasure ledger, as it stands on the broker.

    Raises:
        NotSetUp: there is no broker, or no ledger on it.
        NotDelivered: Kafka broke off.
        BackupError: an entry can't be read by this release.
    """
    entries: dict[str, Erased] = {}
    async with TopicReader(settings, [ERASURE_LEDGER.name]) as reader:
        await reader.to_beginning()
        async for records in reader.until_caught_up():
            for record in records:
                if record.value is not None:
                    entry = erased_in(record.value)
                    entries[entry.subject] = entry
    return list(entries.values())


def erased_in(value: bytes) -> Erased:
    """One entry of the ledger.

    Raises:
        BackupError: it follows no contract that this release knows; leaving it out could bring somebody back.
    """
    try:
        entry = decode_result(ERASURE_LEDGER, value)
    except ContractViolation as violation:
        raise BackupError(
            f"an entry of the erasure ledger can't be read ({violation.reason.value}): use the newer release"
        ) from violation
    return Erased(entry.subject, entry.erased_at, frozenset(entry.keys))


async def _consistent(settings: Settings, keys: Keys) -> tuple[list[KeyRecord], list[str], KeyMaterial]:
    """Wrapped keys, erased ids, and key material that fit together."""
    for _ in range(SCANS):
        scanned = {(one.subject, one.id): one async for batch in keys.records.scan() for one in batch}
        erased = sorted({key_id async for batch in keys.records.erased_ids() for key_id in batch})
        material = open_kms(settings, create=False).material
        gone, at_hand = set(erased), {kek.id for kek in material.keks}
        records = [one for one in scanned.values() if one.id not in gone]
        if all(one.kek in at_hand for one in records):
            return records, erased, material
    raise BackupError(
        "data keys are wrapped under key-encryption keys that the key file does not hold: `shopstream keys list`"
    )


async def _ledger_names(settings: Settings) -> frozenset[str] | None:
    """The subjects that the ledger names; None where it can't be read."""
    if settings.kafka.bootstrap is None:
        return None
    try:
        return frozenset(entry.subject for entry in await read_ledger(settings))
    except ClientError:
        return None


def _audit(settings: Settings) -> tuple[bytes, Head, str | None]:
    """The log's whole lines, its last good entry, and how it is broken, if it is."""
    log = audit_log(settings)
    with locked(log.path):
        broken = verify(log).broken
        lines = [line for line in log.lines() if line.endswith(b"\n")]
    head = head_of(log.chain.parse(lines[-1]) if lines else None)
    return b"".join(lines), head, None if broken is None else broken.kind
