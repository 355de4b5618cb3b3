"""Files under a passphrase: exports of keys, backups.

Layout, integers big-endian:

    magic "SHOPSEAL" | version 2 bytes | log2 n, r, p: 1 byte each | salt 32 bytes | kind: length 1 byte, ASCII
    | chunks of up to 1 MiB, each with its 16-byte tag | SHA-256 over all before it, 32 bytes

The key is scrypt of the passphrase (RFC 7914; n = 2^17, r = 8, p = 1: 128 MiB and some tenths of a second a
guess), over a salt of its own for each file. Each chunk is AES-256-GCM, the header its associated data, the
nonce the chunk's number and whether it is the last: the STREAM construction (Hoang, Reyhanitabar, Rogaway,
Vizár 2015), so chunks can't be reordered, dropped or cut off. No two files share a key, so counting is safe.

The checksum is for accidents: it tells a damaged file from a wrong passphrase. Magic and the place of the
checksum stay in all later versions. Only the tags protect against intent.
"""

import hashlib
import hmac
import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from privacy.errors import PrivacyError
from privacy.private_file import write_private

MAGIC: Final = b"SHOPSEAL"
VERSION: Final = 1
SHORTEST_PASSPHRASE: Final = 8
"""Characters; NIST SP 800-63B §3.1.1.2 allows no shorter one that people choose."""

_SALT_BYTES = 32
_CHUNK = 1 << 20
_TAG_BYTES = 16
_CHECKSUM_BYTES = 32
_FIXED = len(MAGIC) + 2 + 3 + _SALT_BYTES + 1
_MOST_MEMORY = 1 << 30


class SealedFileError(PrivacyError):
    """A file under a passphrase can't be written or read. No message holds a passphrase or content."""


class NotASealedFile(SealedFileError):
    """There is no file, or it is of another kind."""


class NewerSealedFile(SealedFileError):
    """A later release wrote it."""


class DamagedFile(SealedFileError):
    """The file is cut short or changed."""


class WrongPassphrase(SealedFileError):
    """The file is whole, and the passphrase does not open it."""


class WeakPassphrase(SealedFileError):
    """The passphrase is too short to write under."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a guess costs, in scrypt's terms (RFC 7914 §2): memory is 128 · 2^log_n · r bytes."""

    log_n: int = 17
    r: int = 8
    p: int = 1

    @property
    def bearable(self) -> bool:
        """Whether a file that asks for this may be tried: it needs at most 1 GiB, and its numbers make sense."""
        return (
            10 <= self.log_n <= 24  # noqa: PLR2004 - the bounds are what this line is about
            and 1 <= self.p <= 16  # noqa: PLR2004 - likewise
            and self.r >= 1
            and 128 * self.r << self.log_n <= _MOST_MEMORY
        )

    def key(self, passphrase: str, salt: bytes) -> bytes:
        """256 bits of key. One passphrase typed on two machines may differ in Unicode form: NFC (RFC 8265 §4)."""
        octets = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
        return Scrypt(salt=salt, length=32, n=1 << self.log_n, r=self.r, p=self.p).derive(octets)


@dataclass(frozen=True, slots=True)
class _Header:
    cost: Cost
    salt: bytes
    kind: str

    def octets(self) -> bytes:
        kind = self.kind.encode("ascii")
        return b"".join(
            (
                MAGIC,
                VERSION.to_bytes(2, "big"),
                bytes((self.cost.log_n, self.cost.r, self.cost.p)),
                self.salt,
                bytes((len(kind),)),
                kind,
            )
        )

    @classmethod
    def parse(cls, data: bytes) -> Self:
        start = len(MAGIC) + 2
        salt = data[start + 3 : start + 3 + _SALT_BYTES]
        kind = data[_FIXED : _FIXED + data[_FIXED - 1]]
        return cls(Cost(*data[start : start + 3]), salt, kind.decode("ascii", "replace"))


def write_sealed(path: Path, content: bytes, passphrase: str, kind: str, *, cost: Cost | None = None) -> None:
    """Encrypt `content` into the file at `path`, mode 0600; a file that is there is replaced at once, or not at all.

    Args:
        path: where to.
        content: all of it.
        passphrase: at least `SHORTEST_PASSPHRASE` characters.
        kind: what the file is, such as "backup": it opens as nothing else.
        cost: of a guess; None for the strength that the module names.

    Raises:
        WeakPassphrase: it is too short.
        PrivateFileError: the folder can't be written, or is full.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise WeakPassphrase(
            f"the passphrase is too short: give {SHORTEST_PASSPHRASE} characters or more, best several words"
        )
    header = _Header(cost or Cost(), os.urandom(_SALT_BYTES), kind)
    start = header.octets()
    cipher = AESGCM(header.cost.key(passphrase, header.salt))
    parts = [start]
    for number, place in enumerate(range(0, max(len(content), 1), _CHUNK)):
        nonce = _nonce(number, last=place + _CHUNK >= len(content))
        parts.append(cipher.encrypt(nonce, content[place : place + _CHUNK], start))
    whole = b"".join(parts)
    write_private(path, whole + hashlib.sha256(whole).digest())


def read_sealed(path: Path, passphrase: str, kind: str) -> bytes:
    """The content of a file that `write_sealed` wrote.

    Raises:
        NotASealedFile: there is none, it is of another format, or of another kind.
        DamagedFile: its checksum does not fit: it is cut short or changed.
        NewerSealedFile: a later release wrote it.
        WrongPassphrase: it is whole, and the passphrase does not open it.
    """
    start, header, body = _checked(path, kind)
    cipher = AESGCM(header.cost.key(passphrase, header.salt))
    size = _CHUNK + _TAG_BYTES
    content: list[bytes] = []
    for number, place in enumerate(range(0, len(body), size)):
        nonce = _nonce(number, last=place + size >= len(body))
        try:
            content.append(cipher.decrypt(nonce, body[place : place + size], start))
        except InvalidTag:
            if number:  # the first part opened: the passphrase is right
                raise DamagedFile(_damaged(path)) from None
            raise WrongPassphrase(f"the passphrase does not open {path}") from None
    return b"".join(content)


def _checked(path: Path, kind: str) -> tuple[bytes, _Header, bytes]:
    """Header octets, header, and the chunks of a file that is whole and of the right kind."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NotASealedFile(f"cannot read {path}: {error.strerror}") from error
    if not data.startswith(MAGIC):
        raise NotASealedFile(f"{path} is not a sealed file of Shopstream")
    whole, checksum = data[:-_CHECKSUM_BYTES], data[-_CHECKSUM_BYTES:]
    if len(whole) < _FIXED + _TAG_BYTES or not hmac.compare_digest(hashlib.sha256(whole).digest(), checksum):
        raise DamagedFile(_damaged(path))
    version = int.from_bytes(whole[len(MAGIC) : len(MAGIC) + 2], "big")
    if version != VERSION:
        raise NewerSealedFile(
            f"{path} has format {version}, this release reads {VERSION}: use the newer release"
        )
    header = _Header.parse(whole)
    start = header.octets() if header.kind.isascii() else b""
    if not header.cost.bearable or not whole.startswith(start) or len(whole) < len(start) + _TAG_BYTES:
        raise DamagedFile(_damaged(path))
    if header.kind != kind:
        raise NotASealedFile(f"{path} is a sealed file of the kind {header.kind!r}, not {kind!r}")
    return start, header, whole[len(start) :]


def _damaged(path: Path) -> str:
    return f"{path} is damaged (cut short, or its checksum does not fit): use another copy"


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes((last,))
