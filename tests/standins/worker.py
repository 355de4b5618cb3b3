"""`python -m tests.standins.worker`: a worker with the real review stage, a stand-in reader, and queries beside."""

import faust

from streams.delivery.faust_app import WorkerApp
from streams.delivery.stage_worker import stage_worker
from streams.log import configuration
from streams.settings import Settings
from streams.state.memory import redis_memory
from tests.standins.house import StandInHouse
from tests.standins.stages import answer_queries, understand_or_swell


def build(settings: Settings) -> WorkerApp:
    worker = stage_worker(
        settings,
        [understand_or_swell, answer_queries],
        open_house=lambda: StandInHouse.open(settings),
        memory=lambda health: redis_memory(settings, health),
    )
    worker.app.conf.logging_config = configuration(settings.log)
    return worker.app


if __name__ == "__main__":
    faust.Worker(build(Settings()), loglevel="info", quiet=True).execute_from_commandline()
