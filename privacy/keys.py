"""Data keys: one for each data subject, under one key-encryption key.

`KeyStore` is the port. `DerivedKeys` computes data keys from the key-encryption key and stores nothing, so a
subject cannot be forgotten by deleting a key; a store of random, wrapped keys plugs in here for that.
"""

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from privacy.encoding import length_prefixed
from privacy.errors import UnknownKey
from privacy.key_file import KeyMaterial

UNATTRIBUTED = "$unattributed"
"""The subject of what belongs to nobody known. Its data key's version is the day (UTC): `2025-01-31`."""

FIRST_VERSION = "1"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class DataKey:
    """A data key ready for use: what envelopes call it, the version that is authenticated, and its cipher."""

    id: str
    version: str
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


def _today() -> date:
    return datetime.now(UTC).date()


class DerivedKeys:
    """Data keys derived from the key-encryption key by HKDF-SHA256 (RFC 5869), in a bounded cache.

    Args:
        material: what the key file holds.
        cached: how many data keys to keep (each about 1 kB).
        today: the clock of the unattributed key.
    """

    def __init__(
        self, material: KeyMaterial, *, cached: int = 16_384, today: Callable[[], date] = _today
    ) -> None:
        self._kek_id = material.id
        # HKDF-Extract with the empty salt. The input is uniformly random already; the step keeps to the RFC.
        self._pseudo_random_key = hmac.digest(bytes(32), material.key, "sha256")
        self._today = today
        self._cached_key = lru_cache(maxsize=cached)(self._derive)

    async def current(self, seals: Mapping[str, int]) -> Mapping[str, DataKey]:
        """The current keys of subjects."""
        today = self._today().isoformat()
        return {
            subject: self._cached_key(subject, today if subject == UNATTRIBUTED else FIRST_VERSION)
            for subject in seals
        }

    async def named(self, subject: str, key_id: str) -> DataKey:
        """The key that `key_id` names; `UnknownKey` when it belongs to another key-encryption key."""
        kek_id, _, version = key_id.rpartition("/")
        if kek_id != self._kek_id:
            message = (
                "sealed under another key-encryption key than this key file holds: open it with the key file "
                "whose 'id' stands in the envelope's 'key'"
            )
            raise UnknownKey(message)
        known = _DAY.fullmatch(version) if subject == UNATTRIBUTED else version == FIRST_VERSION
        if not known:
            message = "sealed under a data-key version that this subject does not have: check the subject"
            raise UnknownKey(message)
        return self._cached_key(subject, version)

    def _derive(self, subject: str, version: str) -> DataKey:
        info = length_prefixed("shopstream data key", subject, version)
        # HKDF-Expand to 32 octets is one block: HMAC(PRK, info | 0x01).
        secret = hmac.digest(self._pseudo_random_key, info + b"\x01", "sha256")
        return DataKey(id=f"{self._kek_id}/{version}", version=version, cipher=AESGCM(secret))
