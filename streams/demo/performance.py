"""A run of the demo: workers up, a shop's days sent and answered, then the evidence."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

from streams.counting import end_offsets
from streams.demo.evidence import SERVED, WRITTEN, examine
from streams.demo.progress import Progress
from streams.demo.report import Report
from streams.demo.shop.plan import Plan, Sizes
from streams.demo.streaming import Sent, Streaming
from streams.demo.views import watched
from streams.demo.workers import worker_command, worker_environment, working
from streams.settings import Settings
from streams.topic_admin import create_topics


@dataclass(frozen=True, slots=True)
class Order:
    """What a run does.

    Attributes:
        scale: factor on the customers' events of the made-up shop.
        workers: how many processes serve it.
        seed: of all that the shop does.
        sizes: of the shop, instead of `scale`.
    """

    scale: float = 1.0
    workers: int = 1
    seed: int = 7
    sizes: Sizes | None = None


async def perform(
    settings: Settings,
    order: Order,
    command: Sequence[str] = (),
    keep: Callable[[Report], Awaitable[None]] | None = None,
) -> Report:
    """Runs the demo on a broker that is up, and shows how it goes on standard error.

    Args:
        settings: with the addresses of Kafka and Redis.
        order: what to do.
        command: starts the workers; `worker_command(order.workers)` when left out.
        keep: called with the report while the workers still run; without it they are ended before the count.

    Raises:
        WorkersFailed: the workers ended by themselves, or never answered.
        ClientError, TopicAdminError: Kafka does not do what it should.
    """
    progress = Progress(doing="creating topics")
    sent = Sent(f"demo-{secrets.token_hex(4)}")
    plan = Plan(order.seed, order.scale, run=sent.run, until=datetime.now(UTC), sizes=order.sizes)
    log = settings.data_dir / "logs" / "demo-workers.log"
    async with AsyncExitStack() as stack:
        async with watched(progress):
            await create_topics(settings)
            since = await end_offsets(settings, [*SERVED, *WRITTEN])
            await asyncio.to_thread(lambda: plan.census)
            progress.doing = "starting the workers, which load the models; the catalogue goes in"
            command = command or worker_command(order.workers)
            workers = await stack.enter_async_context(working(command, worker_environment(settings), log))
            await Streaming(settings, sent, progress, workers).run(plan)
            if keep is None:
                progress.doing = "stopping the workers"
                await stack.aclose()
            progress.doing = "counting, and searching for what should be masked"
            report = Report(
                sent=sent,
                evidence=await examine(settings, sent, plan, since, [log]),
                census=plan.census,
                clean=keep is not None or workers.ended_cleanly,
                seconds=progress.seconds,
            )
        if keep is not None:
            await keep(report)
    return report
