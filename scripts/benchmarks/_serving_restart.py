"""Part `restart`: how soon a worker serves a large catalogue, and what memory it takes, with a snapshot and without."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any, Final

from scripts.benchmarks._serving_ask import timed
from scripts.benchmarks._serving_figures import Report, latencies, mib, say
from scripts.benchmarks._serving_shop import plan, prefill, products, queries, query
from scripts.benchmarks._serving_stack import CAUGHT_UP, READY, Ground, Watched, complete, serving
from streams.client import Shopstream
from streams.contracts.events import CatalogItem
from streams.contracts.topics import CATALOG_VECTORS
from streams.views.views import FOLDER

LOADED: Final = "models loaded"
RESTORED: Final = "a view is restored from its snapshot"
WRITTEN: Final = "a snapshot is written"
REST_SECONDS: Final = 5.0
QUERIES: Final = 100


async def restart_part(ground: Ground, *, count: int, width: int) -> Report:
    """Starts a worker on an empty catalogue, then on that many products without a snapshot, then with one."""
    report = Report()
    views = ground.settings.data_dir / FOLDER
    say("a worker without products")
    async with started(ground, "empty", 0) as (_, figures):
        report.figures["empty"] = figures
    shutil.rmtree(views, ignore_errors=True)
    say(f"prefilling {count:,} products")
    began = time.perf_counter()
    await prefill(ground.settings, count, width)
    *_, last = products(count)
    say(f"prefilled in {time.perf_counter() - began:.0f} s; a worker without a snapshot")
    async with started(ground, "without", count, last) as (worker, figures):
        report.figures["without_snapshot"] = figures
    report.figures["snapshot"] = snapshot = {
        "mib": mib(sum(file.stat().st_size for file in views.glob("*.view"))),
        "written_in_s": _seconds(worker, WRITTEN),
    }
    report.expect("no snapshot was written", holds=snapshot["written_in_s"] is not None)
    say("a worker with a snapshot")
    async with started(ground, "with", count, last) as (worker, figures):
        report.figures["with_snapshot"] = figures
        figures["restored_in_s"] = _seconds(worker, RESTORED)
        report.expect("the snapshot was not restored", holds=figures["restored_in_s"] is not None)
        async with Shopstream(ground.settings) as shop:
            row = queries(plan())
            await timed(shop, islice(row, 20))
            report.figures["queries"] = latencies((await timed(shop, islice(row, QUERIES)))[1])
    return report


@asynccontextmanager
async def started(
    ground: Ground, name: str, count: int, wanted: CatalogItem | None = None
) -> AsyncIterator[tuple[Watched, dict[str, Any]]]:
    """A worker, and the figures of its start; the block begins when it rests. Seconds are from its start.

    Args:
        ground: what it works on.
        name: of its log.
        count: products that there are.
        wanted: the one that is asked for by its title; None where there is none.
    """
    async with Shopstream(ground.settings) as shop, serving(ground, name) as worker:
        first = asyncio.create_task(_first_correct(shop, count, wanted))
        began = time.perf_counter()
        loaded = await worker.until(LOADED)
        ready = await worker.until(READY)
        caught_up = await worker.until(CAUGHT_UP, topic=CATALOG_VECTORS.name)
        correct = await first - began
        await asyncio.sleep(REST_SECONDS)
        yield (
            worker,
            {
                "models_loaded_s": round(loaded, 1),
                "ready_s": round(ready, 1),
                "caught_up_s": round(caught_up, 1),
                "first_correct_answer_s": round(correct, 1),
                "rss_models_mib": mib(worker.memory_at(loaded)),
                "rss_ready_mib": mib(worker.memory_at(ready)),
                "rss_at_rest_mib": mib(worker.memory()),
                "peak_mib": mib(worker.peak),
            },
        )


async def _first_correct(shop: Shopstream, count: int, wanted: CatalogItem | None) -> float:
    """When the first answer came that is made from all products and has the wanted one, by `perf_counter`."""
    while True:
        ranking = await complete(shop, query(wanted.title if wanted else "anything"), count)
        if wanted is None or wanted.product_id in [item.product_id for item in ranking.items]:
            return time.perf_counter()


def _seconds(worker: Watched, message: str) -> float | None:
    line = worker.said(message, topic=CATALOG_VECTORS.name)
    return None if line is None else float(line["seconds"])
