"""The Faust app: settings in, agents registered. `faust -A streams worker -l info` and `shopstream worker` run it."""

from streams.agents import STAGES
from streams.delivery.faust_app import WorkerApp
from streams.delivery.stage_worker import stage_worker
from streams.embedded import connected
from streams.house import House
from streams.log import configuration
from streams.settings import Settings
from streams.state.memory import redis_memory
from streams.topic_admin import ensure_topics
from streams.web import HealthServer
from streams.worker_models import preload


def build(settings: Settings) -> WorkerApp:
    """The app for these settings; where they name no broker, the embedded one is joined or started."""
    preload(settings.models)
    embedded = settings.kafka.bootstrap is None
    settings = connected(settings)
    if embedded:
        ensure_topics(settings)
    worker = stage_worker(
        settings,
        STAGES,
        open_house=lambda health: House.open(settings, health),
        memory=lambda health: redis_memory(settings, health),
        services=lambda health: [HealthServer(health, settings.web, settings.worker.slot or 0)],
    )
    worker.app.conf.logging_config = configuration(settings.log)
    return worker.app


app = build(Settings())
