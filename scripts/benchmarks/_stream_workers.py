"""The workers that `scripts/bench stream` compares: one topic in, one out, from a backlog.

    python -m scripts.benchmarks._stream_workers opaque|contract|bare|model|bare-model|plain

`opaque` passes bytes through Shopstream's delivery, `contract` is the review stage without a model, `model` the stage
as it ships, `bare` and `bare-model` are the same without privacy, and `plain` is what one writes by hand with Faust: an
agent that sends. Where the time went is printed as JSON when the worker ends.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import faust
from aiokafka import ConsumerRecord

from models.engine.encoder import Encoder
from models.heads import read_heads
from models.identity import ModelIdentity
from models.reviews import Reading, ReviewReader
from models.sources import HEADS_FILE, TERMS_FILE, resolve
from models.terms import read_terms
from privacy.guard import Protected, Sensitive
from scripts.benchmarks._plain_faust import plain_app
from streams import metrics
from streams.agents.reviews import understand_reviews
from streams.contracts.topics import REVIEW_INSIGHTS, REVIEWS
from streams.delivery.faust_app import WorkerApp
from streams.delivery.records import Outgoing, Verdict
from streams.delivery.stage_worker import stage_worker
from streams.delivery.worker import Route, Worker
from streams.health import Health
from streams.keys import Keys
from streams.log import configuration
from streams.releases.serving import Serving, Version, reference
from streams.review_readers import ReviewReaders
from streams.settings import Settings
from streams.state.memory import redis_memory


class Opaque:
    """Passes each record's bytes on to the partition of the same number."""

    def __init__(self, output: str) -> None:
        self._output = output

    async def decide(self, records: Sequence[ConsumerRecord]) -> list[Verdict]:
        return [
            Verdict([Outgoing(self._output, record.partition, record.key, record.value, [])])
            for record in records
        ]

    async def condemn(self, record: ConsumerRecord, deaths: int) -> Verdict:
        raise AssertionError((record.offset, deaths))


class NoReader:
    """Answers the same for every text."""

    models = (ModelIdentity("none", "0", "none"),)

    async def read(self, texts: Sequence[str]) -> list[Reading]:
        return [Reading("positive", (0.0, 0.25, 0.75))] * len(texts)


class NoGuard:
    """Lets every text out as it came: what a pipeline without privacy does."""

    async def protect(self, items: Sequence[Sensitive]) -> list[Protected]:
        return [
            Protected(item.subject, {name: text.reveal() for name, text in item.fields.items()})
            for item in items
        ]

    def user_token(self, user_id: str) -> str:
        return user_id


@dataclass(frozen=True)
class GuardOnly:
    """The house of the review stage's workers."""

    guard: Any
    keys: Keys
    review_readers: ReviewReaders[Any]
    name_tagger: None = None

    async def close(self) -> None:
        """Closes the keys' connections."""
        await self.keys.close()


class OpaqueRoutes:
    """One route, which passes bytes on."""

    def __init__(self, settings: Settings) -> None:
        output = settings.wire_topic(REVIEW_INSIGHTS.name)
        self.topics: Sequence[str] = [settings.wire_topic(REVIEWS.name)]
        self.outputs = frozenset({output})
        self._route = Route(self.topics[0], Opaque(output))

    async def open(self) -> Sequence[Route]:
        return [self._route]

    async def close(self) -> None:
        """Nothing is open."""


def opaque(settings: Settings) -> WorkerApp:
    """Shopstream's delivery with a processor that does nothing."""
    health = Health()
    memory = redis_memory(settings, health)
    return Worker(
        settings, memory=memory, routes=OpaqueRoutes(settings), health=health, partition_counts={}
    ).app


def review_stage(settings: Settings, *, privacy: bool, model: bool) -> WorkerApp:
    """The review stage, with or without its model and privacy."""

    async def open_house(health: Health) -> GuardOnly:
        keys = await Keys.open(settings, health)
        reader = real_reader(settings) if model else NoReader()
        serving = Serving(Version(reader, [reference(one) for one in reader.models]))
        return GuardOnly(keys.guard() if privacy else NoGuard(), keys, ReviewReaders(serving))

    return stage_worker(
        settings,
        [understand_reviews],
        open_house=open_house,
        memory=lambda health: redis_memory(settings, health),
    ).app


def real_reader(settings: Settings) -> ReviewReader:
    """The reader that ships."""
    source = resolve(settings.models.reviews)
    return ReviewReader(
        Encoder.load(source, **settings.models.running),
        read_heads(source.folder / HEADS_FILE),
        read_terms(source.folder / TERMS_FILE),
    )


def plain(settings: Settings) -> faust.App:
    """An ordinary Faust agent that sends what it reads; at least once, no fencing."""
    app, source, output = plain_app(settings, "plain", cython=True)

    @app.agent(source)
    async def forward(stream: faust.StreamT[Any]) -> None:
        async for event in stream.events():
            await output.send(key=event.key, value=event.value)

    return app


WORKERS: dict[str, Callable[[Settings], Any]] = {
    "opaque": opaque,
    "contract": partial(review_stage, privacy=True, model=False),
    "bare": partial(review_stage, privacy=False, model=False),
    "model": partial(review_stage, privacy=True, model=True),
    "bare-model": partial(review_stage, privacy=False, model=True),
    "plain": plain,
}


def phases() -> dict[str, float]:
    """Seconds spent in each phase, summed over batches."""
    return {
        sample.labels["phase"]: round(sample.value, 3)
        for metric in metrics.PHASE_SECONDS.collect()
        for sample in metric.samples
        if sample.name.endswith("_sum")
    }


def main() -> None:
    """Runs one of them until SIGTERM."""
    settings = Settings()
    app = WORKERS[sys.argv[1]](settings)
    app.conf.logging_config = configuration(settings.log, "WARNING")

    async def report(*_args: object, **_kwargs: object) -> None:
        line = {"phases": phases(), "cpu": round(time.process_time(), 2)}
        os.write(1, json.dumps(line).encode() + b"\n")

    app.on_before_shutdown.connect(report)
    worker = faust.Worker(app, loglevel="warning", quiet=True)
    if profile := os.environ.get("SHOPSTREAM_PROFILE"):
        import cProfile

        with cProfile.Profile() as profiler, suppress(SystemExit):
            worker.execute_from_commandline()
        profiler.dump_stats(profile)
        return
    worker.execute_from_commandline()


if __name__ == "__main__":
    main()
