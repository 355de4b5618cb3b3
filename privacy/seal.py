"""Sealing: AES-256-GCM (NIST SP 800-38D), each ciphertext bound to the place it was made for.

Nonces are 96 random bits. SP 800-38D §8.3 allows 2^32 of them under one key; then the chance that any two are
equal is below 2^-32. The limit is enforced across all processes: before a process seals under a key, it reserves
nonces of it, in blocks, in the key store, which counts them durably; where the next block would pass the limit,
the store makes a new key current instead (see `keyring` and `key_records`). So a crash, a copied machine or a
clock set back can waste nonces, and never repeat a count.

The associated data is, length-prefixed: a format label, tenant, topic, event id, field, subject and the data
key's id (not the key-encryption key's: that one may be replaced without touching ciphertexts).
"""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag

from privacy.encoding import length_prefixed
from privacy.envelope import ALGORITHM, VERSION, SealedEnvelope, from_base64url, to_base64url
from privacy.errors import MalformedEnvelope, NotAuthentic, UnknownVersion
from privacy.keys import DataKey, KeyStore

NONCE_BYTES = 12
TAG_BYTES = 16


@dataclass(frozen=True, slots=True)
class SealContext:
    """Where a sealed value belongs. `subject` is the user token, or `keys.UNATTRIBUTED`."""

    tenant: str
    topic: str
    event_id: str
    field: str
    subject: str

    def associated_data(self, data_key: DataKey) -> bytes:
        """The octets that the authentication tag covers besides the ciphertext."""
        return length_prefixed(
            "shopstream envelope 1",
            self.tenant,
            self.topic,
            self.event_id,
            self.field,
            self.subject,
            data_key.id,
        )


class Sealer:
    """Seals and opens values under the data keys of a `KeyStore`."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    async def seal_all(self, values: Sequence[tuple[bytes, SealContext]]) -> list[SealedEnvelope]:
        """Encrypt values, each under its subject's current data key; one look into the key store for all."""
        if not values:
            return []
        keys = await self._keys.current(Counter(context.subject for _, context in values))
        return [self._sealed(value, context, keys[context.subject]) for value, context in values]

    @staticmethod
    def _sealed(plaintext: bytes, context: SealContext, data_key: DataKey) -> SealedEnvelope:
        nonce = os.urandom(NONCE_BYTES)
        ciphertext = data_key.cipher.encrypt(nonce, plaintext, context.associated_data(data_key))
        return SealedEnvelope(key=data_key.id, nonce=to_base64url(nonce), ciphertext=to_base64url(ciphertext))

    async def open(self, envelope: SealedEnvelope, context: SealContext) -> bytes:
        """Decrypt an envelope that was sealed for exactly this `context`.

        Raises:
            UnknownVersion: its format or algorithm is newer than this release.
            MalformedEnvelope: nonce or ciphertext are no base64url or of an impossible size.
            UnknownKey, ErasedKey, UnknownKek: its key can't be had, see `KeyStore.named`.
            NotAuthentic: it was altered, or it was sealed for another context.
        """
        if envelope.v != VERSION or envelope.alg != ALGORITHM:
            message = f"sealed envelope: this release opens only version {VERSION} with {ALGORITHM}"
            raise UnknownVersion(message)
        nonce = from_base64url(envelope.nonce, "nonce")
        ciphertext = from_base64url(envelope.ciphertext, "ciphertext")
        if len(nonce) != NONCE_BYTES or len(ciphertext) < TAG_BYTES:
            message = "sealed envelope: nonce or ciphertext is cut short"
            raise MalformedEnvelope(message)
        data_key = await self._keys.named(context.subject, envelope.key)
        try:
            return data_key.cipher.decrypt(nonce, ciphertext, context.associated_data(data_key))
        except InvalidTag:
            message = (
                "sealed envelope: not authentic; it was altered, or sealed for another tenant, topic, event, "
                "field or subject than it is opened for"
            )
            raise NotAuthentic(message) from None
