"""Folders of the cache that nobody has asked for in a long time: found, and removed."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from models.conversion.cache import UNFINISHED, cache_folder, lock_of, unfinished_of
from models.conversion.manifest import MANIFEST_FILE, is_lasting
from models.errors import WeightsUnusable
from models.files import locked


@dataclass(frozen=True, slots=True)
class Unused:
    """A folder of the cache.

    Attributes:
        name: of the folder, or of what a killed process left of it.
        bytes: on disk, of its files.
        last_used: when a model in it was loaded last.
    """

    name: str
    bytes: int
    last_used: datetime


def unused(span: timedelta) -> list[Unused]:
    """Folders unasked for in such a span, the longest unused first; without the lasting ones (see `made_once`).

    What killed processes left unfinished counts as well. Choices, notes and reference outputs stay: they are small.
    """
    now = datetime.now(UTC)
    paths = cache_folder().iterdir() if cache_folder().is_dir() else ()
    found = [one for path in paths if (one := _looked_at(path)) and now - one.last_used > span]
    return sorted(found, key=lambda one: one.last_used)


def remove(one: Unused) -> bool:
    """Remove a folder, unless somebody has asked for it meanwhile.

    A model that runs keeps running: its files are there until it ends. The next start makes them anew.

    Returns:
        Whether it is gone.

    Raises:
        WeightsUnusable: the cache can't be written.
    """
    path = cache_folder() / one.name
    whole = path.with_name(path.name.removeprefix(".").removesuffix(UNFINISHED))
    try:
        with locked(lock_of(whole)):
            if not path.is_dir() or _last_used(path) != one.last_used:
                return False
            going = unfinished_of(whole)
            if path != going:
                shutil.rmtree(going, ignore_errors=True)
                path.rename(going)
            shutil.rmtree(going)
    except OSError as error:
        raise WeightsUnusable(f"{path} can't be removed ({error}); remove it as its owner") from error
    return True


def _looked_at(path: Path) -> Unused | None:
    """A folder that may go; None for all else, and for one that somebody else removes meanwhile."""
    try:
        return Unused(path.name, _size(path), _last_used(path)) if _may_go(path) else None
    except FileNotFoundError:
        return None


def _may_go(path: Path) -> bool:
    if path.name.startswith("."):
        return path.name.endswith(UNFINISHED) and path.is_dir()
    return (path / MANIFEST_FILE).is_file() and not is_lasting(path)


def _last_used(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
