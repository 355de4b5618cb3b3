"""Worker processes that are hurt and started again."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Fleet:
    """Named workers, each restarted when it ends, until it is dismissed.

    Args:
        environment: put over this process's for every worker.
        logs: a folder for their output.
        module: what each runs.
    """

    def __init__(
        self, environment: Mapping[str, str], logs: Path, module: str = "tests.standins.worker"
    ) -> None:
        self.exits: Counter[int] = Counter()
        self.starts = 0
        self.stubborn: list[str] = []
        """Workers that did not end when they were asked to."""
        self._environment = environment
        self._logs = logs
        self._module = module
        self._wanted: set[str] = set()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._task = asyncio.ensure_future(self._supervise())
        self._thaws: list[asyncio.TimerHandle] = []

    @property
    def running(self) -> list[str]:
        return sorted(self._processes)

    def hire(self, name: str) -> None:
        """Starts a worker and keeps it running."""
        self._wanted.add(name)
        self._start(name)

    def dismiss(self, name: str) -> None:
        """Ends a worker gracefully, for good."""
        self._wanted.discard(name)
        self.hurt(name, signal.SIGTERM)

    def hurt(self, name: str, how: signal.Signals, seconds: float = 0) -> None:
        """Sends a signal; a stopped worker goes on after some seconds."""
        process = self._processes.get(name)
        if process is None:
            return
        process.send_signal(how)
        if how is signal.SIGSTOP:
            loop = asyncio.get_running_loop()
            self._thaws.append(loop.call_later(seconds, process.send_signal, signal.SIGCONT))

    async def close(self, within: float = 35) -> None:
        """Ends all workers gracefully, those that don't answer by force."""
        self._wanted.clear()
        for process in self._processes.values():
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + within
        while self._processes and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        self._task.cancel()
        self.stubborn = sorted(self._processes)
        for name, process in self._processes.items():
            process.kill()
            process.wait()
            sys.stderr.write(f"{name} did not end; it wrote:\n{self.log(name)[-5_000:]}\n")

    async def joined(self, name: str, within: float = 30) -> None:
        """Waits until the worker's present process has its partitions.

        Raises:
            TimeoutError: it had none in time.
        """
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            process = self._processes.get(name)
            if process and f'"message":"partitions assigned","process":{process.pid},' in self.log(name):
                return
            await asyncio.sleep(0.05)
        raise TimeoutError(
            f"{name} got no partitions in {within:.0f} s; it wrote:\n{self.log(name)[-2_000:]}"
        )

    async def ended(self, name: str, within: float = 30) -> None:
        """Waits until a dismissed worker is gone.

        Raises:
            TimeoutError: it runs still.
        """
        deadline = time.monotonic() + within
        while name in self._processes:
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"{name} did not end in {within:.0f} s; it wrote:\n{self.log(name)[-2_000:]}"
                )
            await asyncio.sleep(0.05)

    def log(self, name: str) -> str:
        """What a worker wrote."""
        with contextlib.suppress(FileNotFoundError):
            return (self._logs / f"{name}.log").read_text(errors="replace")
        return ""

    def _start(self, name: str) -> None:
        self.starts += 1
        slot = str(int(name.removeprefix("w")))
        environment = os.environ | dict(self._environment) | {"SHOPSTREAM_WORKER__SLOT": slot}
        with (self._logs / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", self._module], cwd=ROOT, env=environment, stdout=log, stderr=log
            )

    async def _supervise(self) -> None:
        while True:
            for name, process in list(self._processes.items()):
                if (code := process.poll()) is not None:
                    self.exits[code] += 1
                    del self._processes[name]
                    if name in self._wanted:
                        self._start(name)
            await asyncio.sleep(0.05)


@asynccontextmanager
async def staffed(environment: Mapping[str, str], logs: Path, *names: str) -> AsyncIterator[Fleet]:
    """Named workers for the time of a block, all joined when it begins."""
    fleet = Fleet(environment, logs)
    try:
        for name in names:
            fleet.hire(name)
        for name in names:
            await fleet.joined(name)
        yield fleet
    finally:
        await fleet.close()
