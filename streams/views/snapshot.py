"""Views kept in files, so that a restarted worker reads only what came since.

One file a view: a line with the format and the SHA-256 of the rest; a line with the header, in JSON; the payload as the
view's `Dump` gave it. Written beside and renamed, so that a reader sees a whole file or the one before. Workers of one
machine share the folder: one writes at a time, and only what is further on.
"""

import fcntl
import logging
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final

import orjson

from privacy.private_file import sync_folder
from streams.views.bookmark import Bookmark
from streams.views.view import Dump

log = logging.getLogger(__name__)

FORMAT: Final = b"shopstream-view-1 "
_FIRST_LINE: Final = len(FORMAT) + 64 + 1
_HEADER_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A file that is whole.

    Attributes:
        bookmark: up to where the view had read.
        layout: of the payload, as of its `View`.
        count: entries.
        payload: what the dump wrote.
    """

    bookmark: Bookmark
    layout: str
    count: int
    payload: memoryview


class SnapshotFolder:
    """The snapshots of one machine's workers.

    Args:
        path: the folder; made with mode 0700 where it does not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, topic: str, layout: str) -> Snapshot | None:
        """The snapshot of a topic's view; None when there is none, or one that can't be used, which is logged.

        Args:
            topic: name on the broker.
            layout: the view's.
        """
        path = self._file(topic)
        try:
            snapshot = _parsed(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            reason = str(error) if isinstance(error, ValueError) else type(error).__name__
            log.warning("a snapshot is not used: %s", reason, extra={"file": path.name})
            return None
        if snapshot.layout != layout or snapshot.bookmark.topic != topic:
            log.warning("a snapshot is not used: it is of another version", extra={"file": path.name})
            return None
        return snapshot

    def write(self, bookmark: Bookmark, layout: str, dump: Dump, *, unless_younger_than: float = 0.0) -> bool:
        """Writes a snapshot, unless another worker is at it or has written one that is as far on.

        Args:
            bookmark: up to where the dumped view had read.
            layout: the view's.
            dump: its content.
            unless_younger_than: seconds; the file that is there is kept when it was written within.

        Returns:
            Whether it was written.

        Raises:
            OSError: the folder can't be written to.
        """
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._file(bookmark.topic)
        with _locked(path.with_suffix(".lock")) as alone:
            if not alone or not _worth_it(path, bookmark, layout, unless_younger_than):
                return False
            with _written_whole(path) as file:
                _fill(file, bookmark, layout, dump)
        return True

    def offsets(self, topic: str) -> Mapping[int, int] | None:
        """Up to where the view of a topic had read that a snapshot holds, 0 of what can't be told; None without one.

        What a writer left that was ended by force is removed.
        """
        path = self._file(topic)
        if not self._path.is_dir():
            return None
        with _locked(path.with_suffix(".lock")) as alone:
            if alone:
                path.with_suffix(".new").unlink(missing_ok=True)
        try:
            with path.open("rb") as file:
                file.seek(_FIRST_LINE)
                header = _header(file.readline(_HEADER_BYTES))
                return Bookmark.from_json(header["bookmark"]).offsets
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            return {}

    def _file(self, topic: str) -> Path:
        return self._path / f"{topic}.view"


def _fill(file: IO[bytes], bookmark: Bookmark, layout: str, dump: Dump) -> None:
    """Writes the digest last, over the zeros that keep its place."""
    digest = sha256()
    header = orjson.dumps({"layout": layout, "count": len(dump), "bookmark": bookmark.as_json()}) + b"\n"
    file.write(FORMAT + b"0" * 64 + b"\n")
    for chunk in chain([header], dump.chunks()):
        digest.update(chunk)
        file.write(chunk)
    file.seek(len(FORMAT))
    file.write(digest.hexdigest().encode())


def _parsed(content: bytes) -> Snapshot:
    """Checks and reads a file.

    Raises:
        ValueError: it is damaged, or of another format.
    """
    if not content.startswith(FORMAT):
        raise ValueError("it is of another format")
    rest = memoryview(content)[_FIRST_LINE:]
    if sha256(rest).hexdigest().encode() != content[len(FORMAT) : _FIRST_LINE - 1]:
        raise ValueError("it is damaged")
    end = content.index(b"\n", _FIRST_LINE)
    header = _header(content[_FIRST_LINE:end])
    return Snapshot(
        Bookmark.from_json(header["bookmark"]),
        header["layout"],
        header["count"],
        memoryview(content)[end + 1 :],
    )


def _header(line: bytes) -> dict[str, Any]:
    header = orjson.loads(line)
    if not isinstance(header, dict) or not header.keys() >= {"layout", "count", "bookmark"}:
        raise ValueError("it has no header")
    return header


def _worth_it(path: Path, bookmark: Bookmark, layout: str, unless_younger_than: float) -> bool:
    """Whether what is there, if anything, is of another version or topic, or is less far on."""
    try:
        with path.open("rb") as file:
            age = time.time() - os.fstat(file.fileno()).st_mtime
            if not file.read(_FIRST_LINE).startswith(FORMAT):
                return True
            header = _header(file.readline(_HEADER_BYTES))
            there = Bookmark.from_json(header["bookmark"])
    except (OSError, ValueError):
        return True
    if header["layout"] != layout:
        return True
    same_topic = (there.cluster, there.topic_id) == (bookmark.cluster, bookmark.topic_id)
    return bookmark.ahead_of(there) and not (same_topic and age < unless_younger_than)


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Holds the lock file; gives whether it could be had at once."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        yield _lock(descriptor)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _written_whole(path: Path) -> Iterator[IO[bytes]]:
    """A file, mode 0600, that takes its name when the block has ended well and all of it is on the disk."""
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
