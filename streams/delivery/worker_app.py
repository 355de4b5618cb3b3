"""The Faust app of a worker: one agent for each stage, which drains its topic into that stage's pipeline."""

import asyncio
import gc
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import faust
from faust.app.base import BootStrategy

from streams.contracts.topics import DEAD_LETTERS
from streams.delivery.assignment import Assignment
from streams.delivery.dead_letters import DeadLetterOffice, Vault
from streams.delivery.encoding import Encoder
from streams.delivery.errors import EXIT_CONFIG, DeliveryError, WorkerDefect
from streams.delivery.fatal import die, fatal
from streams.delivery.faust_parts import (
    IntakeConsumer,
    RunScheduler,
    check_versions,
    shorten_transaction_backoff,
)
from streams.delivery.intake import Intake, Limits
from streams.delivery.liveness import Liveness
from streams.delivery.pipeline import Pipeline
from streams.delivery.preflight import preflight
from streams.delivery.processing import Resends, StageProcessor
from streams.delivery.quarantine import CrashMarks, Quarantine
from streams.delivery.records import Processor
from streams.delivery.stage import AnyStage
from streams.health import Health
from streams.settings import Settings

log = logging.getLogger(__name__)


class HouseLike(Protocol):
    """What every house has; stages know more of theirs."""

    @property
    def guard(self) -> Vault:
        """Seals what becomes a dead letter."""
        ...

    async def close(self) -> None:
        """Lets go of what was opened."""
        ...


@dataclass(frozen=True, slots=True)
class Memory:
    """What delivery remembers outside of Kafka, and how to let go of it."""

    marks: CrashMarks
    resends: Resends
    close: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Route:
    """One input topic's processor, and the topics it may write to, all by their names on the broker."""

    topic: str
    outputs: frozenset[str]
    processor: Processor


class NoWebServer(BootStrategy):
    """Faust's web server would show its inner state to anyone who reaches the port; ours takes its place."""

    enable_web = False


class WorkerApp(faust.App):
    """A Faust app that opens what its stages need before it joins the group, and closes it after it left."""

    BootStrategy = NoWebServer

    shopstream: "Worker"

    async def on_first_start(self) -> None:
        """Faust calls this before the consumer starts."""
        await super().on_first_start()
        await self.shopstream.open()

    async def on_stop(self) -> None:
        """Faust calls this after the consumer stopped."""
        await super().on_stop()
        await self.shopstream.close()


class Worker:
    """All that one worker runs.

    Args:
        settings: the effective ones.
        memory: crash marks and resends.
        open_routes: opens what the stages need and gives their routes; called once, before the group is joined.
        topics: input topics, by their names on the broker.
        outputs: output topics, likewise.
        health: what the worker says about itself.
        partition_counts: filled on assignment, read by encoders.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        memory: Memory,
        open_routes: Callable[[], Awaitable[Sequence[Route]]],
        close_house: Callable[[], Awaitable[None]],
        topics: Sequence[str],
        outputs: frozenset[str],
        health: Health,
        partition_counts: dict[str, int],
    ) -> None:
        check_versions()
        shorten_transaction_backoff()
        self.settings = settings
        self.health = health
        self.app = faust_app(settings)
        self.app.transport.Consumer = IntakeConsumer  # type: ignore[misc]  # Faust looks it up on the instance
        self.app.shopstream = self
        self._memory = memory
        self._open_routes = open_routes
        self._close_house = close_house
        self._topics = topics
        self._outputs = outputs
        self._pipelines: dict[str, Pipeline] = {}
        self._assignment = Assignment(
            self.app,
            settings,
            self._pipelines,
            marks=memory.marks,
            health=health,
            partition_counts=partition_counts,
            outputs=outputs,
        )
        self._tasks: list[asyncio.Task[Any]] = []
        for topic in topics:
            self._attach(topic)

    async def open(self) -> None:
        """Before the group is joined: checks the broker, opens the house, starts the pipelines."""
        try:
            await preflight(self.settings, [*self._topics, *self._outputs])
            routes = await self._open_routes()
        except (DeliveryError, OSError, ValueError) as error:
            # These name what is missing or wrong in the installation, and hold no event data.
            die(f"the worker can't start: {error}", EXIT_CONFIG)
        calm_collector()
        share_interpreter()
        quarantine = Quarantine()
        for route in routes:
            self._pipelines[route.topic] = Pipeline(
                Intake(route.topic, limits(self.settings)),
                route.processor,
                quarantine=quarantine,
                marks=self._memory.marks,
                in_flight=self.settings.worker.batches_in_flight,
            )
        liveness = Liveness(
            self.app, self._pipelines, self.health, stuck_after=self.settings.worker.stuck_after
        )
        self._tasks = [
            *(
                fatal(pipeline.run(), f"the pipeline of {topic}")
                for topic, pipeline in self._pipelines.items()
            ),
            fatal(liveness.beat(), "the heartbeat"),
            fatal(liveness.run(self._assignment), "the liveness check"),
        ]

    async def close(self) -> None:
        """After the group was left."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._close_house()
        await self._memory.close()

    def _attach(self, topic: str) -> None:
        """The topic's Faust agent. It only drains: Faust's acknowledgements could lose what is under way."""

        async def drain(stream: Any) -> None:  # noqa: ANN401 - Faust types its streams as having no `noack`
            try:
                async for event in stream.noack().events():
                    self._pipelines[topic].intake.put(event.value, event.message.generation_id)
            except Exception as error:  # noqa: BLE001 - Faust would restart the agent and skip what is under way
                die(f"the agent of {topic} failed", error=error)

        source = self.app.topic(topic, value_serializer="raw", acks=False)
        self.app.agent(source, name=f"drain-{topic}")(drain)


