"""What an installation's key file holds: key-encryption keys, the token key, and the intake keys.

Its JSON form, format `shopstream-keys/2`, every key 256 bits as base64url:

    {"format": "shopstream-keys/2", "current": "kek-3f9a1c2e",
     "keks": [{"id": "kek-3f9a1c2e", "key": "…", "created": "2026-03-14T09:26:53+00:00"}],
     "token_key": "…",
     "intake": [{"id": "intake-77aa01bc", "key": "…", "created": "…"}]}

An identifier holds a fingerprint of its key, so a wrong key is told from a damaged ciphertext. The token key is
apart from the KEKs because tokens are joined on for years, and have to outlive a change of the KEK.
"""

import hashlib
import hmac
import json
import secrets
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from privacy.envelope import from_base64url, to_base64url
from privacy.errors import KeyFileError, OpenError

FORMAT = "shopstream-keys/2"
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Kek:
    """A key-encryption key: AES-256, which wraps data keys.

    Attributes:
        id: `kek-` and a fingerprint of the key.
        key: 32 bytes.
        created: ISO 8601, UTC; empty if unknown.
    """

    id: str
    key: bytes = field(repr=False)
    created: str = ""

    @classmethod
    def of(cls, key: bytes, created: str = "") -> Self:
        """The key with its identifier: 32 bits of an HMAC under it."""
        return cls("kek-" + hmac.digest(key, b"shopstream key id", "sha256")[:4].hex(), key, created)


@dataclass(frozen=True, slots=True)
class IntakeKey:
    """A private X25519 key (RFC 7748), to which producers seal events.

    Attributes:
        id: `intake-` and a fingerprint of the public key.
        key: the private key, 32 bytes.
        created: ISO 8601, UTC; empty if unknown.
    """

    id: str
    key: bytes = field(repr=False)
    created: str = ""

    @classmethod
    def of(cls, key: bytes, created: str = "") -> Self:
        """The key with its identifier: 32 bits of the SHA-256 of its public key."""
        public = X25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()
        return cls(intake_key_id(public), key, created)


def intake_key_id(public_key: bytes) -> str:
    """The identifier of the intake key that has this public half, 32 bytes."""
    return "intake-" + hashlib.sha256(public_key).digest()[:4].hex()


AnyKey = TypeVar("AnyKey", Kek, IntakeKey)


@dataclass(frozen=True, slots=True)
class KeyMaterial:
    """All long-lived secrets of one installation; the keys do not show in `repr`.

    Attributes:
        keks: key-encryption keys, newest last.
        current: the identifier of the one that wraps new data keys.
        token_key: under which tokens and digests are made.
        intake: private keys of producer-side sealing, newest last.
    """

    keks: tuple[Kek, ...]
    current: str
    token_key: bytes = field(repr=False)
    intake: tuple[IntakeKey, ...] = ()

    @classmethod
    def generate(cls) -> Self:
        """New random keys, one of each kind."""
        now = _now()
        kek = Kek.of(secrets.token_bytes(KEY_BYTES), now)
        intake = IntakeKey.of(X25519PrivateKey.generate().private_bytes_raw(), now)
        return cls((kek,), kek.id, secrets.token_bytes(KEY_BYTES), (intake,))

    def kek(self, kek_id: str) -> Kek | None:
        """The key-encryption key of that identifier."""
        return next((kek for kek in self.keks if kek.id == kek_id), None)

    def with_new_kek(self) -> Self:
        """A new key-encryption key, made current; those before stay for unwrapping."""
        kek = Kek.of(secrets.token_bytes(KEY_BYTES), _now())
        return replace(self, keks=(*self.keks, kek), current=kek.id)

    def with_new_intake(self) -> Self:
        """A new intake key; those before stay for opening."""
        key = IntakeKey.of(X25519PrivateKey.generate().private_bytes_raw(), _now())
        return replace(self, intake=(*self.intake, key))

    def without_kek(self, kek_id: str) -> Self:
        """That key-encryption key left out.

        Raises:
            KeyFileError: there is none of that identifier, or it is the current one.
        """
        if self.kek(kek_id) is None:
            raise KeyFileError(f"the key file holds no key-encryption key {kek_id}: `shopstream keys list`")
        if kek_id == self.current:
            raise KeyFileError(
                f"{kek_id} is the current key-encryption key: run `shopstream keys rotate` first"
            )
        return replace(self, keks=tuple(kek for kek in self.keks if kek.id != kek_id))

    def to_json(self) -> bytes:
        """The form that the module describes, with a line break at its end."""
        document = {
            "format": FORMAT,
            "current": self.current,
            "keks": [_document(kek) for kek in self.keks],
            "token_key": to_base64url(self.token_key),
            "intake": [_document(key) for key in self.intake],
        }
        return json.dumps(document, indent=1).encode("ascii") + b"\n"

    @classmethod
    def from_json(cls, content: bytes, where: str) -> Self:
        """Reads what `to_json` wrote.

        Args:
            content: the JSON.
            where: its source, for messages: "the key file /…".

        Raises:
            KeyFileError: not of this format, or damaged; the message names the member.
        """
        try:
            data = json.loads(content)
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise KeyFileError(f"{where} is not of the format {FORMAT}")
        keks = tuple(
            _checked(Kek.of(key, created), given, where, "keks")
            for key, created, given in _entries(data, "keks", where)
        )
        intake = tuple(
            _checked(IntakeKey.of(key, created), given, where, "intake")
            for key, created, given in _entries(data, "intake", where)
        )
        current = data.get("current")
        if not isinstance(current, str) or current not in {kek.id for kek in keks}:
            raise KeyFileError(f"{where} is damaged: 'current' names none of its 'keks'")
        return cls(keks, current, key_bytes(data.get("token_key"), where, "token_key"), intake)


def key_bytes(value: object, where: str, member: str) -> bytes:
    """A key out of its base64url form.

    Raises:
        KeyFileError: it is not 256 bits in base64url; the message names `where` and `member`, not the value.
    """
    with suppress(OpenError):
        key = from_base64url(value, member) if isinstance(value, str) else b""
        if len(key) == KEY_BYTES:
            return key
    raise KeyFileError(f"{where} is damaged: '{member}' is not 256 bits in base64url")


def _entries(data: dict[str, Any], member: str, where: str) -> list[tuple[bytes, str, object]]:
    """Key, time of creation and identifier of each entry of a list."""
    entries = data.get(member)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise KeyFileError(f"{where} is damaged: '{member}' is not a list of keys")
    return [
        (key_bytes(entry.get("key"), where, f"{member}.key"), str(entry.get("created", "")), entry.get("id"))
        for entry in entries
    ]


def _checked(key: AnyKey, given: object, where: str, member: str) -> AnyKey:
    if given != key.id:
        raise KeyFileError(
            f"{where} is damaged: a key of '{member}' does not fit its 'id'; restore it from a backup"
        )
    return key


def _document(key: Kek | IntakeKey) -> dict[str, str]:
    return {"id": key.id, "key": to_base64url(key.key), "created": key.created}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
