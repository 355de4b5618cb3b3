"""The demo's workers: `shopstream worker` in a process of its own, which ends with this one however it ends."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from streams.delivery.supervisor import CLEAN, TETHER
from streams.settings import Settings

GRACE_SECONDS: Final = 35.0
"""A little more than `shopstream worker` itself gives its processes."""
QUOTED: Final = 2_000
FIRST_SLOT: Final = 900
"""Far from the slots that a shop's own workers on this folder would have."""


class WorkersFailed(Exception):
    """The workers ended by themselves, or never began to answer; the message quotes the end of their log."""


class Workers:
    """A running `shopstream worker`.

    Args:
        process: of it.
        log: what it writes.
    """

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self.log = log

    def check(self) -> None:
        """Raises if they have ended.

        Raises:
            WorkersFailed: they have.
        """
        code = self._process.poll()
        if code is not None:
            raise self.failure(f"the workers ended with exit code {code}")

    def failure(self, what: str) -> WorkersFailed:
        """An error that says what happened, and what the workers wrote last."""
        end = self.log.read_text(errors="replace")[-QUOTED:]
        return WorkersFailed(f"{what}; the end of their log, {self.log}:\n{end}")

    async def stop(self) -> None:
        """Ends them gracefully, or else by force."""
        self._process.terminate()
        try:
            await asyncio.to_thread(self._process.wait, GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)

    @property
    def ended_cleanly(self) -> bool:
        """Whether they are gone, and ended as they were asked to."""
        return self._process.poll() in CLEAN


def worker_command(count: int) -> list[str]:
    """What runs that many workers."""
    command = [sys.executable, "-m", "streams.cli", "worker", "--processes", str(count)]
    return command if count == 1 else [*command, "--slot", str(FIRST_SLOT)]


def worker_environment(settings: Settings) -> dict[str, str]:
    """Puts workers on the embedded servers of these settings, whatever the environment says."""
    assert settings.kafka.bootstrap and settings.redis.url and settings.keys.url  # noqa: S101, PT018 - the demo's have
    return {
        "SHOPSTREAM_DATA_DIR": str(settings.data_dir.absolute()),
        "SHOPSTREAM_KAFKA__BOOTSTRAP": settings.kafka.bootstrap,
        "SHOPSTREAM_KAFKA__SECURITY_PROTOCOL": "PLAINTEXT",
        "SHOPSTREAM_REDIS__URL": settings.redis.url.get_secret_value(),
        "SHOPSTREAM_KEYS__URL": settings.keys.url.get_secret_value(),
        "SHOPSTREAM_WEB__PORT": "0",
        "SHOPSTREAM_LOG__FORMAT": "json",
    }


@asynccontextmanager
async def working(
    command: Sequence[str], environment: Mapping[str, str], log: Path
) -> AsyncIterator[Workers]:
    """Workers for the time of a block; at its end they are gone.

    To be entered in the main thread: on Linux the workers are tied to the thread that starts them.

    Args:
        command: from `worker_command`.
        environment: put over this process's.
        log: a file for what they write; emptied first.
    """
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: ASYNC220 - returns at once; tied to this very thread
            [sys.executable, "-I", "-S", str(TETHER), str(os.getpid()), *command],
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C reaches this process alone, which ends them in good order
        )
    workers = Workers(process, log)
    try:
        yield workers
    finally:
        await workers.stop()
