"""Which erasure ledger a backup takes for its own."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from privacy.backup import Backup, BackupError, Erased
from privacy.key_material import KeyMaterial

NOW = datetime(2026, 3, 14, tzinfo=UTC)


def backup(ledger: Sequence[str] | None) -> Backup:
    """A backup as it is read back from its file."""
    known = None if ledger is None else frozenset(ledger)
    return Backup.from_bytes(Backup(NOW, "t", KeyMaterial.generate(), [], ledger=known).to_bytes())


@pytest.mark.parametrize(
    ("known", "found", "refused"),
    [
        ("ab", "ab", None),
        ("ab", "abc", None),
        ("ab", "acd", "lacks 1 of the 2 users"),
        ("ab", "", "lacks 2 of the 2 users"),
        ("", "", None),
        (None, "", "could not be read"),
        (None, "a", None),
    ],
)
def test_a_ledger_must_name_all_that_it_named_when_the_backup_was_made(
    known: str | None, found: str, refused: str | None
) -> None:
    ledger = [Erased(subject, NOW, frozenset()) for subject in found]
    if refused is None:
        backup(known).check_ledger(ledger)
        return
    with pytest.raises(BackupError, match=refused):
        backup(known).check_ledger(ledger)
