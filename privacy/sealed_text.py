"""The sealed text: what a producer sends in place of a person's words that it has sealed itself.

Format version 1, a JSON object with one member, which is an object of five:

    {"sealed": {"v": 1, "alg": "HPKE-Base-X25519-HKDF-SHA256-AES-256-GCM", "key": "intake-77aa01bc",
                "enc": "…", "ciphertext": "…"}}

`alg` names mode and suite of HPKE (RFC 9180). `key` is the identifier of the intake key that it was sealed to. `enc`
(the encapsulated key, 32 bytes) and `ciphertext` (the 128-bit tag appended) are base64url without padding (RFC 4648
§5). What it is bound to is not in it: see `hpke`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from privacy.envelope import from_base64url, to_base64url
from privacy.errors import MalformedEnvelope, UnknownVersion

VERSION = 1
ALGORITHM = "HPKE-Base-X25519-HKDF-SHA256-AES-256-GCM"
MEMBER = "sealed"
"""The one member that tells a sealed text from a string."""

ENC_BYTES = 32
TAG_BYTES = 16
MAX_KEY_ID = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedText:
    """One sealed text.

    Attributes:
        key: the identifier of an intake key.
        enc: the encapsulated key, a public key of X25519.
        ciphertext: the sealed UTF-8 with its tag.
    """

    key: str
    enc: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)

    @classmethod
    def parse(cls, data: object) -> Self:
        """Reads what `document` gave; members that it does not know are ignored.

        Raises:
            MalformedEnvelope: a member is missing, of a wrong type or size, or not base64url; the message names it.
            UnknownVersion: its format or algorithm is newer than this release.
        """
        sealed = data.get(MEMBER) if isinstance(data, Mapping) else None
        if not isinstance(sealed, Mapping):
            raise MalformedEnvelope(f"sealed text: member '{MEMBER}' is not an object")
        version, algorithm = sealed.get("v"), sealed.get("alg")
        if type(version) is not int or not isinstance(algorithm, str):
            raise MalformedEnvelope("sealed text: member 'v' or 'alg' is missing or of a wrong type")
        if version != VERSION or algorithm != ALGORITHM:
            raise UnknownVersion(f"sealed text: this release knows only version {VERSION} with {ALGORITHM}")
        key = sealed.get("key")
        if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY_ID:
            raise MalformedEnvelope(f"sealed text: member 'key' is not a string of 1-{MAX_KEY_ID} characters")
        enc, ciphertext = _bytes(sealed, "enc"), _bytes(sealed, "ciphertext")
        if len(enc) != ENC_BYTES or len(ciphertext) < TAG_BYTES:
            raise MalformedEnvelope("sealed text: member 'enc' or 'ciphertext' is cut short")
        return cls(key=key, enc=enc, ciphertext=ciphertext)

    def document(self) -> dict[str, Any]:
        """What stands in the event in place of the string."""
        return {
            MEMBER: {
                "v": VERSION,
                "alg": ALGORITHM,
                "key": self.key,
                "enc": to_base64url(self.enc),
                "ciphertext": to_base64url(self.ciphertext),
            }
        }


def sealed_text_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `SealedText.document`."""
    members = {
        "v": {"const": VERSION},
        "alg": {"const": ALGORITHM},
        "key": {
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_KEY_ID,
            "description": "Identifier of the intake key, from the public key document.",
        },
        "enc": {
            "type": "string",
            "pattern": "^[A-Za-z0-9_-]{43}$",
            "description": "Encapsulated key, base64url without padding.",
        },
        "ciphertext": {
            "type": "string",
            "pattern": "^[A-Za-z0-9_-]{22,}$",
            "description": "UTF-8 of the text, sealed, its tag appended, base64url without padding.",
        },
    }
    return {
        "type": "object",
        "description": "The text sealed by its producer (RFC 9180); its bounds are checked once it is opened.",
        "properties": {MEMBER: {"type": "object", "properties": members, "required": list(members)}},
        "required": [MEMBER],
    }


def _bytes(sealed: Mapping[str, object], member: str) -> bytes:
    value = sealed.get(member)
    if not isinstance(value, str):
        raise MalformedEnvelope(f"sealed text: member '{member}' is not a string")
    return from_base64url(value, member)
