"""The embedded Kafka and Valkey as their users see them. All of it with the real servers."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from redis import Redis

from streams.local import AlreadyRunning, LocalStack, LocalStackError, StartFailed

pytestmark = pytest.mark.timeout(240)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data") / "a folder, with ünusual name"


@pytest.fixture(scope="module")
def own(folder: Path) -> Iterator[LocalStack]:
    """A stack beside the session's, that these tests may stop and kill."""
    stack = LocalStack(folder)
    stack.start()
    yield stack
    stack.stop()


async def produce(bootstrap: str, topic: str, values: list[bytes]) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, transactional_id=f"{topic}-writer", max_request_size=9_000_000
    )
    await producer.start()
    try:
        async with producer.transaction():
            for value in values:
                await producer.send(topic, value, partition=0)
    finally:
        await producer.stop()


async def consume(bootstrap: str, topic: str, count: int) -> list[bytes]:
    """The committed records of partition 0, as soon as there are `count`, or what there is after 20 s.

    A commit is answered before its marker is written, so the last transaction may be a moment late.
    """
    partition = TopicPartition(topic, 0)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=16_000_000,
    )
    await consumer.start()
    try:
        consumer.assign([partition])
        values: list[bytes] = []
        deadline = time.monotonic() + 20
        while len(values) < count and time.monotonic() < deadline:
            batches = await consumer.getmany(partition, timeout_ms=500)
            values += [record.value for records in batches.values() for record in records]
        return values
    finally:
        await consumer.stop()


async def create(bootstrap: str, topic: str, configs: dict[str, str] | None = None) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1, topic_configs=configs or {})])
    finally:
        await admin.close()


async def test_data_outlives_a_stop_and_a_start(own: LocalStack, prefix: str) -> None:
    topic, before = f"{prefix}kept", own.endpoints
    await create(before.bootstrap, topic)
    await produce(before.bootstrap, topic, [b"one", b"two"])
    Redis.from_url(before.redis_url).set(topic, "kept")
    pids = [own.kafka.pid, own.valkey.pid, own.key_valkey.pid, own.keeper_pid]

    own.stop()
    assert not any(pid is not None and psutil.pid_exists(pid) for pid in pids)
    after = own.start()

    assert after == before
    assert await consume(after.bootstrap, topic, 2) == [b"one", b"two"]
    assert Redis.from_url(after.redis_url).get(topic) == b"kept"


async def test_data_outlives_sigkill_of_both_servers(own: LocalStack, prefix: str) -> None:
    topic, endpoints = f"{prefix}killed", own.endpoints
    await create(endpoints.bootstrap, topic)
    await produce(endpoints.bootstrap, topic, [b"one"])
    Redis.from_url(endpoints.redis_url).set(topic, "kept")
    time.sleep(1.1)  # appendfsync everysec

    own.kafka.kill()
    own.valkey.kill()
    assert own.kafka.pid is None
    assert LocalStack.attach(own.data_dir) is None
    own.valkey.start()
    own.kafka.start()

    assert own.endpoints == endpoints
    assert await consume(endpoints.bootstrap, topic, 1) == [b"one"]
    await produce(endpoints.bootstrap, topic, [b"two"])
    assert await consume(endpoints.bootstrap, topic, 2) == [b"one", b"two"]
    assert Redis.from_url(endpoints.redis_url).get(topic) == b"kept"


def test_what_the_key_store_took_outlives_a_sigkill_at_once(own: LocalStack) -> None:
    Redis.from_url(own.endpoints.keys_url).set("key", "kept")
    own.key_valkey.kill()
    assert LocalStack.attach(own.data_dir) is None
    own.key_valkey.start()
    assert LocalStack.attach(own.data_dir) == own.endpoints
    store = Redis.from_url(own.endpoints.keys_url)
    assert store.get("key") == b"kept"
    assert store.config_get("appendfsync") == {"appendfsync": "always"}
    assert Redis.from_url(own.endpoints.redis_url).get("key") is None


