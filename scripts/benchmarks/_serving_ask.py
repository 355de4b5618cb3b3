"""Part `ask`: Kafka to Kafka, one after another, from one connected client; and the command as a whole process."""

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Final

from scripts.benchmarks._serving_figures import Report, latencies, say
from scripts.benchmarks._serving_shop import background, plan, prefill, queries, query, tickets
from scripts.benchmarks._serving_stack import CAUGHT_UP, READY, Ground, complete, serving, settled
from streams.client import Shopstream
from streams.contracts.events import Query, SupportTicket
from streams.contracts.results import SearchRanking, SupportReply
from streams.contracts.topics import CATALOG_VECTORS

WARM_UP: Final = 20
COMMAND_SECONDS: Final = 60.0
"""After which the command hangs; it gives up by itself long before."""
Answer = SearchRanking | SupportReply


async def ask_part(
    ground: Ground, *, asked: int, letters: int, runs: int, prefilled: int, width: int
) -> Report:
    """Measures on an idle stack.

    Args:
        ground: empty.
        asked: queries.
        letters: tickets.
        runs: of the command.
        prefilled: products with made-up vectors; 0 is the demo's small shop, really embedded.
        width: of those vectors.
    """
    report, shop_plan = Report(), plan()
    expected = prefilled or shop_plan.sizes.products
    if prefilled:
        say(f"prefilling {prefilled:,} products")
        await prefill(ground.settings, prefilled, width)
    async with serving(ground) as worker, Shopstream(ground.settings) as shop:
        await worker.until(READY)
        if prefilled:
            await worker.until(CAUGHT_UP, topic=CATALOG_VECTORS.name)
        else:
            say("sending the shop")
            await shop.produce_many(background(shop_plan))
            await settled(ground.settings)
        await complete(shop, query("ready"), expected)
        say("asking")
        search, support = queries(shop_plan), tickets(shop_plan)
        await timed(shop, islice(search, WARM_UP))
        await timed(shop, islice(support, WARM_UP))
        found, times = await timed(shop, islice(search, asked))
        replies, reply_times = await timed(shop, islice(support, letters))
        report.figures["queries"] = latencies(times) | _degraded(found)
        report.figures["tickets"] = latencies(reply_times) | _degraded(replies)
        say("running the command")
        texts = [posed.meant for posed in islice(shop_plan.queries(), runs)]
        report.figures["command"] = latencies([await command(ground, report, text) for text in texts])
    report.expect("a query was answered from less than all", holds=not any(one.degraded for one in found))
    return report


async def timed(
    shop: Shopstream, events: Iterable[Query | SupportTicket]
) -> tuple[Sequence[Answer], list[float]]:
    """Answers in their order, and how many seconds each took."""
    answers: list[Answer] = []
    times = []
    for event in events:
        began = time.perf_counter()
        answers.append(await shop.ask(event, timeout=60))
        times.append(time.perf_counter() - began)
    return answers, times


async def command(ground: Ground, report: Report, text: str) -> float:
    """Seconds that `shopstream ask` takes, from the start of its process to its end."""
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "streams.cli", "ask", text, "--json"),
        stdout=subprocess.DEVNULL,
        env=os.environ | ground.environment,
    )
    try:
        code = await asyncio.wait_for(process.wait(), COMMAND_SECONDS)
    except TimeoutError:
        process.kill()
        code = await process.wait()
    report.expect(f"`shopstream ask` ended with exit code {code}", holds=code in (0, 3))
    return time.perf_counter() - began


def _degraded(answers: Iterable[Answer]) -> dict[str, Any]:
    return {"degraded": dict(Counter(name for one in answers for name in one.degraded))}
