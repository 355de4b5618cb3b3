"""Producer-side sealing: a person's words leave the producer as ciphertext that only the workers open.

Hybrid public key encryption, RFC 9180, single-shot, in the base mode, by the library `cryptography`: KEM
DHKEM(X25519, HKDF-SHA256) (0x0020), KDF HKDF-SHA256 (0x0001), AEAD AES-256-GCM (0x0002). Every text gets an ephemeral
key of its own, so its content key and nonce serve once, and there is no limit to count. The additional data
(`aad`) is empty; all that binds a ciphertext to its place is in `info`, which the key schedule takes in (§5.1), and
so does the same: a text that was moved does not open. `info` is, length-prefixed: a format label, tenant, topic, event
id, field, and user id as the event has it (empty where it has none).

The base mode does not authenticate the sender (§9.1.1): whoever has the public key can seal. Who may write events is
for the broker to say. Nor has it forward secrecy towards the intake key: who gets that private key opens all that was
sealed to it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from privacy.encoding import length_prefixed
from privacy.envelope import from_base64url, to_base64url
from privacy.errors import KeyFileError, MalformedEnvelope, NotAuthentic, UnknownKey
from privacy.key_material import KEY_BYTES, IntakeKey, intake_key_id
from privacy.sealed_text import ALGORITHM, ENC_BYTES, SealedText

FORMAT = "shopstream-public-key/1"
_LABEL = "shopstream sealed text 1"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_MOST_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class TextContext:
    """Where a sealed text belongs.

    Attributes:
        topic: the input topic's name in the contracts, without prefix.
        event_id: the event's id.
        field: the event's field.
        user_id: as the event has it; None where it has none.
    """

    topic: str
    event_id: str
    field: str
    user_id: str | None

    def info(self, tenant: str) -> bytes:
        """HPKE's `info` for this place in an installation of `tenant`."""
        return length_prefixed(_LABEL, tenant, self.topic, self.event_id, self.field, self.user_id or "")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What a producer needs to seal: one installation's public intake key.

    Attributes:
        tenant: of the installation, bound into every ciphertext.
        id: the key's identifier, `intake-` and a fingerprint.
        key: the key.
    """

    tenant: str
    id: str
    key: X25519PublicKey = field(repr=False)

    @classmethod
    def of(cls, key: IntakeKey, tenant: str) -> Self:
        """The public half of an intake key."""
        return cls(tenant, key.id, X25519PrivateKey.from_private_bytes(key.key).public_key())

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads the document that `shopstream keys public` writes.

        Raises:
            KeyFileError: it can't be read, or it is no public key document.
        """
        try:
            with path.open("rb") as file:
                content = file.read(_MOST_BYTES)
        except OSError as error:
            raise KeyFileError(f"cannot read the public key {path}: {error.strerror}") from error
        return cls.from_json(content, f"the public key {path}")

    @classmethod
    def from_json(cls, content: bytes, where: str) -> Self:
        """Reads what `to_json` wrote.

        Args:
            content: the JSON.
            where: its source, for messages.

        Raises:
            KeyFileError: not of this format or algorithm, or damaged; the message names the member.
        """
        try:
            data = json.loads(content)
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise KeyFileError(
                f"{where} is not of the format {FORMAT}: write one with `shopstream keys public --out FILE`"
            )
        if data.get("alg") != ALGORITHM:
            raise KeyFileError(
                f"{where} is for another algorithm than {ALGORITHM}, the one this release knows"
            )
        tenant, key = _string(data, "tenant", where), _string(data, "key", where)
        try:
            raw = from_base64url(_string(data, "public_key", where), "public_key")
        except MalformedEnvelope:
            raw = b""
        if len(raw) != KEY_BYTES:
            raise KeyFileError(f"{where} is damaged: 'public_key' is not 256 bits in base64url")
        if key != intake_key_id(raw):
            raise KeyFileError(f"{where} is damaged: 'key' is not the fingerprint of its 'public_key'")
        return cls(tenant, key, X25519PublicKey.from_public_bytes(raw))

    def to_json(self) -> bytes:
        """The public key document, with a line break at its end."""
        document = {
            "format": FORMAT,
            "tenant": self.tenant,
            "key": self.id,
            "public_key": to_base64url(self.key.public_bytes_raw()),
            "alg": ALGORITHM,
        }
        return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"

    def seal(self, text: str, context: TextContext) -> SealedText:
        """Seals a text for one place.

        Raises:
            UnicodeEncodeError: it holds lone surrogates, which have no UTF-8.
        """
        sealed = _SUITE.encrypt(text.encode(), self.key, context.info(self.tenant))
        return SealedText(key=self.id, enc=sealed[:ENC_BYTES], ciphertext=sealed[ENC_BYTES:])


class IntakeKeys(Protocol):
    """Where the private keys are: a key file or the environment, see `kms`."""

    def intake_key(self, key_id: str) -> IntakeKey | None:
        """The key of that identifier, None where there is none; a key file is looked at again before."""
        ...


class Opener:
    """Opens sealed texts with an installation's private intake keys.

    Args:
        tenant: of the installation.
        keys: its intake keys; without them nothing can be opened.
    """

    def __init__(self, tenant: str, keys: IntakeKeys | None) -> None:
        self._tenant = tenant
        self._keys = keys
        self._parsed: dict[str, X25519PrivateKey] = {}

    def open(self, sealed: SealedText, context: TextContext) -> bytes:
        """The octets that were sealed for exactly this `context`.

        Raises:
            UnknownKey: it was sealed to an intake key that is not at hand.
            NotAuthentic: it was altered, or sealed for another context.
        """
        key = self._private(sealed.key)
        try:
            return _SUITE.decrypt(sealed.enc + sealed.ciphertext, key, context.info(self._tenant))
        except (InvalidTag, ValueError):  # ValueError: a point of small order, RFC 9180 §7.1.4
            raise NotAuthentic(
                "sealed text: not authentic; it was altered, or sealed for another tenant, topic, event, field or user"
            ) from None

    def _private(self, key_id: str) -> X25519PrivateKey:
        if key_id not in self._parsed:
            found = self._keys.intake_key(key_id) if self._keys else None
            if found is None:
                raise UnknownKey("sealed text: sealed to an intake key that this installation does not hold")
            self._parsed[key_id] = X25519PrivateKey.from_private_bytes(found.key)
        return self._parsed[key_id]


def _string(data: Mapping[str, object], member: str, where: str) -> str:
    value = data.get(member)
    if not isinstance(value, str) or not value:
        raise KeyFileError(f"{where} is damaged: '{member}' is not a text")
    return value
