"""Part `loading`: a query every half second while a large catalogue is embedded and indexed."""

import asyncio
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from scripts.benchmarks._serving_figures import Report, latencies, say
from scripts.benchmarks._serving_shop import plan, queries, query
from scripts.benchmarks._serving_stack import READY, Ground, complete, serving
from streams.client import Shopstream
from streams.client.errors import NoAnswer
from streams.contracts.events import Query
from streams.contracts.results import SearchRanking

EVERY: Final = 0.5
STUCK: Final = 30.0
NOTICED: Final = 3.0
"""Seconds from the first product until an answer must say that some are missing: coverage is two seconds old."""
SAY_EVERY: Final = 20
"""Queries."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One query of the row. Times are seconds since the first product was sent.

    Attributes:
        at: when it was sent.
        took: until its answer; None where none came.
    """

    at: float
    took: float | None
    ranking: SearchRanking | None

    @property
    def indexed(self) -> int:
        """How many products the answer was made from."""
        covered = self.ranking.coverage if self.ranking else None
        return covered.indexed if covered else 0

    @property
    def expected(self) -> int | None:
        """How many there are, by the answer; None where it does not say."""
        covered = self.ranking.coverage if self.ranking else None
        return covered.expected if covered else None

    @property
    def marked(self) -> bool:
        """Whether the answer says that the catalogue is not complete."""
        return self.ranking is not None and "catalogue" in self.ranking.degraded

    @property
    def arrived(self) -> float:
        """When its answer came."""
        return self.at + (self.took or STUCK)


async def loading_part(ground: Ground, *, products: int, seconds: float) -> Report:
    """Loads that many products, or as many as get in within so many seconds."""
    report, row = Report(), queries(plan())
    async with serving(ground) as worker, Shopstream(ground.settings) as shop:
        await worker.until(READY)
        await complete(shop, query("ready"), 0)  # also warms up
        say(f"producing {products:,} products")
        sender = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "scripts.benchmarks._serving_shop", str(products)),
            stdout=asyncio.subprocess.PIPE,
            env=os.environ | ground.environment,
        )
        assert sender.stdout is not None  # noqa: S101 - it is a pipe
        await sender.stdout.readline()
        began = time.perf_counter()
        sent = asyncio.create_task(_sent(sender, began))
        asked = await ask_in_a_row(shop, row, began, products, seconds)
        if not sent.done():
            sender.terminate()
        all_sent = await sent
        peak = worker.peak
    report.figures |= findings(asked, products) | {"all_sent_after_s": all_sent, "peak_rss_mib": peak >> 20}
    judge(report, asked, products)
    return report


async def ask_in_a_row(
    shop: Shopstream, row: Iterator[Query], began: float, products: int, seconds: float
) -> list[Asked]:
    """Sends a query every half second whether or not the last was answered; their answers by arrival."""
    done: list[Asked] = []
    under_way: set[asyncio.Task[None]] = set()

    async def one(event: Query) -> None:
        at = time.perf_counter() - began
        try:
            ranking = await shop.ask(event, timeout=STUCK)
            done.append(Asked(at, time.perf_counter() - began - at, ranking))
        except NoAnswer:
            done.append(Asked(at, None, None))

    number = 0
    while time.perf_counter() - began < seconds:
        if done and not done[-1].marked and done[-1].indexed == products:
            break
        number += 1
        task = asyncio.create_task(one(next(row)))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        await asyncio.sleep(max(0.0, began + number * EVERY - time.perf_counter()))
        if done and number % SAY_EVERY == 0:
            say(
                f"{number} queries, {done[-1].indexed:,} products, the last took {done[-1].took or STUCK:.3f} s"
            )
    await asyncio.gather(*under_way)
    return done


def findings(asked: Sequence[Asked], products: int) -> dict[str, Any]:
    """Figures of a row of queries, by their arrival."""
    last = asked[-1]
    complete_at = next((one.arrived for one in asked if one.indexed == products and not one.marked), None)
    until, reached = complete_at or last.arrived, last.indexed
    return {
        "queries": latencies([one.took for one in asked if one.took is not None]),
        "products": {
            "indexed": reached,
            "of": products,
            "complete_after_s": complete_at and round(complete_at, 1),
            "per_second": round(reached / until, 1),
        },
        "coverage": {
            "marked": sum(one.marked for one in asked),
            "at_quarters": [f"{one.indexed}/{one.expected}" for one in asked[:: max(1, len(asked) // 4)]],
        },
    }


def judge(report: Report, asked: Sequence[Asked], products: int) -> None:
    """What must hold of every answer."""
    stuck = sum(one.took is None for one in asked)
    report.expect(f"{stuck} queries were not answered in {STUCK:.0f} s", holds=not stuck)
    answered = [one for one in asked if one.ranking is not None]
    grows = all(one.indexed <= after.indexed for one, after in pairwise(answered))
    report.expect("coverage went back", holds=grows)
    silent = [one for one in answered if one.at > NOTICED and one.indexed < products and not one.marked]
    report.expect(f"{len(silent)} answers did not say that products are missing", holds=not silent)
    early = sum(one.marked for one in answered if one.indexed == products)
    report.figures["coverage"]["marked_though_all_indexed"] = early


async def _sent(sender: asyncio.subprocess.Process, began: float) -> float | None:
    """Seconds until Kafka had all products; None where that was not waited for."""
    assert sender.stdout is not None  # noqa: S101 - it is a pipe
    said = await sender.stdout.readline()
    await sender.wait()
    return round(time.perf_counter() - began, 1) if said == b"done\n" else None
