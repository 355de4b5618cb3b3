"""Does a backlog of one topic hold up another? `python -m tests.faults.head_of_line --json`.

Queries are produced at a steady rate and answered at once by their stage; a `read_committed` consumer takes the time
until it has each ranking. First nothing else is to do, then a backlog of reviews lies before a slow stand-in reader.
"""

import argparse
import asyncio
import json
import random
import signal
import statistics
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streams.contracts.partitioning import partition_for
from streams.contracts.topics import QUERIES, REVIEWS, SEARCH_RANKINGS
from streams.local import LocalStack
from tests.chaos import events
from tests.chaos.fleet import Fleet, staffed
from tests.chaos.run import Setting
from tests.chaos.tally import Balance

QUERIES_PER_SECOND = 20
PARTITIONS = 4


@dataclass(frozen=True, slots=True)
class Latencies:
    """Milliseconds from a query's making to its committed ranking at a consumer."""

    n: int
    p50: float
    p99: float
    max: float

    @classmethod
    def of(cls, seconds: list[float]) -> "Latencies":
        """The figures of some queries."""
        cuts = statistics.quantiles(seconds, n=100, method="inclusive")
        return cls(len(seconds), *(round(1_000 * value, 1) for value in (cuts[49], cuts[98], max(seconds))))


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run found; `loaded` is beside the backlog."""

    backlog: int
    idle: Latencies
    loaded: Latencies
    reviews: Balance
    queries: Balance
    exits: dict[int, int]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        balances = {"reviews": counts(self.reviews), "queries": counts(self.queries)}
        return asdict(self) | balances | {"ratio_p99": round(self.loaded.p99 / self.idle.p99, 2)}


def counts(balance: Balance) -> dict[str, Any]:
    """A balance in numbers."""
    return {
        "inputs": balance.inputs,
        "lost": len(balance.lost),
        "doubled": len(balance.doubled),
        "dead_letters": dict(balance.dead),
    }


class Stopwatch:
    """Produces queries and takes the time until each is answered."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._producer = AIOKafkaProducer(bootstrap_servers=setting.bootstrap, acks="all", linger_ms=0)
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=setting.bootstrap,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
        )
        self._asked: dict[str, float] = {}
        self._answered: dict[str, float] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await self._producer.start()
        await self._consumer.start()
        topic = self._setting.topic(SEARCH_RANKINGS.name)
        self._consumer.assign([TopicPartition(topic, number) for number in range(PARTITIONS)])
        self._tasks = [asyncio.create_task(self._listen())]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self._producer.stop()
        await self._consumer.stop()

    async def ask(self, seconds: float) -> list[str]:
        """Queries at the steady rate for some time; their ids."""
        ids: list[str] = []
        started = time.monotonic()
        while time.monotonic() - started < seconds:
            number = len(self._asked)
            key, value = events.query(number)
            ids.append(f"q{number}")
            self._asked[ids[-1]] = time.monotonic()
            await self._producer.send(
                self._setting.topic(QUERIES.name), value, key=key, partition=partition_for(key, PARTITIONS)
            )
            await asyncio.sleep(max(0.0, started + len(ids) / QUERIES_PER_SECOND - time.monotonic()))
        return ids

    async def latencies(self, ids: list[str], within: float = 60) -> Latencies:
        """Waits for the answers and sums up.

        Raises:
            TimeoutError: some were not answered in time.
        """
        deadline = time.monotonic() + within
        while missing := [one for one in ids if one not in self._answered]:
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"{len(missing)} of {len(ids)} queries were not answered in {within:.0f} s"
                )
            await asyncio.sleep(0.05)
        return Latencies.of([self._answered[one] - self._asked[one] for one in ids])

    async def _listen(self) -> None:
        while True:
            found = await self._consumer.getmany(timeout_ms=1_000)
            now = time.monotonic()
            for records in found.values():
                for record in records:
                    for cause in orjson.loads(record.value)["causes"]:
                        self._answered.setdefault(cause, now)


async def measure(
    setting: Setting, *, backlog: int, reviews_per_second: float, idle_seconds: float = 5, kills: int = 0
) -> Figures:
    """Runs one worker, two where there are kills, and measures.

    Args:
        setting: topics and environment.
        backlog: reviews produced at once.
        reviews_per_second: the stand-in reader's speed.
        idle_seconds: how long queries come alone.
        kills: SIGKILLs while the backlog is worked off; latencies then say nothing.
    """
    await setting.create()
    names = ["w1", "w2"] if kills else ["w1"]
    environment = dict(setting.environment) | {"STANDIN_RATE": str(reviews_per_second)}
    async with staffed(environment, setting.folder, *names) as fleet, Stopwatch(setting) as watch:
        await watch.latencies(await watch.ask(1))  # first uses cost more
        idle = await watch.latencies(await watch.ask(idle_seconds))
        await events.produce(setting.bootstrap, setting.topic(REVIEWS.name), events.reviews(backlog, seed=2))
        hurting = asyncio.create_task(hurt(fleet, kills))
        asked = await watch.ask(0.8 * backlog / reviews_per_second)
        await hurting
        loaded = await watch.latencies(asked)
        await setting.drained(REVIEWS.name, within=60 + backlog / reviews_per_second)
        await setting.drained(QUERIES.name, within=60)
    return Figures(
        backlog,
        idle,
        loaded,
        await setting.balance(),
        await setting.balance(QUERIES, SEARCH_RANKINGS),
        dict(fleet.exits),
    )


async def hurt(fleet: Fleet, kills: int) -> None:
    """SIGKILLs in turn, a few seconds apart."""
    chance = random.Random(3)
    for number in range(kills):
        await asyncio.sleep(chance.uniform(1.0, 3.0))
        fleet.hurt(f"w{number % 2 + 1}", signal.SIGKILL)


def say(what: str) -> None:
    """Progress, beside the result."""
    sys.stderr.write(what + "\n")


def main() -> int:
    """Exit 0 when every event was answered exactly once, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.head_of_line", description=__doc__)
    parser.add_argument("--backlog", type=int, default=100_000, help="reviews that lie before the worker")
    parser.add_argument("--rate", type=float, default=1_500, help="reviews a second that the stand-in reads")
    parser.add_argument("--kills", type=int, default=0, help="SIGKILLs meanwhile")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="shopstream-hol-") as name:
        folder = Path(name)
        with LocalStack(folder / "stack", progress=say) as stack:
            setting = Setting(stack.endpoints, "hol-", folder / "run")
            figures = asyncio.run(
                measure(
                    setting,
                    backlog=options.backlog,
                    reviews_per_second=options.rate,
                    idle_seconds=20,
                    kills=options.kills,
                )
            )
    text = (
        f"idle {figures.idle}\nbeside {figures.backlog} reviews {figures.loaded}\n"
        f"reviews: {figures.reviews}\nqueries: {figures.queries}\nexits: {figures.exits}"
    )
    print(json.dumps(figures.as_json()) if options.json else text)  # noqa: T201 - a program's output
    return 0 if figures.reviews.holds and figures.queries.holds else 1


if __name__ == "__main__":
    sys.exit(main())
