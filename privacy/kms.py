"""Key management: who holds the key-encryption keys (KEKs) and wraps data keys under them.

`Kms` is the port; a cloud's service or an HSM plugs in there. `LocalKms` has them from the key file,
`EnvironmentKms` from the environment. Both wrap by AES-256-GCM with random 96-bit nonces; each rewrapping
and each new data key takes one. A KEK may serve 2^32 of them (NIST SP 800-38D §8.3): see `counted_kms`.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from privacy.errors import KeyFileError, NotAuthentic, UnknownKek
from privacy.key_file import KeyFile
from privacy.key_material import IntakeKey, Kek, KeyMaterial, key_bytes

NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A data key as it is kept: under which KEK; nonce, ciphertext and tag."""

    kek: str
    wrapped: bytes = field(repr=False)


class Kms(Protocol):
    """Wraps and unwraps data keys, in batches: with a remote service every call is a round trip."""

    async def current(self) -> str:
        """The identifier of the KEK that `wrap` uses now."""
        ...

    async def wrap(self, keys: Sequence[tuple[bytes, bytes]]) -> list[Wrapped]:
        """Wraps data keys under the current KEK.

        Args:
            keys: each with the associated data that unwrapping has to repeat.
        """
        ...

    async def unwrap(self, keys: Sequence[tuple[Wrapped, bytes]]) -> list[bytes]:
        """Unwraps data keys, each with its associated data.

        Raises:
            UnknownKek: a KEK is not at hand; the message names it.
            NotAuthentic: a wrapped key was altered, or moved from another place.
        """
        ...


class _MaterialKms:
    """Wraps under KEKs that are in this process's memory."""

    def __init__(self, material: KeyMaterial) -> None:
        self._take(material)

    @property
    def material(self) -> KeyMaterial:
        """The keys."""
        return self._material

    def intake_key(self, key_id: str) -> IntakeKey | None:
        """The private key of producer-side sealing that has this identifier."""
        return next((key for key in self._material.intake if key.id == key_id), None)

    async def current(self) -> str:
        """The identifier of the KEK that wraps new data keys."""
        return self._material.current

    async def wrap(self, keys: Sequence[tuple[bytes, bytes]]) -> list[Wrapped]:
        """See `Kms.wrap`."""
        kek = self._material.current
        cipher = self._ciphers[kek]
        wrapped = []
        for key, bound in keys:
            nonce = os.urandom(NONCE_BYTES)
            wrapped.append(Wrapped(kek, nonce + cipher.encrypt(nonce, key, bound)))
        return wrapped

    async def unwrap(self, keys: Sequence[tuple[Wrapped, bytes]]) -> list[bytes]:
        """See `Kms.unwrap`."""
        return [self._unwrapped(key, bound) for key, bound in keys]

    def _take(self, material: KeyMaterial) -> None:
        self._material = material
        self._ciphers = {kek.id: AESGCM(kek.key) for kek in material.keks}

    def _cipher(self, kek: str) -> AESGCM:
        cipher = self._ciphers.get(kek)
        if cipher is None:
            raise UnknownKek(
                f"a data key is wrapped under the key-encryption key {kek}, which is not at hand: use the key file "
                "(or environment) that holds it"
            )
        return cipher

    def _unwrapped(self, key: Wrapped, bound: bytes) -> bytes:
        cipher = self._cipher(key.kek)
        nonce, ciphertext = key.wrapped[:NONCE_BYTES], key.wrapped[NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, ciphertext, bound)
        except (InvalidTag, ValueError):
            raise NotAuthentic(
                f"a data key wrapped under {key.kek} is damaged, or belongs to another subject or tenant: restore the "
                "key store from a backup"
            ) from None


class LocalKms(_MaterialKms):
    """KEKs of a key file, which is read again when it was replaced, so that running workers follow a rotation.

    Raises:
        KeyFileError: the file can't be used, when the object is made; later the keys read before stay in use.
    """

    def __init__(self, file: KeyFile) -> None:
        material, self._stamp = file.load_stamped()
        self._file = file
        super().__init__(material)

    def intake_key(self, key_id: str) -> IntakeKey | None:
        """The private key of producer-side sealing that has this identifier; one may have come since."""
        found = super().intake_key(key_id)
        if found is None:
            self._follow()
            found = super().intake_key(key_id)
        return found

    async def current(self) -> str:
        """The identifier of the KEK that wraps new data keys."""
        self._follow()
        return await super().current()

    async def wrap(self, keys: Sequence[tuple[bytes, bytes]]) -> list[Wrapped]:
        """See `Kms.wrap`."""
        self._follow()
        return await super().wrap(keys)

    def _cipher(self, kek: str) -> AESGCM:
        if kek not in self._ciphers:
            self._follow()
        return super()._cipher(kek)

    def _follow(self) -> None:
        """Reads the file again if it is another than before: a call of the system, some microseconds."""
        stamp = self._file.stamp()
        if stamp is None or stamp == self._stamp:
            return
        try:
            material, self._stamp = self._file.load_stamped()
        except KeyFileError:
            self._stamp = stamp  # not usable: told by whoever needs a key that was not there before
            return
        self._take(material)


class EnvironmentKms(_MaterialKms):
    """KEKs given as base64url text, from the environment or a secret manager that fills it.

    Args:
        kek: the current KEK.
        token_key: for tokens.
        old_keks: earlier KEKs, for unwrapping.
        intake_keys: private keys of producer-side sealing, newest last.

    Raises:
        KeyFileError: one of them is not 256 bits in base64url; the message names it.
    """

    def __init__(
        self, kek: str, token_key: str, old_keks: Sequence[str] = (), intake_keys: Sequence[str] = ()
    ) -> None:
        where = "the environment"
        current = Kek.of(key_bytes(kek, where, "SHOPSTREAM_KEYS__KEK"))
        old = [Kek.of(key_bytes(one, where, "SHOPSTREAM_KEYS__OLD_KEKS")) for one in old_keks]
        intake = [IntakeKey.of(key_bytes(one, where, "SHOPSTREAM_KEYS__INTAKE_KEYS")) for one in intake_keys]
        super().__init__(
            KeyMaterial(
                keks=(*old, current),
                current=current.id,
                token_key=key_bytes(token_key, where, "SHOPSTREAM_KEYS__TOKEN_KEY"),
                intake=tuple(intake),
            )
        )
