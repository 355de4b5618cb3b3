"""A run of the demo: workers up, reviews sent and answered, workers down, then the evidence."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

from streams.contracts.topics import REVIEWS
from streams.counting import end_offsets
from streams.demo.evidence import WRITTEN, Sent, examine
from streams.demo.progress import Progress
from streams.demo.report import Report
from streams.demo.reviews import drafts
from streams.demo.streaming import Streaming
from streams.demo.views import watched
from streams.demo.workers import worker_command, worker_environment, working
from streams.settings import Settings
from streams.topic_admin import create_topics


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does.

    Attributes:
        reviews: how many are sent.
        workers: how many processes understand them.
        seed: of what they say.
    """

    reviews: int = 2_000
    workers: int = 1
    seed: int = 7


async def perform(settings: Settings, plan: Plan, command: Sequence[str] = ()) -> Report:
    """Runs the demo on a broker that is up, and shows how it goes on standard error.

    Args:
        settings: with the addresses of Kafka and Redis.
        plan: what to do.
        command: starts the workers; `worker_command(plan.workers)` when left out.

    Raises:
        WorkersFailed: the workers ended by themselves, or never answered.
        ClientError, TopicAdminError: Kafka does not do what it should.
    """
    started = time.monotonic()
    progress = Progress(of=plan.reviews, doing="creating topics")
    run = f"demo-{secrets.token_hex(4)}"
    log = settings.data_dir / "logs" / "demo-workers.log"
    async with watched(progress):
        await create_topics(settings)
        sent = Sent(run, await end_offsets(settings, [REVIEWS, *WRITTEN]))
        progress.doing = "starting the workers, which load the model"
        command = command or worker_command(plan.workers)
        async with working(command, worker_environment(settings), log) as workers:
            await Streaming(settings, sent, progress, workers).run(
                drafts(plan.reviews, seed=plan.seed, run=run)
            )
            progress.doing = "stopping the workers"
        progress.doing = "counting, and searching for what should be masked"
        return await examine(
            settings, sent, log, clean=workers.ended_cleanly, seconds=time.monotonic() - started
        )
