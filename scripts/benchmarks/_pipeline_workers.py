"""The workers that `scripts/bench pipeline` compares: one with the tagger of names, one without."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from models.engine.cpu_features import usable_cores
from scripts.benchmarks._pipeline_job import Job, job
from streams.demo.workers import worker_command
from streams.settings import Settings

SHIPPED_TAGGER = "shipped:pii"
UNTAGGED = "untagged"


def workers_of(settings: Settings, folder: Path, tagger: str) -> dict[str, Settings]:
    """Settings of the workers that are compared, by name; both use all cores in their turn.

    Args:
        settings: of the broker.
        folder: for what they keep.
        tagger: `on`, `off` or `both`.
    """
    source = settings.models.tagger or SHIPPED_TAGGER
    models = {"tagger": "" if tagger == "off" else source, "threads": usable_cores()}
    worker = settings.model_copy(update={"models": settings.models.model_copy(update=models)})
    if tagger != "both":
        return {"worker": worker}
    return {
        "worker": worker,
        UNTAGGED: worker.model_copy(
            update={
                "data_dir": folder / UNTAGGED,
                "kafka": settings.kafka.model_copy(update={"topic_prefix": f"{UNTAGGED}-"}),
                "privacy": settings.privacy.model_copy(update={"tenant": UNTAGGED}),
                "models": worker.models.model_copy(update={"tagger": ""}),
            }
        ),
    }


@asynccontextmanager
async def jobs(workers: Mapping[str, Settings], folder: Path) -> AsyncIterator[dict[str, Job]]:
    """The workers, running."""
    async with AsyncExitStack() as stack:
        yield {
            name: await stack.enter_async_context(
                job(name, worker_command(1), settings, folder / f"{name}.log")
            )
            for name, settings in workers.items()
        }
