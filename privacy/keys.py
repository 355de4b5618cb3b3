"""The port to data keys: random, one current for each data subject, so that a subject is forgotten with its keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

UNATTRIBUTED = "$unattributed"
"""The subject of what belongs to nobody known. It has a new data key each day (UTC), named `2025-01-31.…`."""

MOST_SEALS = 1 << 32
"""How many random 96-bit nonces one key may serve (NIST SP 800-38D §8.3)."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """A data key ready for use: what envelopes call it, random and unique; and its cipher."""

    id: str
    cipher: AESGCM = field(repr=False, compare=False)


class KeyStore(Protocol):
    """Where data keys come from. Both calls are on the path of every sealed field: cache.

    A store that is away raises an error of its own, not a `PrivacyError`: nothing is wrong with what is sealed.
    """

    async def current(self, seals: Mapping[str, int]) -> Mapping[str, DataKey]:
        """The keys to seal under now, by subject.

        Args:
            seals: by subject, how often the key will be used: nonces are counted.
        """
        ...

    async def named(self, subject: str, key_id: str) -> DataKey:
        """The key of `subject` that envelopes call `key_id`.

        Raises:
            UnknownKey: the subject never had it, or it can't be told any more.
            ErasedKey: it was destroyed on purpose.
            UnknownKek: it is there, wrapped under a key-encryption key that is not.
        """
        ...
