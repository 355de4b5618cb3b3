"""What is served: `/livez`, `/readyz` and `/metrics`."""

import time
from collections.abc import Callable, Mapping

import orjson
from aiohttp import web
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

from streams.health import Health
from streams.metrics import REGISTRY

LATE_SECONDS = 10.0
"""Age of the event loop's last sign of life (one comes each second) past which the worker is not alive."""

TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"
"""Prometheus' own, which every version of it and every agent reads."""

NO_STORE = {"Cache-Control": "no-store"}

EXPOSED = CollectorRegistry()
"""The worker's own metrics, and what the operating system says of its process."""
EXPOSED.register(REGISTRY)
ProcessCollector(registry=EXPOSED)

Page = Callable[[web.BaseRequest, Health], web.Response]


def livez(request: web.BaseRequest, health: Health) -> web.Response:
    """200 while the event loop beats, else 503: the process should be ended and started again."""
    del request
    age = time.monotonic() - health.beat
    why = [f"no sign of life from the event loop for {age:.0f} s"] if age > LATE_SECONDS else []
    return report({"alive": not why, "why": why}, well=not why)


def readyz(request: web.BaseRequest, health: Health) -> web.Response:
    """200 while events are decided, 503 while all wait; what is done without, held or refused makes no difference."""
    del request
    why = health.not_ready()
    document = {
        "ready": not why,
        "why": why,
        "degraded": sorted(health.degraded),
        "held": health.held,
        "refused": health.refused,
    }
    return report(document, well=not why)


def metrics(request: web.BaseRequest, health: Health) -> web.Response:
    """All that is counted, in the Prometheus text format."""
    del request, health
    return web.Response(body=generate_latest(EXPOSED), headers=NO_STORE | {"Content-Type": TEXT_FORMAT})


def report(document: Mapping[str, object], *, well: bool) -> web.Response:
    """A small JSON document; status 200 where all is well, else 503."""
    return web.Response(
        body=orjson.dumps(document),
        status=200 if well else 503,
        headers=NO_STORE | {"Content-Type": "application/json"},
    )


PAGES: Mapping[str, Page] = {"/livez": livez, "/readyz": readyz, "/metrics": metrics}
