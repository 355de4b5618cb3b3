"""The main job: a whole shop of public data through all services at once, on the embedded Kafka and real models.

All topics are produced at once: catalogue and resolutions as fast as Kafka takes them, what customers do spread
evenly over `--seconds`. One worker serves; a second joins when two fifths of the events are decided and leaves when
three fifths are. At the end a `read_committed` reader checks the count equation of every input topic, `user-changes`
included.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from pydantic import SecretStr

from scripts.benchmarks._public_shop import PublicShop
from streams.cli.session import quiet
from streams.client import Shopstream
from streams.contracts.events import Event
from streams.contracts.topics import (
    EACH_IN_ONE,
    RECOMMENDATIONS,
    SEARCH_RANKINGS,
    SUPPORT_REPLIES,
    TOPICS,
    USER_CHANGES,
    Topic,
)
from streams.counting import Balance, Measure, committed_records, count, lags
from streams.demo.workers import Workers, worker_command, worker_environment, working
from streams.local import LocalStack
from streams.settings import KafkaSettings, KeySettings, RedisSettings, Settings
from streams.topic_admin import create_topics

SERVED = tuple(TOPICS[name] for name in EACH_IN_ONE)
JOINS, LEAVES = 0.4, 0.6
"""Shares of the work at which the second worker comes and goes."""
SAY_SECONDS = 10.0
SHORTEST_NAP = 0.005
STUCK_SECONDS = 180.0


@dataclass(slots=True)
class Outcome:
    """What came of it."""

    balances: dict[str, Balance] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    second_worker: str = "never came"
    clean: bool = True

    @property
    def passed(self) -> bool:
        """Whether every equation holds, and the second worker came and went."""
        return (
            all(one.holds for one in self.balances.values())
            and self.clean
            and self.second_worker == "came and went"
        )

    def document(self) -> dict[str, Any]:
        """Everything, for programs."""
        return {
            "passed": self.passed,
            "counts": {name: one.document() for name, one in self.balances.items()},
            "second_worker": self.second_worker,
            "seconds": round(self.seconds, 1),
            **self.found,
        }


def say(what: str) -> None:
    """Progress, on standard error."""
    print(what, file=sys.stderr, flush=True)


async def main_job(
    settings: Settings, streams: Sequence[Iterable[Event] | AsyncIterable[Event]], total: int
) -> Outcome:
    """Streams all events, so many in all, and counts what comes out."""
    outcome = Outcome()
    await create_topics(settings)
    logs = settings.data_dir / "logs"
    environment = worker_environment(settings)
    started = time.monotonic()
    async with AsyncExitStack() as stack, lags(settings, SERVED) as measure:
        first = await stack.enter_async_context(
            working(worker_command(1), environment, logs / "first-worker.log")
        )
        shop = await stack.enter_async_context(Shopstream(settings, source="/shopstream/main-job"))
        producing = [asyncio.create_task(shop.produce_many(events)) for events in streams]
        second: Workers | None = None
        async with AsyncExitStack() as visit:
            async for done in decided(measure, producing, first, total):
                if second is None and done >= JOINS:
                    say("a second worker joins")
                    second = await visit.enter_async_context(
                        working(worker_command(1), environment, logs / "second-worker.log")
                    )
                    outcome.second_worker = "came"
                elif second is not None and done >= LEAVES and outcome.second_worker == "came":
                    say("the second worker leaves")
                    await visit.aclose()
                    outcome.second_worker = "came and went"
        await asyncio.gather(*producing)
        outcome.seconds = time.monotonic() - started
    outcome.clean = first.ended_cleanly and (second is None or second.ended_cleanly)
    for topic in SERVED:
        outcome.balances[topic.name] = await count(settings, topic)
        say(f"{topic.name}: {outcome.balances[topic.name]}")
    outcome.found = await findings(settings)
    return outcome


async def decided(
    measure: Measure, producing: list[asyncio.Task[int]], worker: Workers, total: int
) -> AsyncIterator[float]:
    """Yields the decided share of all events, until all were sent and decided.

    `user-changes` grows as the others are decided, so it is waited for but does not count.
    """
    said = moved = time.monotonic()
    last, done = -1, 0
    while True:
        worker.check()
        now = await measure()
        sources = [lag for name, lag in now.items() if name != USER_CHANGES.name]
        sent = all(task.done() for task in producing)
        if time.monotonic() - said > SAY_SECONDS:
            said = time.monotonic()
            say("  ".join(f"{name} {lag.committed:,}/{lag.end:,}" for name, lag in now.items()))
        everything = sum(lag.committed for lag in now.values())
        if everything != last:
            last, moved = everything, time.monotonic()
        if time.monotonic() - moved > STUCK_SECONDS:
            raise TimeoutError(f"nothing was decided for {STUCK_SECONDS:.0f} s")
        done = done + 1 if sent and not any(lag.left for lag in now.values()) else 0
        if (
            done > 1
        ):  # once is not enough: what was decided between the two readings may have led to more changes
            return
        yield sum(lag.committed for lag in sources) / total
        await asyncio.sleep(0.5)


async def findings(settings: Settings) -> dict[str, Any]:
    """What the answers look like, in figures."""
    rankings: Counter[str] = Counter()
    replies: Counter[str] = Counter()
    recommended: Counter[str] = Counter()
    async for record in results(settings, SEARCH_RANKINGS):
        rankings["all"] += 1
        rankings["with_items"] += bool(record.get("items"))
        rankings.update(f"without_{name}" for name in record.get("degraded", ()))
    async for record in results(settings, SUPPORT_REPLIES):
        replies["all"] += 1
        replies["answered"] += "reply" in record
        replies.update(f"without_{name}" for name in record.get("degraded", ()))
    async for record in results(settings, RECOMMENDATIONS):
        recommended["all"] += 1
        recommended["with_items"] += bool(record.get("items"))
        recommended["changes"] += len(record["causes"])
        recommended["items"] += len(record.get("items", ()))
        recommended["reasons"] += sum(len(item.get("reasons", ())) for item in record.get("items", ()))
    return {"rankings": dict(rankings), "replies": dict(replies), "recommendations": dict(recommended)}


async def results(settings: Settings, topic: Topic[Any]) -> AsyncIterator[dict[str, Any]]:
    """The committed results of a topic, parsed."""
    async with aclosing(committed_records(settings, [topic], {})) as records:
        async for record in records:
            yield orjson.loads(record.value)


def streams_of(
    shop: PublicShop, seconds: float, most: int | None
) -> tuple[list[Iterable[Event] | AsyncIterable[Event]], int]:
    """All events, of each topic at most `most`, and how many they are."""
    known = [(bounded(count, most), events) for count, events in shop.known().values()]
    customers = [(bounded(count, most), events) for count, events in shop.customers().values()]
    streams: list[Iterable[Event] | AsyncIterable[Event]] = [islice(events, count) for count, events in known]
    streams += [spread(islice(events, count), count, seconds) for count, events in customers]
    return streams, sum(count for count, _ in (*known, *customers))


def bounded(count: int, most: int | None) -> int:
    """At most so many."""
    return count if most is None else min(count, most)


async def spread(events: Iterable[Event], count: int, seconds: float) -> AsyncIterator[Event]:
    """So many events, evenly spread."""
    start = time.monotonic()
    for number, event in enumerate(events):
        if (early := start + seconds * number / count - time.monotonic()) > SHORTEST_NAP:
            await asyncio.sleep(early)
        yield event


def main() -> int:
    """Exit 0 when every equation holds."""
    parser = argparse.ArgumentParser(prog="scripts/bench main_job", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder of data sets")
    parser.add_argument("--most", type=int, help="at most so many events of each topic")
    parser.add_argument(
        "--seconds", type=float, default=300.0, help="over which customers' events are spread"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        shop = PublicShop(options.data)
    except FileNotFoundError as error:
        say(str(error))
        return 2
    quiet()
    streams, total = streams_of(shop, options.seconds, options.most)
    with tempfile.TemporaryDirectory(prefix="shopstream-main-") as name, LocalStack(Path(name)) as local:
        settings = Settings(
            data_dir=Path(name),
            kafka=KafkaSettings(bootstrap=local.endpoints.bootstrap),
            redis=RedisSettings(url=SecretStr(local.endpoints.redis_url)),
            keys=KeySettings(url=SecretStr(local.endpoints.keys_url)),
        )
        outcome = asyncio.run(main_job(settings, streams, total))
    if options.json:
        print(json.dumps(outcome.document(), indent=2))
    else:
        print(f"{'passed' if outcome.passed else 'FAILED'} in {outcome.seconds:.0f} s: {outcome.found}")
    return 0 if outcome.passed else 1


if __name__ == "__main__":
    sys.exit(main())
