"""Pipeline: side by side, in order, and with a mark set before anything is tried."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import ConsumerRecord
from faust.types import TP

from streams.delivery.intake import Intake, Limits
from streams.delivery.lane import Lane
from streams.delivery.pipeline import Pipeline
from streams.delivery.quarantine import Mark, Quarantine, Suspicion
from streams.delivery.records import Outgoing, Verdict
from tests.delivery.fakes import TOPIC, MemoryMarks, record

HOME = TP(TOPIC, 0)


class Flow:
    def pause_partitions(self, tps: Any) -> None:
        """Nothing is fetched."""

    def resume_partitions(self, tps: Any) -> None:
        """Nothing is fetched."""


class OpenLane(Lane):
    """A lane that commits at once, in memory."""

    def __init__(self, tp: TP = HOME) -> None:
        producer: Any = None
        super().__init__(tp, 1, group_id="g", producer=producer, transaction_events=1_024)
        self.answers: list[bytes] = []
        self.offsets: list[int] = []

    def add(self, outgoing: list[Outgoing], next_offset: int) -> None:
        self.answers += [one.value or b"" for one in outgoing]
        self.offsets.append(next_offset)
        self.committed = next_offset
        self._settled.set()


class Scripted:
    """A processor that answers with the offset, and does what a test wants before."""

    def __init__(self, first: Callable[[Sequence[ConsumerRecord]], Any] = lambda _: None) -> None:
        self.first = first
        self.condemned: list[tuple[int, int]] = []

    async def decide(self, records: Sequence[ConsumerRecord]) -> list[Verdict]:
        waiting = self.first(records)
        if waiting is not None:
            await waiting
        return [Verdict([Outgoing("out", 0, None, str(one.offset).encode(), [])]) for one in records]

    async def condemn(self, record: ConsumerRecord, deaths: int) -> Verdict:
        self.first([record])
        self.condemned.append((record.offset, deaths))
        return Verdict([Outgoing("dead", 0, None, b"dead", [])], "dead_letter")


@asynccontextmanager
async def running(
    processor: Scripted,
    lanes: Sequence[Lane],
    marks: MemoryMarks,
    suspicions: dict[TP, Suspicion] | None = None,
    **options: Any,
) -> AsyncIterator[Pipeline]:
    intake = Intake(TOPIC, Limits(batch_events=2, linger=0))
    options = {"in_flight": 2, **options}
    pipeline = Pipeline(intake, processor, quarantine=Quarantine(), marks=marks, **options)
    pipeline.start_generation({lane.tp: lane for lane in lanes}, suspicions or {}, Flow())
    task = asyncio.ensure_future(pipeline.run())
    try:
        yield pipeline
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)


async def settle() -> None:
    """Lets everything go on that can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_answers_enter_the_lane_in_order_though_batches_overtake_each_other() -> None:
    gates = {0: asyncio.Event(), 2: asyncio.Event()}
    begun: list[int] = []

    def first(records: Sequence[ConsumerRecord]) -> Any:
        begun.append(records[0].offset)
        return gates[records[0].offset].wait()

    lane = OpenLane()
    async with running(Scripted(first), [lane], MemoryMarks()) as pipeline:
        pipeline.intake.put([record(offset) for offset in range(4)], 1)
        await until(lambda: begun == [0, 2])
        gates[2].set()
        await settle()
        assert lane.answers == []
        gates[0].set()
        await until(lambda: lane.committed == 4)
    assert lane.answers == [b"0", b"1", b"2", b"3"]
    assert lane.offsets == [2, 4]


async def test_where_order_matters_a_batch_begins_when_the_one_before_is_in_its_lane() -> None:
    gates = {0: asyncio.Event(), 2: asyncio.Event()}
    begun: list[tuple[int, int]] = []
    lane = OpenLane()

    def first(records: Sequence[ConsumerRecord]) -> Any:
        begun.append((records[0].offset, lane.committed))
        return gates[records[0].offset].wait()

    gates[2].set()
    async with running(Scripted(first), [lane], MemoryMarks(), in_flight=1) as pipeline:
        pipeline.intake.put([record(offset) for offset in range(4)], 1)
        await settle()
        assert begun == [(0, 0)]
        gates[0].set()
        await until(lambda: lane.committed == 4)
    assert begun == [(0, 0), (2, 2)]


