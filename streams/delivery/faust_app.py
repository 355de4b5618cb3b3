"""The Faust app of a worker, with every default changed that exactly-once delivery or privacy needs changed."""

from typing import Protocol

import faust
from faust.app.base import BootStrategy

from streams.delivery.ending import end_within
from streams.delivery.errors import WorkerDefect
from streams.delivery.faust_parts import (
    IntakeConsumer,
    RunScheduler,
    check_versions,
    shorten_transaction_backoff,
)
from streams.settings import Settings


class Lifecycle(Protocol):
    """What has to happen before the group is joined, and after it was left."""

    async def open(self) -> None:
        """Before any record is fetched."""
        ...

    async def close(self) -> None:
        """After the last one was decided."""
        ...


class NoWebServer(BootStrategy):
    """Faust's web server would show its inner state to anyone who reaches the port; ours takes its place."""

    enable_web = False


class WorkerApp(faust.App):
    """A Faust app that opens what its stages need before it joins the group, and closes it after it left."""

    BootStrategy = NoWebServer

    lifecycle: Lifecycle

    async def on_first_start(self) -> None:
        """Faust calls this before the consumer starts."""
        await super().on_first_start()
        await self.lifecycle.open()

    async def on_stop(self) -> None:
        """Faust calls this when the worker was asked to end; its own part stops the consumer."""
        end_within()
        await super().on_stop()
        await self.lifecycle.close()


def faust_app(settings: Settings, lifecycle: Lifecycle) -> WorkerApp:
    """The app, without agents.

    Raises:
        WorkerDefect: no broker is named, or a library is not the version whose inner parts were read.
    """
    check_versions()
    shorten_transaction_backoff()
    kafka, worker = settings.kafka, settings.worker
    if kafka.bootstrap is None:
        raise WorkerDefect("no broker: set SHOPSTREAM_KAFKA__BOOTSTRAP, or start the embedded one")
    identity = f"worker-{worker.slot}" if worker.slot is not None else None
    datadir = settings.data_dir / "faust" / (identity or "worker")
    datadir.mkdir(parents=True, exist_ok=True)
    app = WorkerApp(
        settings.group_id,
        broker=";".join(f"kafka://{server}" for server in kafka.bootstrap.split(",")),
        broker_credentials=credentials(settings),
        datadir=datadir,
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        worker_redirect_stdouts=False,
        ConsumerScheduler=RunScheduler,
        stream_buffer_maxsize=64,
        stream_wait_empty=False,
        stream_publish_on_commit=False,
        cython_optimizations=True,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=identity and f"{settings.group_id}-{identity}",
        consumer_max_fetch_size=256 << 10,
        broker_session_timeout=worker.session_timeout,
        broker_heartbeat_interval=max(worker.session_timeout / 6, 0.3),
        broker_request_timeout=max(15.0, worker.session_timeout + 1),
        broker_rebalance_timeout=worker.rebalance_timeout,
    )
    app.transport.Consumer = IntakeConsumer  # type: ignore[misc]  # Faust looks it up on the instance
    app.lifecycle = lifecycle
    return app


def credentials(settings: Settings) -> faust.SASLCredentials | faust.SSLCredentials | None:
    """Faust's form of the broker credentials, or None for plain text."""
    kafka = settings.kafka
    if kafka.security_protocol.startswith("SASL"):
        return faust.SASLCredentials(
            username=kafka.sasl_username,
            password=kafka.sasl_password.get_secret_value() if kafka.sasl_password else None,
            mechanism=kafka.sasl_mechanism,
            ssl_context=kafka.ssl_context(),
        )
    context = kafka.ssl_context()
    return faust.SSLCredentials(context=context) if context else None
