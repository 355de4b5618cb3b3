"""Supervisor: keeps worker processes running, each with its slot and its share of the machine.

A worker that ends is started again, after a wait that grows with each end in a row. One that says that it can't run
like this (exit code 78) ends all. Asked to end (SIGTERM, SIGINT, SIGHUP), the supervisor asks its workers, waits, and
kills those that stay; asked twice, it does not wait. Killed itself, on Linux, it takes its workers along.
"""

import asyncio
import contextlib
import logging
import os
import random
import re
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from streams.delivery.errors import EXIT_CONFIG, EXIT_SOFTWARE

log = logging.getLogger(__name__)

TETHER = Path(__file__).with_name("tether.py")

GRACE_SECONDS = 30.0
"""How long workers may take to end; one needs about two seconds, up to ten with a broker that is away."""

THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")
"""Read by torch, BLAS and the tokenizers before any of our settings could be."""

CLEAN = (0, -signal.SIGTERM)
"""Exit codes of an end that somebody asked for; the second before the worker had its signal handler."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before a worker is started again.

    Attributes:
        first: seconds after the first end.
        most: seconds at most; each end in a row doubles the wait up to here.
        healthy: seconds of life after which the count begins anew.
    """

    first: float = 0.5
    most: float = 30.0
    healthy: float = 60.0

    def seconds(self, ends: int) -> float:
        """The wait after so many ends in a row; a random half of it, so that workers don't start in step."""
        full = min(self.most, self.first * 2.0 ** min(ends - 1, 30))
        return full * random.uniform(0.5, 1)  # noqa: S311 - no secret


