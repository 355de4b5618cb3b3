"""The key file: the key-encryption key (KEK) and the token key of one installation.

A JSON object: `{"format": "shopstream-keys/1", "id": "local-3f9a1c2e", "key": "…", "token_key": "…"}`, both
keys 256 bits as base64url. The identifier holds a fingerprint of the key, so a wrong file is told from a
damaged ciphertext. The token key is apart from the KEK because tokens are joined on for years, and have to
outlive a change of the KEK.
"""

import hmac
import json
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from privacy.envelope import from_base64url, to_base64url
from privacy.errors import KeyFileError, OpenError

FORMAT = "shopstream-keys/1"
KEY_BYTES = 32
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_MOST_BYTES = 4096


@dataclass(frozen=True, slots=True)
class KeyMaterial:
    """What a key file holds; the keys do not show in `repr`."""

    id: str
    key: bytes = field(repr=False)
    token_key: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> "KeyMaterial":
        """New random keys."""
        key = secrets.token_bytes(KEY_BYTES)
        return cls(id=fingerprinted_id(key), key=key, token_key=secrets.token_bytes(KEY_BYTES))


def fingerprinted_id(key: bytes) -> str:
    """The identifier of a local key-encryption key: `local-` and 32 bits of an HMAC under it."""
    return "local-" + hmac.digest(key, b"shopstream key id", "sha256")[:4].hex()


class KeyFile:
    """Loads or creates the file at `path`; nobody but its owner may have access to it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> KeyMaterial:
        """Read the keys.

        Raises:
            KeyFileError: missing, open to others, not of this format, or its key does not fit its identifier.
        """
        with self._reading() as file:
            self._check_access(file)
            content = file.read(_MOST_BYTES)
        return self._parsed(content)

    def load_or_create(self) -> KeyMaterial:
        """Read the keys, or make new ones where there is no file; of several makers one wins."""
        if not self._path.exists():
            self._create(KeyMaterial.generate())
        return self.load()

    def _create(self, material: KeyMaterial) -> None:
        content = json.dumps(
            {
                "format": FORMAT,
                "id": material.id,
                "key": to_base64url(material.key),
                "token_key": to_base64url(material.token_key),
            },
            indent=1,
        )
        draft = self._path.with_name(f".{self._path.name}.{secrets.token_hex(6)}")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(content + "\n")
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):  # another process was first: its key counts
                os.link(draft, self._path)
        except OSError as error:
            message = f"cannot write the key file {self._path}: {error.strerror}; make its folder writable"
            raise KeyFileError(message) from error
        finally:
            with suppress(OSError):
                draft.unlink()

    @contextmanager
    def _reading(self) -> Iterator[BinaryIO]:
        try:
            file = self._path.open("rb")
        except FileNotFoundError as error:
            message = f"no key file at {self._path}: restore it; without it nothing sealed can be opened"
            raise KeyFileError(message) from error
        except OSError as error:
            message = f"cannot read the key file {self._path}: {error.strerror}"
            raise KeyFileError(message) from error
        with file:
            yield file

    def _check_access(self, file: BinaryIO) -> None:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & _OTHERS:
            message = f"the key file {self._path} is open to others (mode {mode:04o}): run chmod 600 on it"
            raise KeyFileError(message)

    def _parsed(self, content: bytes) -> KeyMaterial:
        try:
            data = json.loads(content)
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            message = f"{self._path} is not a key file of the format {FORMAT}"
            raise KeyFileError(message)
        material = KeyMaterial(
            id=str(data.get("id")), key=self._key(data, "key"), token_key=self._key(data, "token_key")
        )
        if material.id != fingerprinted_id(material.key):
            message = (
                f"the key file {self._path} is damaged: 'key' does not fit 'id'; restore it from a backup"
            )
            raise KeyFileError(message)
        return material

    def _key(self, data: dict[str, object], member: str) -> bytes:
        value = data.get(member)
        with suppress(OpenError):
            key = from_base64url(value, member) if isinstance(value, str) else b""
            if len(key) == KEY_BYTES:
                return key
        message = f"the key file {self._path} is damaged: '{member}' is not 256 bits in base64url"
        raise KeyFileError(message)
