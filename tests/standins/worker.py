"""`python -m tests.standins.worker`: a worker with the real review stage, a stand-in reader, and queries beside."""

import os

import faust

from streams.delivery.faust_app import WorkerApp
from streams.delivery.stage import AnyStage
from streams.delivery.stage_worker import stage_worker
from streams.log import configuration
from streams.settings import Settings
from streams.state.memory import redis_memory
from tests.standins.house import StandInHouse
from tests.standins.stages import answer_queries, understand_or_swell

STAGES: tuple[AnyStage, ...] = (understand_or_swell, answer_queries)
TOPICS = os.environ.get("STANDIN_TOPICS", "reviews queries").split()


def build(settings: Settings) -> WorkerApp:
    worker = stage_worker(
        settings,
        [stage for stage in STAGES if stage.consumes.name in TOPICS],
        open_house=lambda _: StandInHouse.open(settings),
        memory=lambda health: redis_memory(settings, health),
    )
    worker.app.conf.logging_config = configuration(settings.log)
    return worker.app


if __name__ == "__main__":
    faust.Worker(build(Settings()), loglevel="info", quiet=True).execute_from_commandline()