class Supervisor:
    """Runs worker processes until it is asked to end.

    Args:
        command: the command of the worker in a slot.
        processes: how many workers.
        first_slot: their slots count up from here. Slots are stable names in the consumer group, so two supervisors
            of one group need different ones.
        threads: of each worker; 0 is its share of the cores.
        gpus: names for CUDA_VISIBLE_DEVICES; where there are several, each worker gets one, in turn.
        environment: put over this process's for every worker.
        grace: seconds that workers may take to end.
        backoff: waits before a restart.
    """

    def __init__(
        self,
        command: Callable[[int], list[str]],
        processes: int,
        *,
        first_slot: int = 0,
        threads: int = 0,
        gpus: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        grace: float = GRACE_SECONDS,
        backoff: Backoff | None = None,
    ) -> None:
        self._command = command
        self._slots = range(first_slot, first_slot + processes)
        self._threads = threads or share_of_cores(processes)
        self._gpus = gpus
        self._environment = os.environ | dict(environment or {})
        self._grace = grace
        self._backoff = backoff or Backoff()
        self._running: dict[int, Process] = {}
        self._ending = asyncio.Event()
        self._code = 0

    def run(self) -> int:
        """Runs the workers; to be called in the main thread, which has to live as long as they.

        Returns:
            The exit code: 0 when all ended as they were asked to, 70 when one failed at it or had to be killed, 78
            when one said that it can't run like this.
        """
        return asyncio.run(self._supervise())

    def environment(self, slot: int) -> dict[str, str]:
        """What the worker of a slot gets to see."""
        shared = dict.fromkeys(THREAD_VARIABLES, str(self._threads)) | self._environment
        own = {"SHOPSTREAM_WORKER__SLOT": str(slot), "SHOPSTREAM_MODELS__THREADS": str(self._threads)}
        if len(self._gpus) > 1:
            own["CUDA_VISIBLE_DEVICES"] = self._gpus[(slot - self._slots.start) % len(self._gpus)]
        return shared | own

    async def _supervise(self) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
                loop.add_signal_handler(number, self._asked_to_end, number)
        log.info("supervisor started", extra={"workers": len(self._slots), "threads_each": self._threads})
        async with asyncio.TaskGroup() as slots:
            for slot in self._slots:
                slots.create_task(self._keep(slot))
        log.info("supervisor ended", extra={"exit_code": self._code})
        return self._code

    async def _keep(self, slot: int) -> None:
        """A slot's workers, one after the other."""
        ends = 0
        while not self._ending.is_set():
            started = time.monotonic()
            code = await self._live(slot)
            lived = time.monotonic() - started
            if code == EXIT_CONFIG:
                log.error("the worker can't run like this: ending all; see its message", extra={"slot": slot})
                self._end(EXIT_CONFIG)
            if self._ending.is_set():
                self._code = self._code or (0 if code in CLEAN else EXIT_SOFTWARE)
                return
            ends = 1 if lived >= self._backoff.healthy else ends + 1
            wait = self._backoff.seconds(ends)
            log.info(
                "worker starts again",
                extra={"slot": slot, "in_seconds": round(wait, 2), "ends_in_a_row": ends},
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), wait)

    async def _live(self, slot: int) -> int | None:
        """One worker from start to end; its exit code, negative for a signal, None when it could not be started."""
        try:
            worker = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(TETHER), str(os.getpid())),
                *self._command(slot),
                env=self.environment(slot),
                stdin=DEVNULL,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which passes it on as SIGTERM
            )
        except OSError as error:
            log.error("worker could not be started", extra={"slot": slot, "error": type(error).__name__})  # noqa: TRY400
            return None
        started = time.monotonic()
        log.info("worker started", extra={"slot": slot, "pid": worker.pid})
        self._running[slot] = worker
        if self._ending.is_set():  # asked while it was being started
            worker.terminate()
        try:
            code = await worker.wait()
        finally:
            del self._running[slot]
        log.log(
            logging.INFO if code in CLEAN else logging.WARNING,
            "worker ended",
            extra={
                "slot": slot,
                "pid": worker.pid,
                "exit_code": code,
                "signal": signal_name(code),
                "lived_seconds": round(time.monotonic() - started, 1),
            },
        )
        return code

    def _asked_to_end(self, number: int) -> None:
        if self._ending.is_set():
            self._kill()
            return
        log.info("asked to end", extra={"signal": signal.Signals(number).name})
        self._end(0)

    def _end(self, code: int) -> None:
        """Asks every worker to end, and sees to it that all do."""
        if self._ending.is_set():
            return
        self._code = code
        self._ending.set()
        self._signal_all(signal.SIGTERM)
        asyncio.get_running_loop().call_later(self._grace, self._kill)

    def _kill(self) -> None:
        """Kills who is still there. Nothing is lost by it: the next owners decide again what was not committed."""
        if self._running:
            log.warning("workers did not end in time and are killed", extra={"slots": sorted(self._running)})
            self._signal_all(signal.SIGKILL)

    def _signal_all(self, number: signal.Signals) -> None:
        for worker in self._running.values():
            with contextlib.suppress(ProcessLookupError):  # it ended just now
                worker.send_signal(number)


def share_of_cores(processes: int) -> int:
    """Threads of each process, so that all together have no more than there are cores; at least one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if processes > cores:
        log.warning("more workers than cores", extra={"workers": processes, "cores": cores})
    return max(1, cores // processes)


def visible_gpus(environment: Mapping[str, str] = os.environ, devices: Path = Path("/dev")) -> list[str]:
    """The NVIDIA GPUs that a process may use, as CUDA_VISIBLE_DEVICES names them.

    Args:
        environment: where an earlier choice may be.
        devices: where the driver shows its devices, `nvidia0` and so on.
    """
    chosen = environment.get("CUDA_VISIBLE_DEVICES")
    if chosen is None:
        there = [one for one in devices.glob("nvidia*") if re.fullmatch(r"nvidia\d+", one.name)]
        return [str(index) for index in range(len(there))]
    names = [name.strip() for name in chosen.split(",")]
    # CUDA itself ignores what follows the first name that is none, such as -1.
    end = next((place for place, name in enumerate(names) if name in {"", "-1"}), len(names))
    return names[:end]


def signal_name(code: int) -> str | None:
    """The signal that ended a process with this exit code, if one did."""
    if code >= 0:
        return None
    try:
        return signal.Signals(-code).name
    except ValueError:
        return str(-code)
