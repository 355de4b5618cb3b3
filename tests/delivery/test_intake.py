"""Intake: bounded, paused at its bound and resumed at half, and no record is lost, doubled or out of order."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from faust.types import TP
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from streams.delivery.intake import Batch, Intake, Limits
from streams.delivery.lane import Lane
from streams.delivery.quarantine import Mark, Suspicion
from tests.delivery.fakes import TOPIC, record

GENERATION = 7


class Flow:
    """Which partitions are paused."""

    def __init__(self) -> None:
        self.paused: set[TP] = set()

    def pause_partitions(self, tps: Iterable[TP]) -> None:
        self.paused |= set(tps)

    def resume_partitions(self, tps: Iterable[TP]) -> None:
        self.paused -= set(tps)


def lane(partition: int, generation: int = GENERATION, topic: str = TOPIC) -> Lane:
    """A lane that writes nothing."""
    producer: Any = None
    return Lane(TP(topic, partition), generation, group_id="g", producer=producer, transaction_events=1_024)


def opened(
    intake: Intake, lanes: list[Lane], flow: Flow, suspicions: dict[TP, Suspicion] | None = None
) -> Intake:
    """The intake with these lanes."""
    intake.start_generation({one.tp: one for one in lanes}, suspicions or {}, flow)
    return intake


def places(batch: Batch) -> list[tuple[int, int]]:
    return [(one.partition, one.offset) for one in batch.records]


SMALL = Limits(batch_events=4, batch_bytes=1_000, linger=0, queue_events=16, queue_bytes=100_000)


class Backlog(RuleBasedStateMachine):
    """A source of four partitions that a consumer polls, also once more after a pause; two topics share the flow."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.flow = Flow()
        self.intake = Intake(TOPIC, SMALL)
        self.other = TP("other", 0)
        self.delivered: defaultdict[int, int] = defaultdict(int)
        self.taken: defaultdict[int, list[int]] = defaultdict(list)
        self.lanes: list[Lane] = []

    def teardown(self) -> None:
        self.loop.close()

    @initialize()
    def assign(self) -> None:
        self.lanes = [lane(partition) for partition in range(4)]
        opened(self.intake, [*self.lanes, lane(0, topic="other")], self.flow)

    @rule(partition=st.integers(0, 3), count=st.integers(1, 12), late=st.booleans())
    def deliver(self, partition: int, count: int, late: bool) -> None:
        """A run; after a pause only what had been fetched before (`late`) still comes."""
        if TP(TOPIC, partition) in self.flow.paused and not late:
            return
        first = self.delivered[partition]
        self.delivered[partition] += count
        self.intake.put([record(first + one, partition=partition) for one in range(count)], GENERATION)

    @rule(partition=st.integers(0, 3), back=st.integers(1, 5))
    def deliver_again(self, partition: int, back: int) -> None:
        """What was delivered before, as after a seek; it counts once."""
        end = self.delivered[partition]
        if end:
            run = [record(offset, partition=partition) for offset in range(max(0, end - back), end)]
            self.intake.put(run, GENERATION)

    @rule(partition=st.integers(0, 3), generation=st.sampled_from([GENERATION - 1, GENERATION + 1]))
    def deliver_of_another_generation(self, partition: int, generation: int) -> None:
        self.intake.put([record(self.delivered[partition], partition=partition)], generation)

    @precondition(lambda self: self.intake.records)
    @rule()
    def take(self) -> None:
        batch = self.loop.run_until_complete(self.intake.batch())
        assert 0 < len(batch.records) <= SMALL.batch_events
        for partition, offset in places(batch):
            self.taken[partition].append(offset)

    @invariant()
    def nothing_is_lost_doubled_or_out_of_order(self) -> None:
        taken = sum(len(offsets) for offsets in self.taken.values())
        assert taken + self.intake.records == sum(self.delivered.values())
        assert all(offsets == list(range(len(offsets))) for offsets in self.taken.values())

    @invariant()
    def it_is_paused_at_the_bound_and_resumed_at_half(self) -> None:
        paused = {TP(TOPIC, partition) for partition in range(4)}
        if self.intake.records >= SMALL.queue_events:
            assert self.flow.paused == paused
        if self.intake.records <= SMALL.queue_events // 2:
            assert not self.flow.paused
        assert self.flow.paused in (set(), paused)
        assert self.intake.paused == bool(self.flow.paused)
        assert self.other not in self.flow.paused


