"""How many engines share this machine, so that their threads together are no more than its cores.

Each engine holds a locked file in a folder of its user. The kernel drops the lock with its process, also a killed one,
so that a file without a lock is a leftover, which whoever counts removes.
"""

import fcntl
import logging
import os
import secrets
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

from models.engine.cpu_features import usable_cores
from models.engine.scheduling.forking import in_forked_child

log = logging.getLogger(__name__)

LOOK_AGAIN = 5.0
"""Seconds for which a count is taken as still true."""
_SUFFIX = ".engine"


def runtime_folder() -> Path:
    """Where running engines are noted: `shopstream` in `$XDG_RUNTIME_DIR`, else in the temp dir."""
    named = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    if named.is_absolute() and named.is_dir():
        return named / "shopstream"
    return Path(tempfile.gettempdir()) / f"shopstream-{os.getuid()}"


class MachineShare:
    """One engine's place among those of this machine and user; a context manager, or `close` it.

    Engines in containers don't see each other: there a CPU quota is each one's own share, and is what counts as cores.
    A machine on which nothing can be noted (no folder that is ours alone) counts as used by one engine. In a forked
    child nothing is held: the place stays the parent's.

    Args:
        folder: where engines are noted; None is `runtime_folder()`.
        cores: what is shared; 0 is what this process may use.
        look_again: seconds for which a count holds.
    """

    def __init__(self, folder: Path | None = None, *, cores: int = 0, look_again: float = LOOK_AGAIN) -> None:
        self._folder = folder or runtime_folder()
        self._cores = cores or usable_cores()
        self._look_again = look_again
        self._looked_at = -1.0
        self._engines = 1
        self._path = self._folder / f"{os.getpid()}-{secrets.token_hex(4)}{_SUFFIX}"
        self._place = self._take_place()
        in_forked_child(self, MachineShare._leave_to_parent)

    def engines(self) -> int:
        """Engines that run now, this one included; counted anew every few seconds."""
        now = time.monotonic()
        if self._looked_at < 0 or now - self._looked_at >= self._look_again:
            self._engines, self._looked_at = self._count(), now
        return self._engines

    def threads(self) -> int:
        """Threads that are this engine's share: at least one, rounded down so that all fit the cores."""
        return max(1, self._cores // self.engines())

    def close(self) -> None:
        """Give the place back. May be called again."""
        if self._place is not None:
            self._path.unlink(missing_ok=True)
            self._place.close()
            self._place = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _leave_to_parent(self) -> None:
        if self._place is not None:
            self._place.close()  # the parent's lock stays, since it has the file open, too
            self._place = None

    def _take_place(self) -> IO[bytes] | None:
        """Locked before it has its name, so that nobody takes it for a leftover."""
        unnamed = self._path.with_suffix(".new")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _ours_alone(self._folder)
            place = unnamed.open("xb")
            fcntl.flock(place, fcntl.LOCK_EX)
            unnamed.rename(self._path)
        except OSError as error:
            log.warning(
                "engines of other processes are not seen, because %s can't be used (%s); set threads in the settings",
                self._folder,
                error,
            )
            return None
        return place

    def _count(self) -> int:
        if self._place is None:
            return 1
        try:
            held = [_held(path) for path in self._folder.glob(f"*{_SUFFIX}")]
        except OSError:
            return 1
        return max(1, sum(held))


def _ours_alone(folder: Path) -> None:
    """The temp dir is everybody's: a folder that another user made there is not used."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError("it belongs to another user, or is a link")


def _held(path: Path) -> bool:
    """Whether an engine holds the file; removes it where none does."""
    with suppress(OSError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        path.unlink()
    return False
