"""Lane: order, transaction and fencing of one input partition.

A lane writes the answers to its partition's events and the offset after them in one Kafka transaction (KIP-98,
KIP-447's per-partition variant: the transactional id is named after the input partition, so that the broker itself
fences a previous owner). It never aborts: on any failure the process exits, and the partition's next owner settles
the open transaction when it initialises its producer.
"""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence

from aiokafka import AIOKafkaProducer, ConsumerRecord, TopicPartition
from faust.types import TP

from streams import metrics
from streams.delivery.errors import WorkerDefect
from streams.delivery.fatal import fatal
from streams.delivery.records import Outgoing
from streams.delivery.timing import phase

log = logging.getLogger(__name__)

CLOSING_SECONDS = 5.0
"""How long a revoked lane may take to finish its running transaction; the next owner aborts it otherwise."""

BACKLOG = 4
"""Transactions' worth of results that may wait before the stage is held back."""


class Lane:
    """One input partition in one generation of the group.

    A later generation has another lane, so a batch that finishes late can't enter it.

    Args:
        tp: the input partition, as Faust names it.
        generation: the consumer group's generation that this lane belongs to.
        group_id: the consumer group, whose offsets are committed.
        producer: a transactional producer of this partition, not started.
        transaction_events: most output records in one transaction.
    """

    def __init__(
        self, tp: TP, generation: int, *, group_id: str, producer: AIOKafkaProducer, transaction_events: int
    ) -> None:
        self.tp = tp
        self.generation = generation
        self.closed = False
        self.next = 0
        """The input offset that is expected next; what lies below is decided."""
        self.committed = 0
        """The group's committed offset."""
        self._group_id = group_id
        self._producer = producer
        self._limit = transaction_events
        self._waiting: deque[tuple[list[Outgoing], int]] = deque()
        self._records = 0
        self._wake = asyncio.Event()
        self._settled = asyncio.Event()
        self.room = asyncio.Event()
        """Set while the lane takes more results."""
        self.room.set()
        self._busy: asyncio.Task[None] | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self, committed_offset: Callable[[TP], Awaitable[int]]) -> None:
        """Fences the partition's previous owner, then reads the committed offset. Only this order leaves no gap."""
        await self._producer.start()
        self.next = self.committed = await committed_offset(self.tp)
        self._task = fatal(self._run(), f"lane {self.tp.topic}/{self.tp.partition}")

    async def partitions(self, topic: str) -> int:
        """The number of partitions of a topic that this lane writes to."""
        return len(await self._producer.partitions_for(topic))

    def fresh(self, records: Sequence[ConsumerRecord]) -> Sequence[ConsumerRecord]:
        """Those of consecutive records that were not taken before; they count as taken from here on."""
        if records[0].offset < self.next:
            stale = len(records)
            records = [record for record in records if record.offset >= self.next]
            metrics.STALE_RECORDS.labels(self.tp.topic).inc(stale - len(records))
        if records:
            self.next = records[-1].offset + 1
        return records

    def add(self, outgoing: list[Outgoing], next_offset: int) -> None:
        """Queues the answers to consecutive events and the offset after the last of them."""
        if self.closed:
            return  # finished too late: the partition's next owner decides these again
        self._waiting.append((outgoing, next_offset))
        self._records += len(outgoing)
        self._wake.set()
        if self._records >= BACKLOG * self._limit:
            self.room.clear()

    async def settled(self, offset: int) -> bool:
        """Waits until the offset is committed; False when the lane is closed before."""
        while self.committed < offset and not self.closed:
            self._settled.clear()
            await self._settled.wait()
        return self.committed >= offset

    async def close(self) -> None:
        """Finishes the running transaction, within bounds, and lets the producer go."""
        self.closed = True
        self.room.set()
        self._settled.set()
        if self._busy:
            await asyncio.wait([self._busy], timeout=CLOSING_SECONDS)
        if self._task:
            self._task.cancel()
        try:
            await asyncio.wait_for(self._producer.stop(), CLOSING_SECONDS)
        except Exception as error:  # noqa: BLE001 - the lane is gone either way; its next owner settles what is open
            log.warning(
                "a lane closed roughly", extra={"partition": str(self.tp), "error": type(error).__name__}
            )

    async def _run(self) -> None:
        while not self.closed:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting and not self.closed:
                with phase(self.tp.topic, "transaction"):
                    self._busy = asyncio.ensure_future(self._commit(*self._collect()))
                    await asyncio.shield(
                        self._busy
                    )  # close() cancels this loop, never a transaction under way

    def _collect(self) -> tuple[list[Outgoing], int]:
        """What gathered during the last transaction is the next one."""
        first, next_offset = self._waiting.popleft()
        outgoing = list(first)
        while self._waiting and len(outgoing) + len(self._waiting[0][0]) <= self._limit:
            more, next_offset = self._waiting.popleft()
            outgoing += more
        self._records -= len(outgoing)
        if self._records < BACKLOG * self._limit:
            self.room.set()
        return outgoing, next_offset

    async def _commit(self, outgoing: list[Outgoing], next_offset: int) -> None:
        await self._producer.begin_transaction()
        by_partition: defaultdict[tuple[str, int], list[Outgoing]] = defaultdict(list)
        for record in outgoing:
            by_partition[record.topic, record.partition].append(record)
        acknowledgements = [
            acknowledgement
            for (topic, partition), records in by_partition.items()
            for acknowledgement in await self._send(topic, partition, records)
        ]
        await asyncio.gather(*acknowledgements)
        await self._producer.send_offsets_to_transaction(
            {TopicPartition(*self.tp): next_offset}, self._group_id
        )
        await self._producer.commit_transaction()
        self.committed = next_offset
        self._settled.set()

    async def _send(
        self, topic: str, partition: int, records: list[Outgoing]
    ) -> list[asyncio.Future[object]]:
        """Whole batches, half the cost of `send` for each record."""
        sent = []
        builder = self._producer.create_batch()
        for record in records:
            if (
                builder.append(key=record.key, value=record.value, timestamp=None, headers=record.headers)
                is not None
            ):
                continue
            if builder.record_count():
                sent.append(await self._producer.send_batch(builder, topic, partition=partition))
            builder = self._producer.create_batch()
            if (
                builder.append(key=record.key, value=record.value, timestamp=None, headers=record.headers)
                is None
            ):
                raise WorkerDefect(f"a record for {topic} passed its size check but not the producer's")
        sent.append(await self._producer.send_batch(builder, topic, partition=partition))
        return sent