async def test_a_topic_may_take_eight_megabytes_and_others_must_be_created(
    own: LocalStack, prefix: str
) -> None:
    bootstrap = own.endpoints.bootstrap
    large = os.urandom(8_000_000)
    await create(bootstrap, f"{prefix}large")
    await produce(bootstrap, f"{prefix}large", [large])
    assert await consume(bootstrap, f"{prefix}large", 1) == [large]

    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.describe_topics([f"{prefix}misspelt"])
        assert f"{prefix}misspelt" not in await admin.list_topics()
    finally:
        await admin.close()


def test_stopping_one_server_twice_is_harmless_and_starting_it_twice_is_an_error(own: LocalStack) -> None:
    valkey = own.valkey
    valkey.stop()
    valkey.stop()
    stopped = valkey.running
    valkey.start()
    assert [stopped, valkey.running] == [False, True]
    with pytest.raises(LocalStackError, match="runs already"):
        valkey.start()


def test_another_process_attaches(own: LocalStack) -> None:
    program = (
        "import sys; from pathlib import Path; from streams.local import LocalStack; from redis import Redis;"
        "found = LocalStack.attach(Path(sys.argv[1])); print(found.bootstrap, found.redis_url, found.keys_url);"
        "Redis.from_url(found.redis_url).ping(); Redis.from_url(found.keys_url).ping()"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, str(own.data_dir)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == [own.endpoints.bootstrap, own.endpoints.redis_url, own.endpoints.keys_url]


def test_a_second_starter_is_refused_at_once(own: LocalStack) -> None:
    started = time.monotonic()
    with pytest.raises(AlreadyRunning, match=r"this process.*attach"):
        LocalStack(own.data_dir).start()
    assert time.monotonic() - started < 2
    assert own.kafka.ready()


def test_a_second_start_of_the_same_object_gives_the_same_endpoints(own: LocalStack) -> None:
    assert own.start() == own.endpoints


def test_nobody_else_may_enter_the_folder(own: LocalStack) -> None:
    assert own.data_dir.stat().st_mode & 0o077 == 0
    for server in (own.valkey, own.key_valkey):
        assert server.socket.stat().st_mode & 0o077 == 0
        assert server.socket.parent.stat().st_mode & 0o077 == 0


def test_a_port_that_another_program_took_is_replaced(folder: Path, own: LocalStack) -> None:
    own.stop()
    port = int((LocalStack(folder)._remember()).kafka_port)
    with socket.create_server(("127.0.0.1", port)):
        assert LocalStack.attach(folder) is None
        endpoints = own.start()
        assert endpoints.bootstrap != f"127.0.0.1:{port}"
        assert LocalStack.attach(folder) == endpoints
    own.stop()
    assert own.start() == endpoints  # the new port is remembered, too


def test_a_start_that_fails_shows_the_log_and_leaves_nothing_behind(tmp_path: Path) -> None:
    data = tmp_path / "kafka" / "data"
    data.mkdir(parents=True)
    (data / "meta.properties").write_text("version=1\ncluster.id=MkU3OEVBNTcwNTJENDM2Qg\nnode.id=7\n")
    stack = LocalStack(tmp_path)
    with pytest.raises(StartFailed, match=r"(?s)kafka ended with status 1.*node.id.*7.*Folder: .*remove"):
        stack.start()
    assert not [process for process in psutil.process_iter(["cmdline"]) if str(tmp_path) in str(process.info)]
    with pytest.raises(LocalStackError, match="not running"):
        _ = stack.kafka
    with pytest.raises(StartFailed):  # and not AlreadyRunning: the folder's lock is free
        stack.start()


def test_nothing_to_attach_to_in_an_empty_folder(tmp_path: Path) -> None:
    assert LocalStack.attach(tmp_path / "none") is None


def test_progress_tells_of_the_long_parts(tmp_path: Path) -> None:
    told: list[str] = []
    with LocalStack(tmp_path, progress=told.append, heap_mb=256):
        pass
    assert any("formatting" in line for line in told)
    assert any(line.startswith("starting") for line in told)
    assert any("Kafka listens on 127.0.0.1:" in line for line in told)
