"""Kafka's jars: which ones (jgo.lock.toml), where they are kept, how they come, and that they are right.

They are resolved and fetched by jgo. It compares a download with the SHA-1 that the same repository sends
along, and on a difference merely warns; so every jar is held against the lock's SHA-256 here, when it comes
and at every start (45 files, 44 MB).
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from streams.local.errors import JarDamaged, JarsUnavailable

if TYPE_CHECKING:
    from jgo.maven import MavenContext

SPECIFICATION = Path(__file__).with_name("jgo.toml")
LOCK = Path(__file__).with_name("jgo.lock.toml")

_AT_A_TIME = 6
_NETWORK_SECONDS = 30
_NAMED_IN_ERROR = 5


@dataclass(frozen=True, slots=True)
class Jar:
    """One artifact of the lock."""

    group: str
    name: str
    version: str
    sha256: str

    @property
    def coordinate(self) -> str:
        """As Maven writes it: group:name:version."""
        return f"{self.group}:{self.name}:{self.version}"

    @property
    def path(self) -> Path:
        """Its place in a folder laid out as a Maven repository."""
        return Path(*self.group.split("."), self.name, self.version, f"{self.name}-{self.version}.jar")


def locked_jars(lock: Path = LOCK) -> list[Jar]:
    """The jars that the lock names."""
    locked = tomllib.loads(lock.read_text(encoding="utf-8"))["dependencies"]
    return [Jar(jar["groupId"], jar["artifactId"], jar["version"], jar["sha256"]) for jar in locked]


def default_cache() -> Path:
    """The user's cache for all data folders: $XDG_CACHE_HOME/shopstream/jars, or ~/.cache/shopstream/jars."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "shopstream" / "jars"


class JarCache:
    """A folder of jars, laid out as a Maven repository, checked against the lock whenever it is used.

    Args:
        folder: where the jars are kept; None for the user's cache.
        progress: told what is being fetched.
    """

    def __init__(self, folder: Path | None = None, progress: Callable[[str], None] = lambda _: None) -> None:
        self.folder = (folder or default_cache()).absolute()
        self._progress = progress

    def classpath(self, jars: Sequence[Jar] | None = None) -> list[Path]:
        """All jars' paths, each checked against its SHA-256; fetches what is not there, or is damaged.

        Raises:
            JarsUnavailable: one is missing and could not be fetched; says how to bring them here.
            JarDamaged: one is damaged and could not be fetched, or what came is not what the lock names.
        """
        wanted = locked_jars() if jars is None else list(jars)
        if any(self._state(jar) for jar in wanted):
            with self._alone():  # another process may have fetched them while this one waited
                lacking = {jar: state for jar in wanted if (state := self._state(jar))}
                if lacking:
                    self._fetch(lacking, len(wanted))
        return [self.folder / jar.path for jar in wanted]

    def _state(self, jar: Jar) -> str:
        """Empty when the jar is there and whole; otherwise what is the matter."""
        try:
            return "" if _sha256(self.folder / jar.path) == jar.sha256 else "damaged"
        except FileNotFoundError:
            return "missing"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _fetch(self, lacking: dict[Jar, str], of: int) -> None:
        """Into a folder beside, then one by one into place, so that no half a jar is ever seen."""
        for jar, state in lacking.items():
            if state == "damaged":
                self._progress(f"{jar.coordinate} in {self.folder} is damaged; fetching it again")
        self._progress(f"fetching {len(lacking)} of Kafka's {of} jars into {self.folder}")
        with tempfile.TemporaryDirectory(prefix=".incoming-", dir=self.folder) as incoming:
            pool = ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="jars")
            try:
                downloads = {pool.submit(_download, jar, Path(incoming)): jar for jar in lacking}
                for count, download in enumerate(as_completed(downloads), 1):
                    self._place(downloads[download], download.result())
                    self._progress(f"fetched {count}/{len(lacking)}: {downloads[download].coordinate}")
            except (OSError, RuntimeError) as error:  # requests' errors are OSErrors, jgo's RuntimeErrors
                if isinstance(error, JarDamaged):
                    raise
                raise self._unavailable(error) from error
            finally:
                pool.shutdown(cancel_futures=True)

    def _place(self, jar: Jar, fetched: Path) -> None:
        found = _sha256(fetched)
        if found != jar.sha256:
            raise JarDamaged(
                f"{jar.coordinate} as fetched has SHA-256 {found}, but {LOCK.name} says {jar.sha256}. "
                "It was not kept. Look at the mirror or proxy that it came from, then start again.",
            )
        target = self.folder / jar.path
        target.parent.mkdir(parents=True, exist_ok=True)
        fetched.replace(target)

    def _unavailable(self, error: Exception) -> JarsUnavailable | JarDamaged:
        lacking = {jar: state for jar in locked_jars() if (state := self._state(jar))}
        damaged = [jar for jar, state in lacking.items() if state == "damaged"]
        kind = JarDamaged if damaged else JarsUnavailable
        named = [f"{jar.coordinate} ({state})" for jar, state in list(lacking.items())[:_NAMED_IN_ERROR]]
        rest = f"\n  and {len(lacking) - len(named)} more, all in {LOCK}" if len(lacking) > len(named) else ""
        return kind(
            f"{len(lacking)} of Kafka's jars are not in {self.folder} and could not be fetched "
            f"({_short(error)}):\n  " + "\n  ".join(named) + rest + "\n"
            "On a machine with network and this project:\n"
            "  python -m streams.local fetch --into jars && tar -czf jars.tar.gz -C jars .\n"
            "Bring jars.tar.gz here, then:\n"
            f"  mkdir -p '{self.folder}' && tar -xzf jars.tar.gz -C '{self.folder}'\n"
            "Behind a proxy set HTTPS_PROXY; a mirror goes into [repositories] of jgo's configuration file "
            "(~/.config/jgo.conf). Or use a Kafka that runs already: SHOPSTREAM_KAFKA__BOOTSTRAP=host:9092",
        )


