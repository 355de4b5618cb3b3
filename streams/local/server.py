"""What Kafka and Valkey have in common as child processes: start and wait, stop, kill, say what failed."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from streams.local.errors import LocalStackError, StartFailed
from streams.local.processes import Processes

_LAST_LINES = 25
_FIRST_WAIT, _LONGEST_WAIT = 0.005, 0.1


class Server(ABC):
    """One server of the stack. After `stop` or `kill`, `start` brings it back: same address, same data."""

    grace = 15.0
    """Seconds that `stop` allows before it kills."""

    def __init__(
        self, name: str, folder: Path, logs: Path, processes: Processes, start_timeout: float
    ) -> None:
        self.name = name
        self.folder = folder
        self._logs = logs
        self._processes = processes
        self._start_timeout = start_timeout
        self._pid: int | None = None

    @property
    def pid(self) -> int | None:
        """Process id; None when it was not started, or was stopped or killed."""
        return self._pid

    @property
    def running(self) -> bool:
        """Whether the process is there (it may still be starting)."""
        return self._pid is not None and self._processes.exit_code(self.name) is None

    def start(self) -> None:
        """Start and wait until it answers.

        Raises:
            StartFailed: it ended or gave no answer in time; the message holds the end of its log.
            LocalStackError: it runs already, or the keeper is gone.
        """
        if self.running:
            raise LocalStackError(f"{self.name} runs already (pid {self._pid}); stop() it first")
        self._prepare()
        self._pid = self._processes.start(self.name, self._command(), cwd=self.folder, out=self._output)
        self._wait_for(self.name, self.ready)

    def stop(self) -> None:
        """Shut down cleanly; returns when the process is gone. Data stays. No-op when it does not run."""
        self._processes.stop(self.name, self.grace)
        self._pid = None

    def kill(self) -> None:
        """SIGKILL, like a crash; returns when the process is gone. Data stays as far as it was written."""
        self._processes.kill(self.name)
        self._pid = None

    @abstractmethod
    def ready(self) -> bool:
        """Whether it answers and is this stack's own."""

    @abstractmethod
    def _command(self) -> list[str]: ...

    @abstractmethod
    def _prepare(self) -> None:
        """Write what the process reads at start."""

    @property
    def _output(self) -> Path:
        """Where the process's own standard output goes."""
        return self._logs / f"{self.name}.out"

    def _log_files(self) -> list[Path]:
        return [self._output]

    def _wait_for(self, process: str, done: Callable[[], bool]) -> None:
        """Wait until `done` says so, as long as the process lives."""
        deadline = time.monotonic() + self._start_timeout
        wait = _FIRST_WAIT
        while not done():
            code = self._processes.exit_code(process)
            if code is not None:
                self._pid = None
                raise StartFailed(self._failure(f"{process} ended with status {code} while it was started"))
            if time.monotonic() > deadline:
                self.kill()
                raise StartFailed(self._failure(f"{process} gave no answer in {self._start_timeout:.0f} s"))
            time.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    def _failure(self, what: str) -> str:
        lines = [line for file in self._log_files() for line in _last_lines(file)]
        said = "\n".join(f"  | {line}" for line in lines[-_LAST_LINES:]) or "  | (nothing)"
        hints = [hint for sign, hint in _HINTS if any(sign in line for line in lines)]
        advice = hints or ["If the data is not needed: remove the folder and start again."]
        return f"{what}. It said:\n{said}\nFolder: {self.folder}. Logs: {self._logs}.\n" + "\n".join(advice)


_HINTS = (
    ("Address already in use", "A port was taken in this very moment: start again, others will be chosen."),
    ("No space left on device", "The disk is full: make room, then start again."),
    ("OutOfMemoryError", "The heap is too small: give LocalStack a larger heap_mb."),
    ("insufficient memory", "The machine has too little free memory: free some, or give a smaller heap_mb."),
    ("Permission denied", "The folder must be owned and writable by the user who starts the stack."),
)


def _last_lines(file: Path) -> list[str]:
    try:
        with file.open("rb") as stream:
            stream.seek(max(0, file.stat().st_size - 16_384))
            text = stream.read().decode(errors="replace")
    except OSError:
        return []
    return text.splitlines()[-_LAST_LINES:]