TestBacklog = Backlog.TestCase
TestBacklog.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


async def test_bytes_fill_the_queue_too() -> None:
    flow = Flow()
    intake = opened(Intake(TOPIC, SMALL), [lane(0)], flow)
    intake.put([record(0, b"x" * 100_000)], GENERATION)
    assert flow.paused
    await intake.batch()
    assert not flow.paused


async def test_a_batch_ends_at_its_bytes_and_passes_them_by_one_record_at_most() -> None:
    intake = opened(Intake(TOPIC, SMALL), [lane(0)], Flow())
    intake.put([record(offset, b"x" * (5_000, 600, 600, 600)[offset]) for offset in range(4)], GENERATION)
    assert [places(await intake.batch()) for _ in range(3)] == [[(0, 0)], [(0, 1), (0, 2)], [(0, 3)]]


async def test_a_batch_spans_partitions() -> None:
    intake = opened(Intake(TOPIC, SMALL), [lane(0), lane(1)], Flow())
    intake.put([record(0), record(1)], GENERATION)
    intake.put([record(0, partition=1), record(1, partition=1), record(2, partition=1)], GENERATION)
    assert places(await intake.batch()) == [(0, 0), (0, 1), (1, 0), (1, 1)]


async def test_a_batch_waits_a_moment_for_more() -> None:
    patient = Limits(batch_events=4, linger=5)
    intake = opened(Intake(TOPIC, patient), [lane(0)], Flow())
    intake.put([record(0)], GENERATION)
    waiting = asyncio.ensure_future(intake.batch())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    intake.put([record(1), record(2), record(3)], GENERATION)
    assert places(await asyncio.wait_for(waiting, 1)) == [(0, offset) for offset in range(4)]


async def test_a_suspect_record_comes_alone_and_in_its_turn() -> None:
    suspicion = Suspicion(Mark(2, 3, deaths=2), one_by_one=True, condemned=None)
    intake = opened(Intake(TOPIC, SMALL), [lane(0), lane(1)], Flow(), {TP(TOPIC, 1): suspicion})
    intake.put([record(0), record(1)], GENERATION)
    intake.put([record(offset, partition=1) for offset in range(2, 6)], GENERATION)
    batches = [await intake.batch() for _ in range(4)]
    assert [places(batch) for batch in batches] == [[(0, 0), (0, 1)], [(1, 2)], [(1, 3)], [(1, 4), (1, 5)]]
    assert [batch.alone for batch in batches] == [False, True, True, False]


async def test_a_new_generation_begins_afresh() -> None:
    flow, old = Flow(), lane(0)
    intake = opened(Intake(TOPIC, SMALL), [old], flow)
    intake.put([record(offset) for offset in range(20)], GENERATION)
    flow.paused.clear()  # Faust resumes all on an assignment
    opened(intake, [lane(0, GENERATION + 1)], flow)
    assert (intake.records, intake.paused) == (0, False)
    intake.put([record(0)], GENERATION)  # of the old generation
    intake.put([record(0), record(1)], GENERATION + 1)
    assert places(await intake.batch()) == [(0, 0), (0, 1)]


async def test_what_waits_for_a_closed_lane_is_dropped_for_its_next_owner() -> None:
    lost, kept = lane(0), lane(1)
    intake = opened(Intake(TOPIC, SMALL), [lost, kept], Flow())
    intake.put([record(0)], GENERATION)
    intake.put([record(0, partition=1)], GENERATION)
    lost.closed = True
    assert places(await intake.batch()) == [(1, 0)]
    assert intake.records == 0


async def test_gaps_in_offsets_are_no_loss() -> None:
    """Transaction markers and compaction leave them."""
    intake = opened(Intake(TOPIC, SMALL), [lane(0)], Flow())
    intake.put([record(3), record(7), record(8)], GENERATION)
    assert places(await intake.batch()) == [(0, 3), (0, 7), (0, 8)]
