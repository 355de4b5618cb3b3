"""What every part of `scripts/bench serving` runs on: an embedded stack of its own, and a worker that is watched."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson
import psutil
from pydantic import SecretStr

from scripts.benchmarks._serving_figures import resident, say
from streams.client import Shopstream
from streams.client.errors import NoAnswer
from streams.contracts.events import Query
from streams.contracts.results import SearchRanking
from streams.contracts.topics import EACH_IN_ONE, TOPICS, USER_CHANGES
from streams.counting import lags
from streams.demo.workers import Workers, worker_command, worker_environment, working
from streams.local import LocalStack
from streams.settings import KafkaSettings, KeySettings, ModelSettings, RedisSettings, Settings
from streams.topic_admin import create_topics

LOOK_SECONDS: Final = 0.05
"""Between two looks at the worker's log and memory."""
ASK_SECONDS: Final = 0.25
"""Between two questions whether all is there: they take time from a worker that is not done yet."""
READY: Final = "partitions assigned"
CAUGHT_UP: Final = "a view is caught up"
LONGEST: Final = 600.0
ANSWER_SECONDS: Final = 30.0
"""After which a question is asked again."""
STILL: Final = 5
"""Readings without a change after which a topic stands still."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A stack with its topics, and nothing in them.

    Attributes:
        settings: with the addresses of its servers.
        local: the servers.
    """

    settings: Settings
    local: LocalStack

    @property
    def environment(self) -> dict[str, str]:
        """For processes that work on it."""
        models = self.settings.models
        return worker_environment(self.settings) | {
            "SHOPSTREAM_MODELS__RETRIEVAL_ENCODER": models.retrieval_encoder
        }


@contextmanager
def ground(data_dir: Path | None, encoder: str | None) -> Iterator[Ground]:
    """A new stack, in this folder or in one that is removed afterwards.

    Args:
        data_dir: kept afterwards, with the workers' logs; made where it is not there.
        encoder: the retrieval encoder; None for the default one.
    """
    with folder_of(data_dir) as folder, LocalStack(folder) as local:
        settings = Settings(
            data_dir=folder,
            kafka=KafkaSettings(bootstrap=local.endpoints.bootstrap),
            redis=RedisSettings(url=SecretStr(local.endpoints.redis_url)),
            keys=KeySettings(url=SecretStr(local.endpoints.keys_url)),
            models=ModelSettings(retrieval_encoder=encoder) if encoder else ModelSettings(),
        )
        asyncio.run(create_topics(settings))
        yield Ground(settings, local)


@contextmanager
def folder_of(data_dir: Path | None) -> Iterator[Path]:
    """The folder, or one for the time of the block."""
    if data_dir is not None:
        yield data_dir
        return
    with tempfile.TemporaryDirectory(prefix="shopstream-serving-") as name:
        yield Path(name)


