"""The parent's end of the keeper: start, stop and kill child processes that it owns."""

import contextlib
import json
import os
import select
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

from streams.local.errors import LocalStackError

_KEEPER = Path(__file__).with_name("keeper.py")
_ANSWER_SECONDS = 10.0
"""How long the keeper may take for an answer, beyond the grace that it was given."""
_CLOSE_SECONDS = 30.0


class Processes:
    """Child processes that end with this process, however it ends; by name.

    Usable from several threads. Only the process that made it may use it: a forked child must not.
    """

    def __init__(self, lock_fd: int, log: Path) -> None:
        """Start the keeper. It and all its children hold `lock_fd` open; its own trouble goes to `log`."""
        self._log = log
        self._turn = threading.Lock()
        with log.open("wb") as errors:
            self._keeper = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_KEEPER), str(os.getpid()), str(lock_fd)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                pass_fds=(lock_fd,),
                start_new_session=True,  # so that Ctrl-C reaches the parent alone
            )

    @property
    def keeper_pid(self) -> int:
        """The keeper's process id."""
        return self._keeper.pid

    def start(self, name: str, command: list[str], *, cwd: Path, out: Path) -> int:
        """Start a child in `cwd`, its output written to `out` (emptied first), and return its pid."""
        started = self._ask(
            do="start", name=name, command=command, env=_environment(), cwd=str(cwd), out=str(out)
        )
        return int(started["pid"])

    def stop(self, name: str, grace: float) -> None:
        """SIGTERM, then SIGKILL after `grace` seconds; returns when the child is gone."""
        self._ask(grace, do="stop", name=name, grace=grace)

    def kill(self, name: str) -> None:
        """SIGKILL; returns when the child is gone."""
        self._ask(do="kill", name=name)

    def exit_code(self, name: str) -> int | None:
        """The exit status of a child, negative for a signal; None while it runs."""
        code: int | None = self._ask(do="poll", name=name)["code"]
        return code

    def close(self) -> None:
        """Stop all children, gently and then hard, and the keeper with them."""
        with self._turn:
            for pipe in (self._keeper.stdin, self._keeper.stdout):
                if pipe is not None:
                    _close_quietly(pipe)
            try:
                self._keeper.wait(_CLOSE_SECONDS)
            except subprocess.TimeoutExpired:
                self._keeper.kill()  # its children die with it
                self._keeper.wait()

    def _ask(self, patience: float = 0.0, **request: Any) -> dict[str, Any]:
        with self._turn:
            line = self._exchange(json.dumps(request).encode() + b"\n", patience + _ANSWER_SECONDS)
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise LocalStackError(f"{request['name']} could not {request['do']}: {answer['error']}")
        return answer

    def _exchange(self, request: bytes, seconds: float) -> bytes:
        stdin, stdout = self._keeper.stdin, self._keeper.stdout
        if stdin is None or stdout is None or stdin.closed:
            raise LocalStackError("the local stack has been stopped; start it again")
        try:
            stdin.write(request)
            stdin.flush()
            line = stdout.readline() if select.select([stdout], [], [], seconds)[0] else b""
        except BrokenPipeError:
            line = b""
        if not line:
            raise LocalStackError(
                f"the keeper of the local stack (pid {self._keeper.pid}) does not answer; its children end "
                f"with it. See {self._log}, then stop() and start() the stack.",
            )
        return line


def _close_quietly(pipe: IO[bytes]) -> None:
    with contextlib.suppress(OSError):  # the keeper is gone already, bytes for it are left
        pipe.close()


def _environment() -> dict[str, str]:
    """This process's environment without what would change the Java or the Kafka that is started."""
    unwanted = ("JAVA_", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "KAFKA_", "CLASSPATH", "LOG4J_")
    return {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
