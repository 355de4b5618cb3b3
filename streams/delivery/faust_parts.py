"""The places where Shopstream leans on Faust's and aiokafka's inner parts, all of them.

Faust keeps the agents, streams, flow control and rebalances. Changed are: how records are handed out (in runs, for
speed), that nothing fetched is skipped when a partition is paused, that aborted transactions are not read, and that
offsets are ours. `tests/delivery/test_faust_parts.py` fails when a new version of either moves one of these parts.
"""

import importlib.metadata
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import aiokafka.producer.sender
import faust
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from faust.transport.consumer import RecordMap
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.transport.utils import DefaultSchedulingStrategy
from faust.types import TP

from streams.delivery.errors import WorkerDefect

R = TypeVar("R")

KNOWN_VERSIONS = {"faust-streaming": "0.15.3", "aiokafka": "0.14.0"}
"""The versions that the parts below were read and tested with."""

RUN_LENGTH = 256
"""Most records in one run."""

FETCH_WAIT_MS = 100
"""How long the broker may hold a fetch that finds nothing: a topic that is resumed meanwhile waits for its answer."""

ALL_PAUSED_SECONDS = 0.02
"""How long the consumer sleeps while all of its partitions are paused."""

CONCURRENT_TRANSACTIONS_BACKOFF = 0.002
"""Seconds aiokafka's sender waits when the last transaction's markers are still being written (its own: 20 ms)."""


class Run:
    """Consecutive records of one partition that pass through Faust as one.

    It poses as a ConsumerRecord: `value` is the list of records, `offset` the last one's. Faust's own cost is then
    paid once for up to 256 records.
    """

    __slots__ = (
        "checksum",
        "headers",
        "key",
        "offset",
        "partition",
        "serialized_key_size",
        "serialized_value_size",
        "timestamp",
        "timestamp_type",
        "topic",
        "value",
    )

    def __init__(self, records: Sequence[ConsumerRecord]) -> None:
        last = records[-1]
        self.topic: str = last.topic
        self.partition: int = last.partition
        self.offset: int = last.offset
        self.timestamp: int = last.timestamp
        self.timestamp_type: int = last.timestamp_type
        self.key = None
        self.value = records
        self.headers = ()
        self.checksum = None
        self.serialized_key_size = 0
        self.serialized_value_size = 0


class RunScheduler(DefaultSchedulingStrategy):
    """Hands out what was fetched as runs, one of each partition in turn."""

    def iterate(self, records: Mapping[TP, list[ConsumerRecord]]) -> Iterator[tuple[TP, Any]]:
        """Runs of the partitions, in turn."""
        left = [(tp, fetched) for tp, fetched in records.items() if fetched]
        start = 0
        while left:
            for tp, fetched in left:
                yield tp, Run(fetched[start : start + RUN_LENGTH])
            start += RUN_LENGTH
            left = [(tp, fetched) for tp, fetched in left if len(fetched) > start]


class ReadCommittedThread(AIOKafkaConsumerThread):
    """Faust's consumer thread, reading only what was committed (Faust reads all), and in short waits."""

    def _create_worker_consumer(self, transport: Transport) -> AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"  # noqa: SLF001 - the constructor call is Faust's
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS  # noqa: SLF001 - Faust: 1,500
        return consumer

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Faust calls this after each rebalance, and when it has dropped what it fetched during one."""
        sought: Mapping[TP, int] = await self.call_thread(seek_to_committed, self._ensure_consumer())
        return sought


async def seek_to_committed(consumer: AIOKafkaConsumer) -> Mapping[TopicPartition, int | None]:
    """Sets every assigned partition to its committed offset, or to its beginning where there is none.

    Aiokafka's method of this name leaves the latter where they are: what Faust fetched from them during a rebalance,
    and dropped, would never be fetched again.

    Returns:
        The committed offsets.
    """
    committed: Mapping[TopicPartition, int | None] = await consumer.seek_to_committed()
    assigned = consumer.assignment()  # another rebalance may have come meanwhile
    if unmoved := [tp for tp, offset in committed.items() if not offset and tp in assigned]:
        await consumer.seek_to_beginning(*unmoved)
    return committed


class IntakeConsumer(Consumer):
    """Faust's consumer, where `pause_partitions()` loses nothing and nobody but us undoes it."""

    def _new_consumer_thread(self) -> ReadCommittedThread:
        return ReadCommittedThread(self, loop=self.loop, beacon=self.beacon)

    async def _wait_next_records(self, timeout: float) -> tuple[Any, None]:
        """None as the active set means: hand out all that was fetched.

        Faust would skip the records of a partition that is paused while it hands out a poll, though the position is
        already past them. The timeout is how long a resumed partition can wait while no other has data.
        """
        if self.flow_active and not self._get_active_partitions():
            await self.sleep(ALL_PAUSED_SECONDS)  # Faust sleeps for a whole second
            return None, None
        records, _ = await super()._wait_next_records(min(timeout, 0.1))
        return records, None

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> RecordMap:
        """A frozen copy: the set is read in another thread, and aiokafka takes an empty one for "all"."""
        frozen: Any = frozenset(active_partitions or ())
        return await super()._getmany(frozen, timeout)

    def on_buffer_full(self, tp: TP) -> None:
        """Faust's own pressure control stays out: its counterpart below would resume what we paused."""

    def on_buffer_drop(self, tp: TP) -> None:
        """See `on_buffer_full`."""


def check_versions() -> None:
    """Refuses to start on versions whose inner parts nobody has read."""
    for package, known in KNOWN_VERSIONS.items():
        found = importlib.metadata.version(package)
        if found != known:
            raise WorkerDefect(
                f"{package} is {found}, but {known} is needed: install the locked requirements"
            )


def shorten_transaction_backoff() -> None:
    """Sets aiokafka's constant wait between two transactions of a producer from 20 ms to 2 ms."""
    if not hasattr(aiokafka.producer.sender, "BACKOFF_OVERRIDE"):
        raise WorkerDefect("aiokafka has moved BACKOFF_OVERRIDE: install the locked requirements")
    aiokafka.producer.sender.BACKOFF_OVERRIDE = CONCURRENT_TRANSACTIONS_BACKOFF


def inner_consumer(app: faust.App) -> AIOKafkaConsumer:
    """Aiokafka's consumer inside Faust's; it belongs to the loop of another thread."""
    faust_consumer: Any = app.consumer
    consumer: AIOKafkaConsumer = faust_consumer._thread._ensure_consumer()  # noqa: SLF001
    return consumer


async def in_consumer_thread(app: faust.App, function: Callable[..., Awaitable[R]], *args: Any) -> R:
    """Awaits a coroutine function of aiokafka's consumer in the thread that owns it."""
    faust_consumer: Any = app.consumer
    result: R = await faust_consumer._thread.call_thread(function, *args)  # noqa: SLF001
    return result


async def committed_offset(app: faust.App, tp: TP) -> int:
    """The group's committed offset of a partition, 0 where there is none; final once the old owner is fenced."""
    return await in_consumer_thread(app, inner_consumer(app).committed, TopicPartition(*tp)) or 0


def leave_group_at_shutdown(app: faust.App) -> None:
    """Makes a static member say goodbye; otherwise its partitions wait for the session timeout."""
    inner_consumer(app)._coordinator._group_instance_id = None  # noqa: SLF001
