"""Joins the settings with the embedded default: where no broker or Redis is named, the local ones are used."""

import atexit
import logging
from collections.abc import Callable

from pydantic import SecretStr

from streams.local import AlreadyRunning, Endpoints, LocalStack
from streams.settings import Settings

log = logging.getLogger(__name__)


def connected(settings: Settings, progress: Callable[[str], None] = log.info) -> Settings:
    """The settings with every address filled in.

    A stack that runs for the data folder is joined; if none does, one is started, which ends with this process.
    """
    if settings.kafka.bootstrap is not None:
        return settings
    return with_endpoints(settings, LocalStack.attach(settings.data_dir) or start(settings, progress))


def start(settings: Settings, progress: Callable[[str], None]) -> Endpoints:
    """Starts the stack of the data folder, or joins the one that another process just started."""
    stack = LocalStack(settings.data_dir, progress=progress)
    try:
        endpoints = stack.start()
    except AlreadyRunning:
        if running := LocalStack.attach(settings.data_dir):
            return running
        raise
    atexit.register(stack.stop)
    return endpoints


def with_endpoints(settings: Settings, endpoints: Endpoints) -> Settings:
    """The settings, pointing at these servers; a Redis or key store that was named stays."""
    redis = settings.redis
    if redis.url is None:
        redis = redis.model_copy(update={"url": SecretStr(endpoints.redis_url)})
    keys = settings.keys
    if keys.url is None:
        keys = keys.model_copy(update={"url": SecretStr(endpoints.keys_url)})
    kafka = settings.kafka.model_copy(update={"bootstrap": endpoints.bootstrap})
    return settings.model_copy(update={"kafka": kafka, "redis": redis, "keys": keys})
