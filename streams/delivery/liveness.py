"""Liveness: a worker that has work and decides nothing is ended, since its supervisor can mend what it can't.

Not stuck is who waits for a dependency or has a batch in the model; that one has its own, longer bound. A thread
watches the event loop itself, which could not report its own standstill.
"""

import asyncio
import faulthandler
import logging
import sys
import threading
import time
from collections.abc import Mapping

import faust
from aiokafka import TopicPartition
from faust.types import TP

from streams import metrics
from streams.delivery.assignment import Assignment
from streams.delivery.errors import EXIT_STUCK
from streams.delivery.fatal import die
from streams.delivery.faust_parts import in_consumer_thread, inner_consumer
from streams.delivery.lane import Lane
from streams.delivery.pipeline import Pipeline
from streams.health import Health

log = logging.getLogger(__name__)

CHECK_SECONDS = 5.0

ANSWER_SECONDS = 10.0
"""How long the broker may take to say where its partitions end."""

HUNG_AFTER = 10
"""A batch in flight for this many times `stuck_after` hangs."""


class Liveness:
    """Watches progress against the ends of the input partitions.

    Args:
        app: the Faust app.
        pipelines: by topic name on the broker.
        health: what the worker waits for.
        stuck_after: seconds with work and no decision after which the worker ends.
    """

    def __init__(
        self, app: faust.App, pipelines: Mapping[str, Pipeline], health: Health, *, stuck_after: float
    ) -> None:
        self._app = app
        self._pipelines = pipelines
        self._health = health
        self._stuck_after = stuck_after
        self._behind_since: dict[str, float] = {}

    async def run(self, assignment: Assignment) -> None:
        """Checks until cancelled; also keeps the lag metric."""
        ended = threading.Event()
        threading.Thread(target=self._watch_loop, args=[ended], name="loop-watch", daemon=True).start()
        try:
            while True:
                await asyncio.sleep(min(CHECK_SECONDS, self._stuck_after / 4))
                behind = await self._behind(assignment.lanes)
                for topic, pipeline in self._pipelines.items():
                    self._judge(topic, pipeline, behind.get(topic, 0) > 0 or pipeline.intake.records > 0)
        finally:
            # A worker that ends has no heartbeat any more, and may take a while: that is not being stuck.
            ended.set()

    async def beat(self) -> None:
        """The event loop's sign of life."""
        while True:
            self._health.beat = time.monotonic()
            await asyncio.sleep(1)

    def _judge(self, topic: str, pipeline: Pipeline, has_work: bool) -> None:  # noqa: FBT001
        now = time.monotonic()
        # By the time when something was last missing: a try that hangs does not count as waiting for ever.
        missed = self._health.missed.get(topic, -self._stuck_after)
        waits = self._health.waiting or now - missed < self._stuck_after
        if not has_work or waits or (pipeline.busy and not self._hangs(pipeline, now)):
            self._behind_since.pop(topic, None)
            return
        since = max(self._behind_since.setdefault(topic, now), pipeline.progress)
        if now - since > self._stuck_after:
            die(
                f"{topic} has work and nothing was decided for {now - since:.0f} s; starting over", EXIT_STUCK
            )

    def _hangs(self, pipeline: Pipeline, now: float) -> bool:
        return now - pipeline.progress > HUNG_AFTER * self._stuck_after

    async def _behind(self, lanes: Mapping[TP, Lane]) -> dict[str, int]:
        """Records not fetched yet, by topic; as far as the broker answers. Records the lag on the way."""
        if not lanes:
            return {}
        consumer = inner_consumer(self._app)
        partitions = [TopicPartition(*tp) for tp in lanes]
        try:
            # Not wait_for(): in Python 3.11 it can swallow a cancellation, and the worker would never end.
            async with asyncio.timeout(ANSWER_SECONDS):
                ends = await in_consumer_thread(self._app, consumer.end_offsets, partitions)
                positions = {
                    tp: await in_consumer_thread(self._app, consumer.position, tp) for tp in partitions
                }
        except Exception as error:  # noqa: BLE001 - a broker that is away, or a rebalance: neither is being stuck
            log.debug("could not read end offsets", extra={"error": type(error).__name__})
            return {}
        behind: dict[str, int] = {}
        for tp, lane in lanes.items():
            end = ends[TopicPartition(*tp)]
            metrics.LAG.labels(tp.topic, str(tp.partition)).set(max(0, end - lane.committed))
            behind[tp.topic] = behind.get(tp.topic, 0) + max(0, end - positions[TopicPartition(*tp)])
        return behind

    def _watch_loop(self, ended: threading.Event) -> None:
        while not ended.wait(1):
            if time.monotonic() - self._health.beat > self._stuck_after:
                faulthandler.dump_traceback(file=sys.stderr)
                die(f"the event loop stood still for {self._stuck_after:.0f} s; starting over", EXIT_STUCK)