def faust_app(settings: Settings) -> WorkerApp:
    """The Faust app, with every default changed that exactly-once delivery or privacy needs changed."""
    kafka, worker = settings.kafka, settings.worker
    if kafka.bootstrap is None:
        raise WorkerDefect("no broker: set SHOPSTREAM_KAFKA__BOOTSTRAP, or start the embedded one")
    identity = f"worker-{worker.slot}" if worker.slot is not None else None
    datadir = settings.data_dir / "faust" / (identity or "worker")
    datadir.mkdir(parents=True, exist_ok=True)
    return WorkerApp(
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


def calm_collector() -> None:
    """Lets the garbage collector leave alone what start-up made, and look at the rest less often.

    Events and results hold no cycles; walking libraries and models again and again cost a tenth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def share_interpreter() -> None:
    """Lets threads hand the interpreter over ten times as often as by default.

    The event loop would otherwise wait up to 5 ms for the consumer's thread after each answer from Redis or Kafka;
    with a backlog this alone gave a fifth more events a second.
    """
    sys.setswitchinterval(0.0005)


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


def limits(settings: Settings) -> Limits:
    """The bounds of batches and queues."""
    worker = settings.worker
    return Limits(
        batch_events=worker.batch_events,
        batch_bytes=worker.batch_bytes,
        linger=worker.batch_linger,
        queue_events=worker.queue_events,
        queue_bytes=worker.queue_bytes,
    )


def stage_worker(
    settings: Settings,
    stages: Sequence[AnyStage],
    open_house: Callable[[], Awaitable[HouseLike]],
    memory: Callable[[Health], Memory],
) -> Worker:
    """A worker that runs contract stages.

    Args:
        settings: the effective ones.
        stages: one for each input topic.
        open_house: opens what the stages need, once, before the group is joined.
        memory: opens crash marks and resends.
    """
    health = Health()
    remembered = memory(health)
    partition_counts: dict[str, int] = {}
    opened: list[HouseLike] = []

    async def open_routes() -> list[Route]:
        house = await open_house()
        opened.append(house)
        return [route(one, house) for one in stages]

    async def close_house() -> None:
        for house in opened:
            await house.close()

    def route(one: AnyStage, house: HouseLike) -> Route:
        encoder = Encoder(settings.kafka.topic_prefix, f"/shopstream/{one.consumes.name}", partition_counts)
        processor = StageProcessor(
            one,
            house,
            encoder=encoder,
            dead_letters=DeadLetterOffice(one.consumes.name, house.guard, encoder),
            resends=remembered.resends,
            health=health,
            attempts=settings.worker.attempts,
            max_future=timedelta(seconds=settings.worker.max_future),
        )
        return Route(settings.wire_topic(one.consumes.name), outputs_of(one), processor)

    def outputs_of(one: AnyStage) -> frozenset[str]:
        return frozenset(settings.wire_topic(topic.name) for topic in (*one.emits, DEAD_LETTERS))

    return Worker(
        settings,
        memory=remembered,
        open_routes=open_routes,
        close_house=close_house,
        topics=[settings.wire_topic(one.consumes.name) for one in stages],
        outputs=frozenset().union(*(outputs_of(one) for one in stages)),
        health=health,
        partition_counts=partition_counts,
    )
