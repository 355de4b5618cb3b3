"""The sealed envelope: how an encrypted original travels in results, dead letters and state.

Format version 1, a JSON object of five members:

    {"v": 1, "alg": "A256GCM", "key": "q1mXo4UqLw2e", "nonce": "…", "ciphertext": "…"}

`alg` is the name that JOSE gives AES-256-GCM (RFC 7518 §5.3). `key` is the identifier of the data key, random
and unique; for an event of nobody known it begins with the day. `nonce` (96 bits) and `ciphertext` (the 128-bit
tag appended) are base64url without padding (RFC 4648 §5). What the ciphertext is bound to (tenant, topic, event,
field, subject; see `seal`) is not in it: whoever opens an envelope has to know where it came from.
"""

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from privacy.errors import MalformedEnvelope

VERSION = 1
ALGORITHM = "A256GCM"

_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_+/", b"+/!!")  # the plain alphabet's own signs become invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedEnvelope:
    """One sealed value; members as the module says. Nothing is checked here: that is `Sealer.open`'s task."""

    v: int = VERSION
    alg: str = ALGORITHM
    key: str
    nonce: str
    ciphertext: str

    @classmethod
    def parse(cls, data: Mapping[str, object]) -> Self:
        """Read an envelope from decoded JSON; members it does not know are ignored.

        Raises:
            MalformedEnvelope: a member is missing or of a wrong type; the message names it.
        """
        version = data.get("v")
        if type(version) is not int:
            message = "sealed envelope: member 'v' is not an integer"
            raise MalformedEnvelope(message)
        return cls(
            v=version,
            alg=_string(data, "alg"),
            key=_string(data, "key"),
            nonce=_string(data, "nonce"),
            ciphertext=_string(data, "ciphertext"),
        )


def _string(data: Mapping[str, object], member: str) -> str:
    value = data.get(member)
    if not isinstance(value, str):
        message = f"sealed envelope: member '{member}' is not a string"
        raise MalformedEnvelope(message)
    return value


def to_base64url(data: bytes) -> str:
    """Base64url without padding."""
    return b2a_base64(data, newline=False).translate(_TO_URL).rstrip(b"=").decode("ascii")


def from_base64url(text: str, member: str) -> bytes:
    """The bytes that `to_base64url` wrote; anything else is a `MalformedEnvelope` naming `member`."""
    try:
        padded = text.encode("ascii").translate(_FROM_URL) + b"=" * (-len(text) % 4)
        data = a2b_base64(padded, strict_mode=True)
    except (UnicodeEncodeError, Base64Error):
        data = None
    if data is None or to_base64url(data) != text:  # the second: stray bits in the last character
        message = f"sealed envelope: '{member}' is not base64url without padding"
        raise MalformedEnvelope(message)
    return data
