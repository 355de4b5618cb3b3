"""The keeper: a small process that owns Kafka and Valkey, so that they never outlive who asked for them.

A program rather than a module: it is run by its path with nothing but the standard library, so that it starts
in a few hundredths of a second and needs no working directory or environment.

Whoever started it writes one JSON object a line to its standard input and reads one back for each. When that
pipe closes, or the parent is gone (a forked child may still hold the pipe), the keeper stops its children:
SIGTERM first, SIGKILL to those that are still there after GRACE seconds. Should the keeper itself be killed,
Linux kills the children (PR_SET_PDEATHSIG); elsewhere they stay, and the next start finds the folder locked.

Requests: ``{"do": "start", "name", "command", "env", "cwd", "out"}`` gives ``{"pid"}``;
``{"do": "stop", "name", "grace"}`` and ``{"do": "kill", "name"}`` give ``{"code"}``, the exit status;
``{"do": "poll", "name"}`` gives ``{"code"}``, null while it runs. A failure gives ``{"error"}``.
"""

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

GRACE = 10.0
"""Seconds between SIGTERM and SIGKILL when the parent is gone."""

_PARENT_CHECK = 0.5
_PR_SET_PDEATHSIG = 1


def _tie_to_keeper() -> Callable[[], None] | None:
    """What a child runs between fork and exec to die with the keeper; None where the system can't."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    keeper = os.getpid()

    def tie() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != keeper:  # the keeper died between the fork and the line above
            os._exit(1)

    return tie


class Keeper:
    """Children by name, and what may be asked about them."""

    def __init__(self, lock_fd: int) -> None:
        self._lock_fd = lock_fd
        self._tie = _tie_to_keeper()
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what one request says."""
        name = request["name"]
        match request["do"]:
            case "start":
                return {"pid": self._start(name, request)}
            case "stop":
                return {"code": self._end([name], float(request["grace"])).get(name)}
            case "kill":
                return {"code": self._end([name], 0.0).get(name)}
            case "poll":
                child = self._children.get(name)
                return {"code": -1 if child is None else child.poll()}
            case unknown:
                return {"error": f"unknown request {unknown!r}"}

    def end_all(self) -> None:
        """Stop every child, gently and then hard."""
        self._end(list(self._children), GRACE)

    def _start(self, name: str, request: dict[str, Any]) -> int:
        running = self._children.get(name)
        if running is not None and running.poll() is None:
            raise ValueError(f"{name} runs already")
        with Path(request["out"]).open("wb") as out:
            child = subprocess.Popen(
                request["command"],
                cwd=request["cwd"],
                env=request["env"],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                # The folder's lock: held as long as anything of the stack runs.
                pass_fds=(self._lock_fd,),
                # Safe here: the keeper has one thread.
                preexec_fn=self._tie,  # noqa: PLW1509
            )
        self._children[name] = child
        return child.pid

    def _end(self, names: list[str], grace: float) -> dict[str, int]:
        children = {name: self._children[name] for name in names if name in self._children}
        if grace > 0:
            for child in children.values():
                child.terminate()
            deadline = time.monotonic() + grace
            while time.monotonic() < deadline and any(child.poll() is None for child in children.values()):
                time.sleep(0.02)
        for child in children.values():
            child.kill()
        return {name: child.wait() for name, child in children.items()}


def requests(parent: int) -> Iterator[bytes]:
    """Lines from standard input, until it closes or the parent is gone."""
    pending = b""
    while os.getppid() == parent:
        if not select.select([0], [], [], _PARENT_CHECK)[0]:
            continue
        received = os.read(0, 65536)
        if not received:
            return
        *lines, pending = (pending + received).split(b"\n")
        yield from lines


def _leave(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def main() -> None:
    """Serve until the parent is done or gone. Arguments: the parent's pid, the lock's descriptor."""
    parent, lock_fd = int(sys.argv[1]), int(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    keeper = Keeper(lock_fd)
    try:
        for line in requests(parent):
            try:
                answer = keeper.answer(json.loads(line))
            except (OSError, ValueError, KeyError) as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            os.write(1, json.dumps(answer).encode() + b"\n")
    except BrokenPipeError:
        pass  # the parent went while it was being answered
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        keeper.end_all()


if __name__ == "__main__":
    main()
