"""Assignment: lanes opened and closed as the group hands partitions out.

The position guard: on every assignment, before Faust seeks, each partition's transactional producer is initialised
(which fences the old owner and settles its open transaction), then the committed offset is read. Only this order
leaves neither a gap nor a repetition.
"""

import asyncio
import logging
import os
import time

import faust
from faust.types import TP

from streams import metrics
from streams.delivery.fatal import die, fatal
from streams.delivery.faust_parts import committed_offset, leave_group_at_shutdown
from streams.delivery.lane import Lane
from streams.delivery.pipeline import Pipeline
from streams.delivery.producers import lane_producer
from streams.delivery.quarantine import CrashMarks, Suspicion, judge
from streams.health import Health
from streams.settings import Settings

log = logging.getLogger(__name__)

OPENING_SECONDS = 30.0
"""How long all lanes of an assignment may take to open before the worker starts over."""


class Assignment:
    """The lanes of this worker, empty while a rebalance runs.

    Args:
        app: the Faust app.
        settings: this worker's.
        pipelines: by topic name on the broker.
        marks: where crash marks are kept.
        health: told what is assigned.
        partition_counts: filled with the partition counts of `outputs` before any event is decided.
        outputs: names of those topics on the broker.
    """

    def __init__(
        self,
        app: faust.App,
        settings: Settings,
        pipelines: dict[str, Pipeline],
        *,
        marks: CrashMarks,
        health: Health,
        partition_counts: dict[str, int],
        outputs: frozenset[str],
    ) -> None:
        self.lanes: dict[TP, Lane] = {}
        self._suspicions: dict[TP, Suspicion] = {}
        self._app = app
        self._settings = settings
        self._pipelines = pipelines
        self._marks = marks
        self._health = health
        self._partition_counts = partition_counts
        self._outputs = outputs
        app.on_partitions_revoked.connect(self._on_revoked)
        app.on_rebalance_complete.connect(self._on_assigned)
        app.on_before_shutdown.connect(self._on_shutdown)

    async def _on_revoked(self, *_args: object, **_kwargs: object) -> None:
        await self._close_lanes()

    async def _on_assigned(self, *_args: object, **_kwargs: object) -> None:
        """Faust awaits this, then resumes every partition, seeks, and lets the flow go."""
        started, generation = time.monotonic(), self._app.consumer_generation_id
        await self._close_lanes()
        lanes = {
            tp: self._lane(tp, generation)
            for tp in self._app.consumer.assignment()
            if tp.topic in self._pipelines
        }
        try:
            suspicions = await asyncio.wait_for(self._open(lanes), OPENING_SECONDS)
        except Exception as error:  # noqa: BLE001 - whatever it was, the group must not wait for this worker
            die("the partitions' producers could not be initialised; is the broker reachable?", error=error)
        if generation != self._app.consumer_generation_id:  # rebalanced meanwhile: this will be called again
            await asyncio.gather(*(lane.close() for lane in lanes.values()))
            return
        self.lanes, self._suspicions = lanes, suspicions
        for pipeline in self._pipelines.values():
            pipeline.start_generation(lanes, suspicions, self._app.consumer)
        self._health.joined = self._health.assigned = True
        self._health.partitions = len(lanes)
        metrics.REBALANCES.inc()
        log.info(
            "partitions assigned",
            extra={
                "generation": generation,
                "partitions": sorted(f"{tp.topic}/{tp.partition}" for tp in lanes),
                "suspect": sorted(f"{tp.topic}/{tp.partition}" for tp in suspicions),
                "seconds": round(time.monotonic() - started, 3),
            },
        )

    async def _on_shutdown(self, *_args: object, **_kwargs: object) -> None:
        if self._health.joined:
            leave_group_at_shutdown(self._app)
            await self._close_lanes()
            log.info("closed in good order")

    def _lane(self, tp: TP, generation: int) -> Lane:
        identity = f"{self._settings.group_id}-{tp.topic}-{tp.partition}"
        if self._settings.worker.fresh_transactional_ids:
            identity += f"-{os.getpid()}"
        return Lane(
            tp,
            generation,
            group_id=self._settings.group_id,
            producer=lane_producer(self._settings, identity),
            transaction_events=self._settings.worker.transaction_events,
        )

    async def _open(self, lanes: dict[TP, Lane]) -> dict[TP, Suspicion]:
        """Opens all lanes at once and reads what earlier owners' deaths say about their next offsets."""
        await asyncio.gather(
            *(fatal(lane.open(self._committed), f"opening {tp}") for tp, lane in lanes.items())
        )
        if lanes:
            await self._learn_partitions(next(iter(lanes.values())))
        limits = self._settings.worker
        suspicions = {}
        for tp, mark in (await self._marks.get(lanes)).items():
            suspicion = judge(
                mark.found(),
                lanes[tp].committed,
                range_deaths=limits.range_deaths,
                event_deaths=limits.event_deaths,
            )
            if suspicion:
                suspicions[tp] = suspicion
        await self._marks.set({tp: suspicion.mark for tp, suspicion in suspicions.items()})
        return suspicions

    async def _learn_partitions(self, lane: Lane) -> None:
        for topic in self._outputs:
            self._partition_counts[topic] = await lane.partitions(topic)

    async def _committed(self, tp: TP) -> int:
        return await committed_offset(self._app, tp)

    async def _close_lanes(self) -> None:
        """Ends all lanes; no await before they are out of everybody's reach."""
        lanes, self.lanes = self.lanes, {}
        suspicions, self._suspicions = self._suspicions, {}
        self._health.assigned, self._health.partitions = False, 0
        for pipeline in self._pipelines.values():
            pipeline.start_generation({}, {}, self._app.consumer)
        await asyncio.gather(*(lane.close() for lane in lanes.values()))
        if lanes:
            await self._marks.clear(lanes)
            await self._marks.set({tp: suspicion.mark for tp, suspicion in suspicions.items()})
