"""Kafka and two Valkeys for one data folder: started together, stopped together, found again by others."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote

from streams.local.errors import LocalStackError
from streams.local.jars import JarCache
from streams.local.kafka import Kafka, KafkaPorts, cluster_id
from streams.local.ports import free_ports, is_free
from streams.local.probe import kafka_cluster, valkey_answers
from streams.local.processes import Processes
from streams.local.record import Record, take_lock
from streams.local.valkey import Valkey, socket_path

KEY_STORE = "key-store"
"""The folder of the data keys' Valkey in the data folder."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the servers are.

    Attributes:
        bootstrap: Kafka's address, "127.0.0.1:port".
        redis_url: of the Redis for state and caches, "unix:///path".
        keys_url: of the Redis for data keys, likewise.
    """

    bootstrap: str
    redis_url: str
    keys_url: str


class LocalStack:
    """Apache Kafka and Valkey as child processes, with their data in one folder.

    Data keys have a Valkey of their own, which syncs every write to disk. What protects the wrapped keys in it is the
    mode of its folder and of its socket's folder, 0700: only the user who runs the stack can connect.

    The data and the ports stay from start to start. The servers end with the process that started them,
    however it ends. A context manager: starts on entry, stops on exit. `start` and `stop` belong to one
    thread; `kafka`, `valkey` and `key_valkey` may be used from any.

    Args:
        data_dir: the folder; made with mode 0700 where it does not exist. The broker keeps its topics there
            as they were produced, in plaintext.
        progress: told, in a few words, about the long parts: fetching, formatting, starting.
        cache_dir: where Kafka's jars are kept; None for the user's cache, shared by all data folders.
        heap_mb: Kafka's Java heap, in MB.
        start_timeout: seconds that each server may take to answer.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        progress: Callable[[str], None] = lambda _: None,
        cache_dir: Path | None = None,
        heap_mb: int = 512,
        start_timeout: float = 90.0,
    ) -> None:
        self.data_dir = data_dir.absolute()
        self._progress = progress
        self._jars = JarCache(cache_dir, progress)
        self._heap_mb = heap_mb
        self._start_timeout = start_timeout
        self._processes: Processes | None = None
        self._kafka: Kafka | None = None
        self._valkey: Valkey | None = None
        self._key_valkey: Valkey | None = None

    def start(self) -> Endpoints:
        """Start all and wait until they answer. A second call while it runs returns the same endpoints.

        Raises:
            AlreadyRunning: another process runs this folder's stack (`attach` uses it).
            JarsUnavailable: Kafka's jars are missing and the network is, too.
            JarDamaged: a jar is not the one that the lock names.
            StartFailed: a server did not come up; the message holds the end of its log.
        """
        if self._processes is not None:
            return self.endpoints
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        logs = self.data_dir / "logs"
        logs.mkdir(mode=0o700, exist_ok=True)
        lock = take_lock(self.data_dir, self._progress)
        try:
            classpath = self._jars.classpath()
            record = self._remember()
            self._processes = processes = Processes(lock, logs / "keeper.log")
        finally:
            os.close(lock)  # from here on the keeper holds it
        try:
            self._valkey = Valkey(
                "valkey", self.data_dir / "valkey", logs, processes, start_timeout=self._start_timeout
            )
            self._key_valkey = Valkey(
                "valkey-keys",
                self.data_dir / KEY_STORE,
                logs,
                processes,
                start_timeout=self._start_timeout,
                appendfsync="always",
            )
            self._kafka = Kafka(
                self.data_dir / "kafka",
                logs,
                processes,
                ports=KafkaPorts(record.kafka_port, record.controller_port),
                classpath=classpath,
                heap_mb=self._heap_mb,
                start_timeout=self._start_timeout,
                progress=self._progress,
            )
            self._progress("starting Valkey and Kafka")
            self._valkey.start()
            self._key_valkey.start()
            self._kafka.start()
        except BaseException:
            self.stop()
            raise
        self._progress(f"Kafka listens on {self._kafka.bootstrap}, Valkey on {self._valkey.socket}")
        return self.endpoints

    def stop(self) -> None:
        """Shut all down cleanly; returns when they are gone. Data stays. No-op when nothing was started."""
        processes, self._processes = self._processes, None
        self._kafka = self._valkey = self._key_valkey = None
        if processes is not None:
            processes.close()

    @classmethod
    def attach(cls, data_dir: Path) -> Endpoints | None:
        """The endpoints of a stack that some process runs for this folder; None when none does, or in part.

        All servers are asked: Kafka must answer with the cluster id of this folder, each Valkey on its socket.
        """
        folder = data_dir.absolute()
        record = Record.load(folder)
        if record is None:
            return None
        cluster = kafka_cluster(record.kafka_port)
        if cluster is None or cluster != cluster_id(folder / "kafka"):
            return None
        sockets = Path(record.valkey_socket), Path(record.keys_socket)
        if not all(map(valkey_answers, sockets)):
            return None
        redis_url, keys_url = (f"unix://{quote(str(socket))}" for socket in sockets)
        return Endpoints(f"127.0.0.1:{record.kafka_port}", redis_url, keys_url)

    @property
    def endpoints(self) -> Endpoints:
        """Where the servers are."""
        return Endpoints(self.kafka.bootstrap, self.valkey.url, self.key_valkey.url)

    @property
    def kafka(self) -> Kafka:
        """The broker, to stop, kill and start by itself."""
        return _started(self._kafka)

    @property
    def valkey(self) -> Valkey:
        """The Valkey server of state and caches, to stop, kill and start by itself."""
        return _started(self._valkey)

    @property
    def key_valkey(self) -> Valkey:
        """The Valkey server of data keys, to stop, kill and start by itself."""
        return _started(self._key_valkey)

    @property
    def keeper_pid(self) -> int:
        """Process id of the keeper, the parent of all servers."""
        return _started(self._processes).keeper_pid

    def _remember(self) -> Record:
        """The ports of the last time, unless somebody else has them now."""
        last = Record.load(self.data_dir)
        ports = [last.kafka_port, last.controller_port] if last else []
        if not ports or not all(map(is_free, ports)):
            if ports:
                self._progress(f"port {ports[0]} or {ports[1]} is taken by another program: new ones chosen")
            ports = free_ports(2)
        state, keys = (str(socket_path(self.data_dir / name)) for name in ("valkey", KEY_STORE))
        record = Record(ports[0], ports[1], state, keys, os.getpid())
        record.save(self.data_dir)
        return record

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


Part = TypeVar("Part")


def _started(part: Part | None) -> Part:
    if part is None:
        raise LocalStackError("the local stack is not running; start() it first")
    return part
