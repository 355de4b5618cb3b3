"""Part `degraded`: search while Redis is away, and while it is there but gives no answer."""

import asyncio
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import psutil

from scripts.benchmarks._serving_ask import timed
from scripts.benchmarks._serving_figures import Report, latencies, say
from scripts.benchmarks._serving_shop import background, plan, queries, query
from scripts.benchmarks._serving_stack import READY, Ground, complete, serving, settled
from streams.client import Shopstream
from streams.contracts.events import Query

WARM_UP: Final = 20
BACK_WITHIN: Final = 30.0


async def degraded_part(ground: Ground, *, asked: int) -> Report:
    """Asks so many queries of known users before Redis is killed, while it is away, when it is back, and when it hangs.

    It hangs by SIGSTOP: connections stay open and answer nothing, as those to a machine that is gone.
    """
    report, shop_plan = Report(), plan()
    row = (one for one in queries(shop_plan) if one.user_id is not None)
    async with serving(ground) as worker, Shopstream(ground.settings) as shop:
        await worker.until(READY)
        say("sending the shop")
        await shop.produce_many(background(shop_plan))
        await settled(ground.settings)
        await complete(shop, query("ready"), shop_plan.sizes.products)
        await timed(shop, islice(row, WARM_UP))
        say("asking with Redis")
        report.figures["before"] = before = await _phase(shop, row, asked)
        say("asking without Redis")
        await asyncio.to_thread(ground.local.valkey.kill)
        report.figures["away"] = away = await _phase(shop, row, asked)
        say("asking when it is back")
        await asyncio.to_thread(ground.local.valkey.start)
        again = await _history_again(shop, row)
        back = await _phase(shop, row, asked)
        report.figures["back"] = back | {"history_again_after_s": again}
        say("asking while it hangs")
        server = psutil.Process(ground.local.valkey.pid)
        server.suspend()
        try:
            report.figures["hangs"] = hangs = await _phase(shop, row, asked)
        finally:
            server.resume()
        again = await _history_again(shop, row)
        report.figures["resumed"] = {"history_again_after_s": again}
    report.expect("queries lacked history though Redis was there", holds=not before["without_history"])
    report.expect("answers did not say that history was missing", holds=away["without_history"] == asked)
    report.expect("queries lack history though Redis is back", holds=not back["without_history"])
    report.expect("answers did not say that Redis hangs", holds=hangs["without_history"] == asked)
    report.expect("history did not come back", holds=again is not None)
    return report


async def _phase(shop: Shopstream, row: Iterator[Query], asked: int) -> dict[str, Any]:
    """Times of some queries, and how many of their answers were made without history."""
    answers, times = await timed(shop, islice(row, asked))
    return latencies(times) | {"without_history": sum("history" in one.degraded for one in answers)}


async def _history_again(shop: Shopstream, row: Iterator[Query]) -> float | None:
    """Seconds from now until an answer takes its user's history into account; None where none did."""
    began = time.perf_counter()
    while time.perf_counter() - began < BACK_WITHIN:
        ((answer,), _) = await timed(shop, islice(row, 1))
        if not answer.degraded:
            return round(time.perf_counter() - began, 2)
    return None
