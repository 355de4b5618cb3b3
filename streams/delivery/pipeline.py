"""Pipeline: one topic's way from its intake through a processor into its lanes.

Batches are decided side by side, a few at a time, so that one is decoded while another is in the model; they enter the
lanes in the order in which they were cut.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from faust.types import TP

from streams import metrics
from streams.delivery.fatal import fatal
from streams.delivery.intake import Batch, FlowControl, Intake
from streams.delivery.lane import Lane
from streams.delivery.quarantine import CrashMarks, Quarantine, Suspicion, next_mark
from streams.delivery.records import Outgoing, Processor, Verdict
from streams.delivery.timing import phase


class Pipeline:
    """All that happens to one input topic in this worker.

    Args:
        intake: its queue.
        processor: decides batches.
        quarantine: shared by the pipelines of the process.
        marks: where crash marks are kept.
        in_flight: most batches that are decided at a time; one, where the order of decisions matters.
        on_assignment: called when partitions were handed out anew, before any of their events is decided, with the
            committed offset of each.
    """

    def __init__(
        self,
        intake: Intake,
        processor: Processor,
        *,
        quarantine: Quarantine,
        marks: CrashMarks,
        in_flight: int,
        on_assignment: Callable[[Mapping[int, int]], None] = lambda _: None,
    ) -> None:
        self.topic = intake.topic
        self.intake = intake
        self.busy = 0
        """Batches being decided."""
        self.progress = time.monotonic()
        """When an event was last decided, or an idle pipeline last got work."""
        self._processor = processor
        self._quarantine = quarantine
        self._marks = marks
        self._on_assignment = on_assignment
        self._suspicions: dict[TP, Suspicion] = {}
        self._slots = asyncio.Semaphore(in_flight)
        self._tasks: set[asyncio.Task[Any]] = set()

    def start_generation(
        self, lanes: dict[TP, Lane], suspicions: dict[TP, Suspicion], flow: FlowControl
    ) -> None:
        """Begins afresh after a rebalance. Batches under way belong to closed lanes and lead to nothing."""
        self._suspicions = suspicions
        self._on_assignment(
            {tp.partition: lane.committed for tp, lane in lanes.items() if tp.topic == self.topic}
        )
        self.intake.start_generation(lanes, suspicions, flow)

    async def run(self) -> None:
        """Works until cancelled."""
        previous = asyncio.Event()
        previous.set()
        while True:
            await self._slots.acquire()
            batch = await self.intake.batch()
            done = asyncio.Event()
            task = fatal(self._work(batch, previous, done), f"the pipeline of {self.topic}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            previous = done

    async def _work(self, batch: Batch, previous: asyncio.Event, done: asyncio.Event) -> None:
        self.busy += 1
        self.progress = time.monotonic()
        try:
            if batch.alone:
                await self._work_alone(batch, previous)
            else:
                async with self._quarantine.enter(alone=False):
                    verdicts = await self._decide(batch)
                with phase(self.topic, "order"):
                    await previous.wait()
                    self._hand_over(batch, verdicts)
                    for portion in batch.portions:
                        await portion.lane.room.wait()
        finally:
            self.busy -= 1
            self.progress = time.monotonic()
            done.set()
            self._slots.release()

    async def _work_alone(self, batch: Batch, previous: asyncio.Event) -> None:
        """A suspect event: nothing else is in flight until its answer is committed, so its death names it."""
        await previous.wait()
        (portion,) = batch.portions
        async with self._quarantine.enter(alone=True):
            self._hand_over(batch, await self._decide(batch))
            await portion.lane.settled(portion.records[-1].offset + 1)

    async def _decide(self, batch: Batch) -> list[Verdict]:
        metrics.PHASE_SECONDS.labels(self.topic, "queue").observe(batch.waited)
        metrics.BATCH_SIZE.labels(self.topic).observe(len(batch.records))
        await self._marks.set(
            {
                portion.lane.tp: next_mark(
                    portion.lane.committed if not batch.alone else portion.records[0].offset,
                    portion.records[-1].offset,
                    self._suspicions.get(portion.lane.tp),
                    alone=batch.alone,
                )
                for portion in batch.portions
                if not portion.lane.closed
            }
        )
        if condemned := self._condemned(batch):  # marked too, since its parsing may be what kills
            return [await self._processor.condemn(batch.records[0], condemned.mark.deaths)]
        return await self._processor.decide(batch.records)

    def _condemned(self, batch: Batch) -> Suspicion | None:
        """The suspicion that names the batch's only event as the culprit, if there is one."""
        if not batch.alone:
            return None
        (portion,) = batch.portions
        suspicion = self._suspicions.get(portion.lane.tp)
        return suspicion if suspicion and suspicion.condemned == portion.records[0].offset else None

    def _hand_over(self, batch: Batch, verdicts: list[Verdict]) -> None:
        """Gives each partition's answers to its lane at once, with the offset after them.

        At once, because a result may answer several events, and a transaction must not part them.
        """
        decided = iter(verdicts)
        outgoing: defaultdict[Lane, list[Outgoing]] = defaultdict(list)
        offsets: dict[Lane, int] = {}
        outcomes: Counter[str] = Counter()
        for portion in batch.portions:
            for record in portion.records:
                verdict = next(decided)
                outgoing[portion.lane] += verdict.outgoing
                offsets[portion.lane] = record.offset + 1
                outcomes[verdict.outcome] += 1
        for lane, next_offset in offsets.items():
            lane.add(outgoing[lane], next_offset)
        for outcome, count in outcomes.items():
            metrics.EVENTS.labels(self.topic, outcome).inc(count)
