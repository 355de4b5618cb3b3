"""The inner parts of Faust and aiokafka that delivery leans on are still what they were when they were read."""

import hashlib
import importlib.metadata
import inspect
from types import SimpleNamespace
from typing import Any

import aiokafka.producer.sender
import faust
import pytest
from aiokafka import AIOKafkaConsumer
from faust.transport.consumer import Consumer as FaustConsumer
from faust.transport.consumer import ThreadDelegateConsumer
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer
from faust.types import TP

from streams.delivery import faust_parts
from streams.delivery.errors import WorkerDefect

READ = {
    FaustConsumer.getmany: "4b168d84882a",
    FaustConsumer._wait_next_records: "6218e1969a63",
    FaustConsumer._get_active_partitions: "b24897f3c7af",
    FaustConsumer.pause_partitions: "27a1c94bdacd",
    FaustConsumer.resume_partitions: "afe6b7c02a41",
    FaustConsumer.on_partitions_assigned: "29ce96596f05",
    FaustConsumer.on_partitions_revoked: "d04b7ae72c6f",
    Consumer._getmany: "f9d47aa9010b",
    AIOKafkaConsumerThread._create_worker_consumer: "c2701bfc3e6f",
    AIOKafkaConsumerThread.getmany: "26fc5fc9f3b6",
    AIOKafkaConsumer.committed: "d8706147ab15",
    FaustConsumer.perform_seek: "0e8c130ff4b0",
    ThreadDelegateConsumer.seek_to_committed: "f1d483b861b0",
    AIOKafkaConsumerThread.seek_to_committed: "775ab0adc4b0",
    AIOKafkaConsumer.seek_to_committed: "f6cd85c8b70a",
    AIOKafkaConsumer.seek_to_beginning: "231229deedd7",
}
"""Functions whose text was read, and its digest; a change has to be read again before the digest is renewed."""


def digest(function: Any) -> str:
    return hashlib.sha256(inspect.getsource(function).encode()).hexdigest()[:12]


@pytest.mark.parametrize("function", READ, ids=lambda function: function.__qualname__)
def test_a_function_that_delivery_leans_on_has_not_changed(function: Any) -> None:
    assert digest(function) == READ[function]


def test_the_versions_are_the_ones_that_were_read() -> None:
    assert {
        name: importlib.metadata.version(name) for name in faust_parts.KNOWN_VERSIONS
    } == faust_parts.KNOWN_VERSIONS


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(faust_parts.KNOWN_VERSIONS, "aiokafka", "0.0.1")
    with pytest.raises(WorkerDefect, match=r"aiokafka is .* but 0\.0\.1 is needed"):
        faust_parts.check_versions()


def test_the_transaction_backoff_is_shortened() -> None:
    faust_parts.shorten_transaction_backoff()
    assert aiokafka.producer.sender.BACKOFF_OVERRIDE == faust_parts.CONCURRENT_TRANSACTIONS_BACKOFF


async def test_the_consumer_thread_reads_committed_records_only(tmp_path: object) -> None:
    app = faust.App("isolation", broker="kafka://127.0.0.1:1", web_enabled=False, datadir=str(tmp_path))
    transport: Any = app.transport
    transport.Consumer = faust_parts.IntakeConsumer
    consumer_of_faust: Any = app.consumer
    thread = consumer_of_faust._thread
    consumer = thread._create_worker_consumer(transport)
    assert isinstance(thread, faust_parts.ReadCommittedThread)
    assert consumer._isolation_level == "read_committed"
    assert consumer._fetch_max_wait_ms == faust_parts.FETCH_WAIT_MS
    assert hasattr(consumer_of_faust, "_active_partitions")
    assert callable(thread.call_thread)


def record(topic: str, partition: int, offset: int) -> Any:
    return SimpleNamespace(
        topic=topic, partition=partition, offset=offset, timestamp=offset, timestamp_type=0
    )


def test_runs_hold_every_record_once_in_order_and_partitions_take_turns() -> None:
    fetched = {
        TP("a", 0): [record("a", 0, offset) for offset in range(600)],
        TP("b", 1): [record("b", 1, offset) for offset in range(10)],
        TP("c", 0): [],
    }
    scheduler: Any = faust_parts.RunScheduler  # Faust types its constructor as abstract
    runs = list(scheduler().iterate(fetched))
    assert [tp for tp, _ in runs] == [TP("a", 0), TP("b", 1), TP("a", 0), TP("a", 0)]
    for tp, records in fetched.items():
        assert [one for run_tp, run in runs if run_tp == tp for one in run.value] == records
    assert all(run.offset == run.value[-1].offset for _, run in runs)
    assert max(len(run.value) for _, run in runs) == faust_parts.RUN_LENGTH
