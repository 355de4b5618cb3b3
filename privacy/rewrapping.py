"""Wrapping all data keys of a store under the current key-encryption key."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from privacy.key_records import KeyRecord, KeyRecords
from privacy.key_wrapping import KeyWrapping

MOST_PASSES: Final = 5
"""Until none is found that is wrapped under an older key."""


@dataclass(frozen=True, slots=True)
class Rewrapping:
    """How many data keys were wrapped anew, and how many are damaged and stay as they are."""

    done: int
    damaged: int


async def rewrap(
    records: KeyRecords, wrapping: KeyWrapping, report: Callable[[int, int], None]
) -> Rewrapping:
    """Wraps every data key under the current key-encryption key, but for damaged ones; see `Keyring.rewrap`."""
    holdings = await records.holdings()
    current = await wrapping.current()
    total = sum(count for kek, count in holdings.wrapped.items() if kek != current)
    done = damaged = 0
    for _ in range(MOST_PASSES):  # a worker may have wrapped a new key while it had not yet seen the change
        found = damaged = 0
        async for batch in records.scan():
            stale = [record for record in batch if record.kek != current]
            keys = await wrapping.unwrap_whole(stale)
            whole = [(one, key) for one, key in zip(stale, keys, strict=True) if key is not None]
            found += len(whole)
            damaged += len(stale) - len(whole)
            done += await _replaced(records, wrapping, whole)
            report(done, max(total, done))
        if not found:
            break
    return Rewrapping(done, damaged)


async def _replaced(records: KeyRecords, wrapping: KeyWrapping, stale: list[tuple[KeyRecord, bytes]]) -> int:
    if not stale:
        return 0
    fresh = await wrapping.wrap([(one.subject, one.id, one.created, key) for one, key in stale])
    return await records.replace([(old, new) for (old, _), new in zip(stale, fresh, strict=True)])