class Watched:
    """A running worker: what its log says and when, and the memory that it has.

    Args:
        workers: it.
        pid: of its process.
        started: Unix time of its start.

    Attributes:
        peak: most bytes of memory that were seen.
    """

    def __init__(self, workers: Workers, pid: int, started: float) -> None:
        self.pid = pid
        self.peak = 0
        self._workers = workers
        self._started = started
        self._lines: list[dict[str, Any]] = []
        self._memory: list[tuple[float, int]] = []
        self._read = 0

    def memory(self) -> int:
        """Bytes now."""
        return resident(self.pid)

    def memory_at(self, seconds: float) -> int:
        """Bytes at some time after the start, by the next look."""
        return next((size for at, size in self._memory if at >= seconds), self.memory())

    def said(self, message: str, **facts: str) -> dict[str, Any] | None:
        """The first line of the log with this message, each of these facts beginning as given."""
        return next(
            (
                line
                for line in self._lines
                if line.get("message") == message
                and all(str(line.get(name, "")).startswith(value) for name, value in facts.items())
            ),
            None,
        )

    def since_start(self, line: Mapping[str, Any]) -> float:
        """Seconds from the worker's start to a line of its log."""
        return datetime.fromisoformat(line["time"]).timestamp() - self._started

    async def until(self, message: str, within: float = LONGEST, **facts: str) -> float:
        """Waits for a line of the log; seconds after the start at which it was written.

        Raises:
            WorkersFailed: the worker ended, or did not say it in time.
        """
        deadline = time.monotonic() + within
        while (line := self.said(message, **facts)) is None:
            self._workers.check()
            if time.monotonic() > deadline:
                raise self._workers.failure(f"the worker did not say {message!r} in {within:.0f} s")
            await asyncio.sleep(LOOK_SECONDS)
        return self.since_start(line)

    def read_log(self) -> None:
        """Takes in what the log has by now."""
        with self._workers.log.open("rb") as log:
            log.seek(self._read)
            for line in log:
                if not line.endswith(b"\n"):
                    return
                self._read += len(line)
                with suppress(orjson.JSONDecodeError):
                    self._lines.append(orjson.loads(line))

    async def look(self) -> None:
        """Watches until it is cancelled.

        Raises:
            WorkersFailed: the worker ended.
        """
        while True:
            self._workers.check()
            self.read_log()
            self._memory.append((time.time() - self._started, size := self.memory()))
            self.peak = max(self.peak, size)
            await asyncio.sleep(LOOK_SECONDS)


@asynccontextmanager
async def serving(ground: Ground, name: str = "worker") -> AsyncIterator[Watched]:
    """A worker for the time of a block; at its end it was stopped, and its log read whole.

    Raises:
        WorkersFailed: it ended before, which ends the block, too, whatever that waits for.
    """
    before = {child.pid for child in psutil.Process().children()}
    started = time.time()
    log = ground.settings.data_dir / "logs" / f"{name}.log"
    async with working(worker_command(1), ground.environment, log) as workers:
        (pid,) = {child.pid for child in psutil.Process().children()} - before
        watched = Watched(workers, pid, started)
        try:
            async with asyncio.TaskGroup() as group:
                looking = group.create_task(watched.look())
                yield watched
                looking.cancel()
                workers.check()
        except BaseExceptionGroup as both:  # the block's error, or that the worker ended
            raise both.exceptions[0] from None
    watched.read_log()


async def settled(settings: Settings) -> None:
    """Waits until the workers have decided all events, and what followed from them.

    `user-changes` ends with transaction markers that nobody decides, so it counts as decided when it stands still.

    Raises:
        TimeoutError: they have not in `LONGEST`.
    """
    deadline, quiet, last = time.monotonic() + LONGEST, 0, None
    async with lags(settings, [TOPICS[name] for name in EACH_IN_ONE]) as measure:
        while quiet < STILL:
            now = await measure()
            left = [name for name, lag in now.items() if lag.left and name != USER_CHANGES.name]
            quiet = 0 if left or now != last else quiet + 1
            last = now
            if time.monotonic() > deadline:
                raise TimeoutError(f"in {LONGEST:.0f} s the worker did not get done with {', '.join(left)}")
            await asyncio.sleep(0.3)


async def complete(shop: Shopstream, query: Query, products: int, within: float = LONGEST) -> SearchRanking:
    """Asks until the answer is made from that many products and says that nothing is missing.

    Raises:
        TimeoutError: no such answer came in time.
    """
    deadline, number = time.monotonic() + within, 0
    while time.monotonic() < deadline:
        number += 1
        asked = query.model_copy(update={"id": f"{query.id}-{number}"})
        with suppress(NoAnswer):
            ranking = await shop.ask(asked, timeout=min(within, ANSWER_SECONDS))
            if not ranking.degraded and ranking.coverage and ranking.coverage.indexed == products:
                return ranking
        await asyncio.sleep(ASK_SECONDS)
    say("the catalogue did not get complete")
    raise TimeoutError(f"no answer from {products} products in {within:.0f} s")
