"""`python -m tests.standins.services`: a worker with all real stages, views and state; its models are stand-ins.

With `STANDIN_TAGGER=shipped:pii` in the environment the tagger is that one, a real model; without, there is none.
"""

import asyncio
import os
from typing import Any

import faust

from models.catalogue.catalogue import Catalogue
from models.engine.engine import Engine
from models.engine.loading import load_model
from models.engine.scheduling.statistics import EngineStatistics
from models.pii import TextTagger
from models.support import SupportMemory
from streams.agents import STAGES
from streams.delivery.faust_app import WorkerApp
from streams.delivery.stage_worker import stage_worker
from streams.health import Health
from streams.house import House
from streams.keys import Keys
from streams.log import configuration
from streams.name_tagger import NameTagger
from streams.releases.roles import REVIEWS, TAGGER
from streams.releases.serving import Serving, Version, reference
from streams.settings import Settings
from streams.state.connection import Cache
from streams.state.memory import redis_memory
from streams.worker_models import Models
from tests.standins.encoder import WIDTH, StandInEncoder
from tests.standins.house import Behaviour, StandInReader, serving


class StandInEngine:
    """`Engine` for a house that runs no model."""

    def statistics(self) -> EngineStatistics:
        return EngineStatistics((), threads=0, threads_replaced=0)

    def close(self) -> None:
        """Nothing is open."""


async def open_house(settings: Settings, health: Health) -> House:
    """The real house around stand-in models."""
    engine: Any = StandInEngine()
    encoder: Any = StandInEncoder()
    roles: dict[str, Serving[Any]] = {REVIEWS: serving(StandInReader(Behaviour()))}
    if source := os.environ.get("STANDIN_TAGGER"):
        model = await asyncio.to_thread(load_model, TAGGER, source, "tag", **settings.models.running)
        engine = Engine([model], threads=1)
        tagger = NameTagger(TextTagger(engine, model.name))
        roles[TAGGER] = Serving(Version(tagger, [reference(model.identity)], model.name))
    models = Models(engine, roles, encoder, Catalogue(WIDTH), SupportMemory(WIDTH))
    cache = Cache.open(settings.redis, health)
    house = House(settings, models, await Keys.open(settings, health), cache, health)
    await house.start()
    return house


def build(settings: Settings) -> WorkerApp:
    worker = stage_worker(
        settings,
        STAGES,
        open_house=lambda health: open_house(settings, health),
        memory=lambda health: redis_memory(settings, health),
    )
    worker.app.conf.logging_config = configuration(settings.log)
    return worker.app


if __name__ == "__main__":
    faust.Worker(build(Settings()), loglevel="info", quiet=True).execute_from_commandline()
