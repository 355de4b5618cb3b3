"""Intake: one topic's queue between Faust and the stage.

Faust hands out the records of all topics through one loop, and one full channel would stop every other topic. So what
Faust delivers is taken at once; when too much waits, the topic's own partitions are paused, and resumed at half.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from aiokafka import ConsumerRecord
from faust.types import TP

from streams import metrics
from streams.delivery.lane import Lane
from streams.delivery.quarantine import Suspicion


class FlowControl(Protocol):
    """Pauses and resumes partitions; Faust's consumer. Only Faust's own TP type is safe here."""

    def pause_partitions(self, tps: Iterable[TP]) -> None:
        """Fetches no more of them."""
        ...

    def resume_partitions(self, tps: Iterable[TP]) -> None:
        """Fetches them again."""
        ...


@dataclass(slots=True)
class Portion:
    """Consecutive records of one partition within a batch."""

    lane: Lane
    records: Sequence[ConsumerRecord]


@dataclass(slots=True)
class Batch:
    """What a stage gets at once: portions of several partitions, or one suspect record alone."""

    portions: list[Portion] = field(default_factory=list)
    alone: bool = False
    waited: float = 0.0
    """Seconds since the oldest record of the batch came in."""

    @property
    def records(self) -> list[ConsumerRecord]:
        """All records, in the order of the portions."""
        return [record for portion in self.portions for record in portion.records]


@dataclass(frozen=True, slots=True)
class Limits:
    """When a batch closes, and when the topic is paused."""

    batch_events: int = 256
    batch_bytes: int = 256 << 10
    linger: float = 0.005
    queue_events: int = 8_192
    queue_bytes: int = 8 << 20


def size(records: Sequence[ConsumerRecord]) -> int:
    """Bytes of the records' values."""
    return sum(len(record.value) for record in records if record.value is not None)


class Intake:
    """The queue of one topic.

    Args:
        topic: its name on the broker.
        limits: bounds of batches and of the queue.
    """

    def __init__(self, topic: str, limits: Limits) -> None:
        self.topic = topic
        self.records = 0
        self.paused = False
        self._limits = limits
        self._bytes = 0
        self._queue: deque[tuple[float, Portion]] = deque()
        self._arrived = asyncio.Event()
        self._flow: FlowControl | None = None
        self._lanes: dict[TP, Lane] = {}
        self._suspicions: dict[TP, Suspicion] = {}

    def start_generation(
        self, lanes: dict[TP, Lane], suspicions: dict[TP, Suspicion], flow: FlowControl
    ) -> None:
        """Begins afresh with the lanes of a new assignment; Faust resumes all of its partitions itself."""
        self._lanes, self._suspicions, self._flow = lanes, suspicions, flow
        self._queue.clear()
        self.records = self._bytes = 0
        self.paused = False

    def put(self, run: Sequence[ConsumerRecord], generation: int) -> None:
        """Takes a run as Faust delivers it, at once."""
        lane = self._lanes.get(TP(run[0].topic, run[0].partition))
        if lane is None or lane.closed or lane.generation != generation:
            metrics.STALE_RECORDS.labels(self.topic).inc(len(run))  # read again from the committed offset
            return
        records = lane.fresh(run)
        if not records:
            return
        self._queue.append((time.monotonic(), Portion(lane, records)))
        self._account(records, 1)
        self._arrived.set()

    async def batch(self) -> Batch:
        """The next batch: full, or what came within the linger time."""
        while True:
            while not self._queue:
                self._arrived.clear()
                await self._arrived.wait()
            await self._fill(self._queue[0][0] + self._limits.linger)
            if batch := self._take():
                return batch

    async def _fill(self, deadline: float) -> None:
        """Waits until a batch is full or the oldest record has waited long enough."""
        while (
            self._queue
            and self.records < self._limits.batch_events
            and self._bytes < self._limits.batch_bytes
        ):
            left = deadline - time.monotonic()
            if left <= 0:
                return
            self._arrived.clear()
            try:
                async with asyncio.timeout(left):
                    await self._arrived.wait()
            except TimeoutError:
                return

    def _take(self) -> Batch | None:
        """Cuts a batch off the front of the queue; a suspect record comes alone."""
        batch = Batch()
        events, budget = self._limits.batch_events, self._limits.batch_bytes
        while self._queue and events > 0 and budget > 0:
            since, portion = self._queue[0]
            if portion.lane.closed:
                self._queue.popleft()
                self._account(portion.records, -1)
                continue
            suspicion = self._suspicions.get(portion.lane.tp)
            alone = suspicion is not None and suspicion.covers(portion.records[0].offset)
            if alone and batch.portions:
                break
            taken = self._cut(portion, 1 if alone else events, budget)
            events -= len(taken.records)
            budget -= size(taken.records)
            batch.portions.append(taken)
            batch.waited = batch.waited or time.monotonic() - since
            if alone:
                batch.alone = True
                break
        return batch if batch.portions else None

    def _cut(self, portion: Portion, events: int, budget: int) -> Portion:
        """The first records of the queue's first portion, at least one, within the limits."""
        count = 0
        for record in portion.records[:events]:
            budget -= len(record.value or b"")
            if count and budget < 0:
                break
            count += 1
        since, _ = self._queue.popleft()
        if count < len(portion.records):
            self._queue.appendleft((since, Portion(portion.lane, portion.records[count:])))
        taken = Portion(portion.lane, portion.records[:count])
        self._account(taken.records, -1)
        return taken

    def _account(self, records: Sequence[ConsumerRecord], sign: int) -> None:
        self.records += sign * len(records)
        self._bytes += sign * size(records)
        metrics.QUEUED.labels(self.topic).set(self.records)
        fill = max(self.records / self._limits.queue_events, self._bytes / self._limits.queue_bytes)
        if sign > 0 and fill >= 1:
            self._pause()
        elif sign < 0 and self.paused and fill <= 0.5:  # noqa: PLR2004 - half
            self.paused = False
            self._control().resume_partitions(set(self._lanes_of_topic()))

    def _pause(self) -> None:
        """For each run again while full: there is no mark that could go stale, and it is only set arithmetic."""
        if not self.paused:
            metrics.PAUSES.labels(self.topic).inc()
        self.paused = True
        self._control().pause_partitions(set(self._lanes_of_topic()))

    def _lanes_of_topic(self) -> Iterable[TP]:
        return (tp for tp in self._lanes if tp.topic == self.topic)

    def _control(self) -> FlowControl:
        assert self._flow is not None, "records can't come before the first assignment"  # noqa: S101
        return self._flow
