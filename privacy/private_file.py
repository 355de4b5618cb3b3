"""Small files that nobody but their owner may open: written whole or not at all, and checked when read."""

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from privacy.errors import PrivacyError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class PrivateFileError(PrivacyError):
    """A private file can't be written or read, or others may open it; the message says what to do."""


def write_private(path: Path, content: bytes) -> None:
    """Replace the file at `path`, mode 0600: a reader, also after a crash, sees the old content or the new.

    Raises:
        PrivateFileError: its folder can't be written, or is full.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise PrivateFileError(
            f"cannot write {path}: {error.strerror}; make its folder writable, with space"
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink()


def read_private(path: Path) -> bytes | None:
    """The content; None where there is no file.

    Raises:
        PrivateFileError: it can't be read, or others than its owner may.
    """
    try:
        with path.open("rb") as file:
            refuse_if_open_to_others(file, str(path))
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PrivateFileError(f"cannot read {path}: {error.strerror}") from error


def refuse_if_open_to_others(file: BinaryIO, what: str) -> None:
    """Looks at the mode of an open file.

    Raises:
        PrivateFileError: others than its owner may open `what`.
    """
    mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
    if mode & _OTHERS:
        raise PrivateFileError(f"{what} is open to others (mode {mode:04o}): run chmod 600 on it")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds the lock of `path`, which is a file beside it since `write_private` replaces the file itself.

    Processes wait for each other; a killed one lets go.

    Raises:
        PrivateFileError: its folder can't be written.
    """
    beside = path.with_name(f".{path.name}.lock")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise PrivateFileError(
            f"cannot write {beside}: {error.strerror}; make its folder writable"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Makes renames in a folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
