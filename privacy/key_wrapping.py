"""How a tenant's data keys are wrapped: bound to tenant, subject and id, so that none passes for another."""

from collections.abc import Sequence
from typing import Final

from privacy.encoding import length_prefixed
from privacy.errors import NotAuthentic
from privacy.key_records import KeyRecord
from privacy.kms import Kms, Wrapped

_LABEL: Final = "shopstream data key 1"


class KeyWrapping:
    """Data keys to records, and back.

    Args:
        kms: wraps and unwraps.
        tenant: bound into every wrapped key.
    """

    def __init__(self, kms: Kms, tenant: str) -> None:
        self._kms = kms
        self._tenant = tenant

    async def current(self) -> str:
        """The identifier of the key-encryption key that wraps now."""
        return await self._kms.current()

    async def wrap(self, keys: Sequence[tuple[str, str, int, bytes]]) -> list[KeyRecord]:
        """Records of data keys, wrapped under the current key-encryption key.

        Args:
            keys: of each subject, id, Unix time of creation, and the key.
        """
        wrapped = await self._kms.wrap([(key, self._bound(subject, name)) for subject, name, _, key in keys])
        return [
            KeyRecord(subject, name, one.kek, one.wrapped, created)
            for (subject, name, created, _), one in zip(keys, wrapped, strict=True)
        ]

    async def unwrap(self, records: Sequence[KeyRecord]) -> list[bytes]:
        """The data keys of records.

        Raises:
            UnknownKek: a key-encryption key is not at hand.
            NotAuthentic: one of them is damaged, or of another tenant.
        """
        if not all(record.readable for record in records):
            raise NotAuthentic("the record of a data key is damaged: look for a backup that has it whole")
        return await self._kms.unwrap(
            [(Wrapped(one.kek, one.wrapped), self._bound(one.subject, one.id)) for one in records]
        )

    async def unwrap_whole(self, records: Sequence[KeyRecord]) -> list[bytes | None]:
        """The data keys of records; None for each that is damaged, which is found by halving.

        Raises:
            UnknownKek: a key-encryption key is not at hand.
        """
        if not records:
            return []
        try:
            return list(await self.unwrap(records))
        except NotAuthentic:
            if len(records) == 1:
                return [None]
        middle = len(records) // 2
        return await self.unwrap_whole(records[:middle]) + await self.unwrap_whole(records[middle:])

    def _bound(self, subject: str, key_id: str) -> bytes:
        """What a wrapped key is bound to."""
        return length_prefixed(_LABEL, self._tenant, subject, key_id)
