"""What a data folder remembers of its stack (stack.json), and the lock: one process at a time runs it."""

import fcntl
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from streams.local.errors import AlreadyRunning, LocalStackError

_HANDOVER_SECONDS = 30.0
"""How long a stack whose owner was killed may take to shut down before the next start gives up waiting."""


@dataclass(frozen=True, slots=True)
class Record:
    """The ports, kept from start to start; the sockets; and the process that last started the stack."""

    kafka_port: int
    controller_port: int
    valkey_socket: str
    keys_socket: str
    owner: int

    @classmethod
    def load(cls, data_dir: Path) -> "Record | None":
        """None when there is none, or none that can be read (then new ports are chosen)."""
        try:
            stored = json.loads(_record_path(data_dir).read_text(encoding="utf-8"))
            return cls(
                kafka_port=int(stored["kafka_port"]),
                controller_port=int(stored["controller_port"]),
                valkey_socket=str(stored["valkey_socket"]),
                keys_socket=str(stored["keys_socket"]),
                owner=int(stored["owner"]),
            )
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def save(self, data_dir: Path) -> None:
        """Write it whole or not at all."""
        path = _record_path(data_dir)
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        new.replace(path)


def take_lock(data_dir: Path, progress: Callable[[str], None]) -> int:
    """The descriptor of the folder's lock, held until it is closed in every process that inherited it.

    Raises:
        AlreadyRunning: another process runs the stack, or what a killed one left is still shutting down.
    """
    lock = os.open(data_dir / "stack.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + _HANDOVER_SECONDS
    told = False
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = _living_owner(data_dir)
            if owner is not None or time.monotonic() > deadline:
                os.close(lock)
                raise AlreadyRunning(_busy(data_dir, owner)) from None
        except OSError as error:
            os.close(lock)
            raise LocalStackError(f"{data_dir} can't be locked ({error}); use a local disk") from error
        else:
            return lock
        if not told:
            progress("waiting for the stack of an ended process to shut down")
            told = True
        time.sleep(0.1)


def _living_owner(data_dir: Path) -> int | None:
    record = Record.load(data_dir)
    if record is None:
        return None
    try:
        os.kill(record.owner, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass  # it lives, and is another user's
    return record.owner


def _busy(data_dir: Path, owner: int | None) -> str:
    by = {None: "another process", os.getpid(): "this process"}.get(owner, f"process {owner}")
    return (
        f"the stack in {data_dir} is run by {by}. Use it as it is by LocalStack.attach(), stop that process, "
        "or choose another folder."
    )


def _record_path(data_dir: Path) -> Path:
    return data_dir / "stack.json"