async def test_an_assignment_is_told_with_committed_offsets_before_any_event_of_it_is_decided() -> None:
    """Of this topic only; and it does not let a batch of it begin while one of the former assignment is under way."""
    gate, told = asyncio.Event(), []
    home, other = OpenLane(), OpenLane(TP("t-queries", 5))
    home.committed, other.committed = 3, 8

    def first(records: Sequence[ConsumerRecord]) -> Any:
        told.append([one.offset for one in records])
        return gate.wait()

    async with running(
        Scripted(first), [home, other], MemoryMarks(), in_flight=1, on_assignment=told.append
    ) as pipeline:
        pipeline.intake.put([record(3)], 1)
        await until(lambda: pipeline.busy == 1)
        later = OpenLane()
        later.committed = 4
        pipeline.start_generation({HOME: later}, {}, Flow())
        pipeline.intake.put([record(4)], 1)
        await settle()
        assert told == [{0: 3}, [3], {0: 4}]
        gate.set()
        await until(lambda: later.committed == 5)
        pipeline.start_generation({}, {}, Flow())
    assert told == [{0: 3}, [3], {0: 4}, [4], {}]


async def test_a_batch_is_marked_in_all_its_partitions_before_it_is_tried() -> None:
    marks, found = MemoryMarks(), []
    lanes = [OpenLane(), OpenLane(TP(TOPIC, 1))]

    def first(_: Sequence[ConsumerRecord]) -> None:
        found.append(dict(marks.marks))

    async with running(Scripted(first), lanes, marks) as pipeline:
        pipeline.intake.put([record(0)], 1)
        pipeline.intake.put([record(0, partition=1)], 1)
        await until(lambda: all(lane.committed == 1 for lane in lanes))
    assert found == [{HOME: Mark(0, 0), TP(TOPIC, 1): Mark(0, 0)}]


async def test_a_suspect_event_is_tried_when_all_before_it_is_done_and_committed_before_the_next() -> None:
    suspicion = Suspicion(Mark(1, 2, deaths=2, in_hand=False), one_by_one=True, condemned=None)
    lane, marks = OpenLane(), MemoryMarks()
    seen: list[tuple[list[int], int, Mark]] = []

    def first(records: Sequence[ConsumerRecord]) -> None:
        seen.append(([one.offset for one in records], lane.committed, marks.marks[HOME]))

    async with running(Scripted(first), [lane], marks, {HOME: suspicion}) as pipeline:
        pipeline.intake.put([record(offset) for offset in range(1, 6)], 1)
        await until(lambda: lane.committed == 6)
    assert seen[:2] == [
        ([1], 0, Mark(1, 2, deaths=2, alone=True)),
        ([2], 2, Mark(2, 2, deaths=2, alone=True)),
    ]
    assert [offsets for offsets, _, _ in seen[2:]] == [[3, 4], [5]]
    assert seen[2][2] == Mark(3, 4)


async def test_a_condemned_event_is_marked_too_since_reading_it_may_be_what_kills() -> None:
    suspicion = Suspicion(
        Mark(0, 1, deaths=3, alone=True, alone_deaths=1, in_hand=False), one_by_one=True, condemned=0
    )
    lane, marks, found = OpenLane(), MemoryMarks(), []
    processor = Scripted(lambda _: found.append(marks.marks[HOME].found()))
    async with running(processor, [lane], marks, {HOME: suspicion}) as pipeline:
        pipeline.intake.put([record(0), record(1)], 1)
        await until(lambda: lane.committed == 2)
    assert processor.condemned == [(0, 3)]
    assert (found[0].deaths, found[0].alone_deaths) == (
        4,
        2,
    )  # what its next owner would find, had it died here
    assert lane.answers == [b"dead", b"1"]


async def test_answers_for_a_lane_that_closed_meanwhile_lead_to_nothing() -> None:
    gate, lane = asyncio.Event(), Lane(HOME, 1, group_id="g", producer=None, transaction_events=9)
    async with running(Scripted(lambda _: gate.wait()), [lane], MemoryMarks()) as pipeline:
        pipeline.intake.put([record(0)], 1)
        await until(lambda: pipeline.busy == 1)
        lane.closed = True
        gate.set()
        await until(lambda: pipeline.busy == 0)
    assert not lane._waiting