def write_lock() -> int:
    """Resolve jgo.toml anew (by network) and write the lock; returns the number of jars."""
    from jgo.env import EnvironmentSpec, LockFile
    from jgo.env._lockfile import compute_spec_hash

    specification = EnvironmentSpec.load(SPECIFICATION)
    with tempfile.TemporaryDirectory() as folder:
        context = _maven(Path(folder))
        named = [context.create_dependency(coordinate) for coordinate in specification.coordinates]
        direct, transitive = context.resolver.resolve(named)
        needed = direct + [jar for jar in transitive if jar.scope in ("compile", "runtime")]
        lock = LockFile.from_resolved_dependencies(
            needed,
            environment_name=specification.name,
            entrypoints=specification.entrypoints,
            default_entrypoint=specification.default_entrypoint,
            spec_hash=compute_spec_hash(SPECIFICATION),
        )
        lock.jgo_version = version("jgo")  # it writes 2.0.0 by itself
        lock.save(LOCK)
    return len(needed)


def _download(jar: Jar, incoming: Path) -> Path:
    """By jgo: from the user's own Maven folder if it is there and right, else from the repositories."""
    from jgo.constants import default_maven_repo

    target = incoming / jar.path.name
    own = default_maven_repo() / jar.path
    if own.exists() and _sha256(own) == jar.sha256:
        return Path(shutil.copyfile(own, target))
    return Path(_maven(incoming).create_dependency(jar.coordinate).artifact.resolve())


def _maven(folder: Path) -> "MavenContext":
    """Maven as jgo sees it, storing into `folder`, with the mirrors of the user's jgo configuration."""
    from jgo.config import GlobalSettings
    from jgo.maven import MavenContext

    mirrors = GlobalSettings.load().repositories
    return MavenContext(repo_cache=folder, remote_repos=mirrors or None, timeout=_NETWORK_SECONDS)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _short(error: Exception) -> str:
    """The root of a network error: the libraries wrap it four times over."""
    while isinstance(reason := getattr(error, "reason", None) or next(iter(error.args), None), Exception):
        error = reason
    return f"{type(error).__name__}: {error}"
