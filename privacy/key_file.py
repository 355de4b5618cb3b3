"""The key file: one installation's `KeyMaterial` on disk, mode 0600, replaced whole or not at all."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from privacy.errors import KeyFileError
from privacy.key_material import KeyMaterial
from privacy.private_file import (
    PrivateFileError,
    locked,
    refuse_if_open_to_others,
    sync_folder,
    write_private,
)

_MOST_BYTES = 1 << 20

Stamp = tuple[int, int, int]
"""What tells one version of the file from another: inode, time of change in nanoseconds, size."""


class KeyFile:
    """Loads, creates or replaces the file at `path`; nobody but its owner may have access to it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        """Whether there is something at the path."""
        return self.path.exists()

    def load(self) -> KeyMaterial:
        """Read the keys.

        Raises:
            KeyFileError: missing, open to others, not of this format, or damaged.
        """
        return self.load_stamped()[0]

    def load_stamped(self) -> tuple[KeyMaterial, Stamp]:
        """Read the keys, and which version of the file they came from; errors as of `load`."""
        with self._reading() as file:
            content = file.read(_MOST_BYTES)
            found = os.fstat(file.fileno())
        return KeyMaterial.from_json(content, self._where), (found.st_ino, found.st_mtime_ns, found.st_size)

    def stamp(self) -> Stamp | None:
        """Which version of the file there is; None where there is none that can be seen."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def load_or_create(self) -> KeyMaterial:
        """Read the keys, or make new ones where there is no file; of several makers one wins."""
        if not self.exists():
            with suppress(FileExistsError):  # another process was first: its keys count
                self.create(KeyMaterial.generate())
        return self.load()

    def create(self, material: KeyMaterial) -> None:
        """Write a new file.

        Raises:
            FileExistsError: there is one already.
            KeyFileError: it can't be written.
        """
        draft = self.path.with_name(f".{self.path.name}.{secrets.token_hex(6)}")
        try:
            write_private(draft, material.to_json())
            os.link(draft, self.path)  # unlike a rename, this replaces nothing
            sync_folder(self.path.parent)
        except PrivateFileError as error:
            raise KeyFileError(str(error)) from error
        finally:
            with suppress(OSError):
                draft.unlink()

    def update(self, change: Callable[[KeyMaterial], KeyMaterial]) -> KeyMaterial:
        """Replace the file by `change` of what it holds; two that do so at once come after each other.

        Raises:
            KeyFileError: as of `load`; or it can't be written.
        """
        try:
            with locked(self.path):
                material = change(self.load())
                write_private(self.path, material.to_json())
        except PrivateFileError as error:
            raise KeyFileError(str(error)) from error
        return material

    @property
    def _where(self) -> str:
        return f"the key file {self.path}"

    @contextmanager
    def _reading(self) -> Iterator[BinaryIO]:
        try:
            file = self.path.open("rb")
        except FileNotFoundError as error:
            message = f"no key file at {self.path}: restore it; without it nothing sealed can be opened"
            raise KeyFileError(message) from error
        except OSError as error:
            raise KeyFileError(f"cannot read {self._where}: {error.strerror}") from error
        with file:
            try:
                refuse_if_open_to_others(file, self._where)
            except PrivateFileError as error:
                raise KeyFileError(str(error)) from error
            yield file
