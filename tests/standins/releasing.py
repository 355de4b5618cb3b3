"""`python -m tests.standins.releasing`: a worker that reads reviews with models that compute nothing.

House, engine, sources, heads and releases are the real ones; only what would run on a device is a stand-in.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import faust
import numpy as np

from models.catalogue.catalogue import Catalogue
from models.engine.engine import Engine
from models.engine.model import LoadedModel
from models.sources import WeightSource
from models.support import SupportMemory
from streams.agents.reviews import understand_reviews
from streams.delivery.faust_app import WorkerApp
from streams.delivery.stage_worker import stage_worker
from streams.health import Health
from streams.house import House
from streams.keys import Keys
from streams.log import configuration
from streams.releases import loading
from streams.releases.roles import REVIEWS
from streams.releases.serving import Serving
from streams.settings import Settings
from streams.state.connection import Cache
from streams.state.memory import redis_memory
from streams.worker_models import Models
from tests.models.tiny_backend import TinyBackend, tiny_model
from tests.models.tiny_folders import WIDTH
from tests.standins import encoder


def load_model(name: str, source: WeightSource, *_: object, **__: object) -> LoadedModel:
    """Any folder's model: its vectors are all the same."""

    def vector(_ids: Sequence[int]) -> Any:
        return np.full(WIDTH, WIDTH**-0.5)

    return replace(
        tiny_model(TinyBackend(token_budget=4_096, output=vector), name, width=WIDTH),
        identity=source.identity,
    )


async def open_house(settings: Settings, health: Health) -> House:
    """The real house around an engine of stand-ins."""
    retriever: Any = encoder.StandInEncoder()
    engine = Engine([tiny_model(TinyBackend(), "retrieval")])
    reader = loading.load_version(engine, REVIEWS, settings.models.reviews, settings.models.running)
    width = encoder.WIDTH
    models = Models(engine, {REVIEWS: Serving(reader)}, retriever, Catalogue(width), SupportMemory(width))
    cache = Cache.open(settings.redis, health)
    house = House(settings, models, await Keys.open(settings, health), cache, health)
    await house.start()
    return house


def build(settings: Settings) -> WorkerApp:
    loading.load_model = load_model  # type: ignore[assignment, attr-defined]  # in this process only
    worker = stage_worker(
        settings,
        [understand_reviews],
        open_house=lambda health: open_house(settings, health),
        memory=lambda health: redis_memory(settings, health),
    )
    worker.app.conf.logging_config = configuration(settings.log)
    return worker.app


if __name__ == "__main__":
    faust.Worker(build(Settings()), loglevel="info", quiet=True).execute_from_commandline()
