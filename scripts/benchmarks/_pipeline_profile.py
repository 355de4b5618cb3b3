"""Where a worker's CPU time goes, by stage: a sampling profiler inside the worker's own process. Linux only.

    python -m scripts.benchmarks._pipeline_profile FILE worker --processes 1

runs the `shopstream` command with these arguments and writes, twice a second, what has been spent so far to FILE. Every
10 ms each thread's CPU clock is read, and what it advanced by goes to the stage in which the thread's Python stack is.
Threads that are not Python's (the backend's own) are the encoder's forward. The profiler's own time is left out.
"""

import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import orjson

EVERY_SECONDS = 0.01
WRITTEN_EVERY = 50
"""Samples."""
ENCODER = ("tokenise", "forward")
NATIVE = "forward"
REST = "other"

STAGES: tuple[tuple[str, str], ...] = (
    ("models/engine/tokenising.py", "tokenise"),
    ("models/engine/backends/", "forward"),
    ("models/engine/backends/", "forward"),
    ("models/engine/", "schedule"),
    ("models/reviews/", "heads"),
    ("models/", "other models"),
    ("privacy/detect/", "mask"),
    ("privacy/mask", "mask"),
    ("privacy/echoes.py", "mask"),
    ("privacy/placeholders.py", "mask"),
    ("privacy/", "seal"),
    ("streams/delivery/decoding.py", "decode and validate"),
    ("streams/delivery/encoding.py", "encode results"),
    ("streams/agents/", "build results"),
    ("streams/state/", "state changes"),
    ("streams/views/", "views"),
    ("streams/delivery/lane.py", "transaction"),
    ("streams/delivery/producers.py", "transaction"),
    ("aiokafka/producer/", "transaction"),
    ("aiokafka/", "Kafka client"),
    ("streams/delivery/intake.py", "intake"),
    ("faust/", "Faust"),
    ("mode/", "Faust"),
    ("streams/", "other streams"),
    ("asyncio/", "event loop"),
)
"""Parts of file names and what they count as; of a stack, the innermost frame that has one counts."""
NEUTRAL = ("streams/contracts/", "asyncio/")
"""Whoever calls these pays for them; the event loop only where nobody does."""


def stage_of(frame: FrameType | None) -> str:
    """The stage of a stack, given its innermost frame."""
    last = REST
    for name in _files(frame):
        if not any(one in name for one in NEUTRAL):
            for part, stage in STAGES:
                if part in name:
                    return stage
        elif "asyncio/" in name:
            last = "event loop"
    return last


def _files(frame: FrameType | None) -> Iterator[str]:
    while frame is not None:
        yield frame.f_code.co_filename
        # What is around the event loop only started it.
        frame = frame.f_back if frame.f_code.co_name != "_run_once" else None


def cpu_seconds(thread_id: int) -> float:
    """CPU time of a thread of this process, by its kernel id.

    The clock's number is made as glibc's `pthread_getcpuclockid` makes it; a thread that is gone is an OSError, where
    that function's answer for one is undefined.
    """
    return time.clock_gettime((~thread_id << 3) | 6)


class Profiler(threading.Thread):
    """Samples all other threads until the process ends.

    Args:
        path: of the snapshots.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(name="profiler", daemon=True)
        self._path = path
        self._stages: defaultdict[str, float] = defaultdict(float)
        self._seen: dict[int, float] = {}
        self._native: dict[int, tuple[str, float]] = {}

    def run(self) -> None:
        """Samples, and writes snapshots."""
        number = 0
        while True:
            time.sleep(EVERY_SECONDS)
            self.sample()
            number += 1
            if number % WRITTEN_EVERY == 0:
                self._write()

    def sample(self) -> None:
        """One look at every Python thread."""
        frames = sys._current_frames()  # noqa: SLF001 - the only way to see other threads' stacks
        for thread in threading.enumerate():
            native, ident = thread.native_id, thread.ident
            if thread is not self and native is not None and ident is not None:
                try:
                    now = cpu_seconds(native)
                except OSError:  # it has just ended
                    continue
                # A snapshot may have taken a new thread for one that is not Python's.
                spent = now - self._seen.get(native, self._native.get(native, ("", 0.0))[1])
                self._seen[native] = now
                if spent > 0:
                    self._stages[stage_of(frames.get(ident))] += spent

    def snapshot(self) -> dict[str, Any]:
        """Seconds by stage since the start, native threads' by name."""
        for task in Path("/proc/self/task").iterdir():
            number = int(task.name)
            if number not in self._seen and number != self.native_id:
                try:
                    name = (task / "comm").read_text("utf-8").strip()
                    self._native[number] = name, cpu_seconds(number)
                except OSError:  # it has just ended; what was read last stays
                    continue
        native: defaultdict[str, float] = defaultdict(float)
        for name, spent in self._native.values():
            native[name] += spent
        ours = self._stages.get(NATIVE, 0.0)
        return {
            "stages": {**self._stages, NATIVE: ours + sum(native.values())},
            "native_threads": native,
            "process": time.process_time() - (cpu_seconds(self.native_id) if self.native_id else 0.0),
        }

    def _write(self) -> None:
        unfinished = self._path.with_suffix(".new")
        unfinished.write_bytes(orjson.dumps(self.snapshot()))
        unfinished.replace(self._path)


def spent_between(before: Mapping[str, Any], after: Mapping[str, Any], texts: int) -> dict[str, Any]:
    """The profile between two snapshots.

    Args:
        before: a snapshot.
        after: a later one.
        texts: that were read between them.

    Returns:
        Microseconds a text by stage, the largest first, and what all but the encoder takes in the encoder's time.
    """
    spent = {stage: seconds - before["stages"].get(stage, 0.0) for stage, seconds in after["stages"].items()}
    encoder = sum(spent.get(stage, 0.0) for stage in ENCODER)
    rest = sum(spent.values()) - encoder
    ordered = sorted(spent.items(), key=lambda item: -item[1])
    return {
        "texts": texts,
        "microseconds_per_text": {
            stage: round(seconds / texts * 1e6, 1) for stage, seconds in ordered if seconds > 0
        },
        "encoder_microseconds": round(encoder / texts * 1e6, 1),
        "everything_else_microseconds": round(rest / texts * 1e6, 1),
        "everything_else_per_encoder": round(rest / encoder, 3) if encoder > 0 else None,
        "share_of_process_seen": round(
            sum(spent.values()) / max(1e-9, after["process"] - before["process"]), 3
        ),
    }


def main() -> None:
    """Runs the command with the profiler beside it."""
    Profiler(Path(sys.argv[1])).start()
    sys.argv = [sys.argv[0], *sys.argv[2:]]
    from streams.cli import main as shopstream

    shopstream()


if __name__ == "__main__":
    main()
