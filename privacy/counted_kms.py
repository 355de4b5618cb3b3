"""The limit of a key-encryption key (KEK): how often it wraps is counted, over all processes, before it does."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from privacy.errors import KeyStoreError
from privacy.key_records import KeyRecords
from privacy.kms import Kms, Wrapped

MOST_WRAPS: Final = 1 << 32
"""How many random 96-bit nonces one KEK may serve (NIST SP 800-38D §8.3)."""

BLOCK: Final = 1024
"""How many wrappings a process reserves at a time; a process that ends wastes the rest."""


class CountedKms:
    """A `Kms` that wraps only what it has reserved in the key store.

    Args:
        kms: wraps and unwraps.
        records: where wrappings are counted.
        most: how often one KEK may wrap.
    """

    def __init__(self, kms: Kms, records: KeyRecords, most: int = MOST_WRAPS) -> None:
        self._kms = kms
        self._records = records
        self._most = most
        self._left: Counter[str] = Counter()

    async def current(self) -> str:
        """See `Kms.current`."""
        return await self._kms.current()

    async def wrap(self, keys: Sequence[tuple[bytes, bytes]]) -> list[Wrapped]:
        """See `Kms.wrap`.

        Raises:
            KeyStoreError: the KEK has wrapped as often as it may.
        """
        kek = await self._kms.current()
        if self._left[kek] < len(keys):
            block = max(BLOCK, len(keys))
            if await self._records.reserve_wraps(kek, block) > self._most:
                raise KeyStoreError(
                    f"the key-encryption key {kek} has wrapped {self._most} data keys, as many as it may: run "
                    "`shopstream keys rotate`"
                )
            self._left[kek] += block
        self._left[kek] -= len(keys)
        return await self._kms.wrap(keys)

    async def unwrap(self, keys: Sequence[tuple[Wrapped, bytes]]) -> list[bytes]:
        """See `Kms.unwrap`."""
        return await self._kms.unwrap(keys)
