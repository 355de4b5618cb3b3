"""One worker: a Faust agent for each input topic, which drains it into that topic's pipeline."""

import gc
import logging
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from streams.delivery.assignment import Assignment
from streams.delivery.errors import EXIT_CONFIG, DeliveryError
from streams.delivery.fatal import die, fatal
from streams.delivery.faust_app import faust_app
from streams.delivery.intake import Intake, Limits
from streams.delivery.liveness import Liveness
from streams.delivery.pipeline import Pipeline
from streams.delivery.preflight import preflight
from streams.delivery.processing import Resends
from streams.delivery.quarantine import CrashMarks, Quarantine
from streams.delivery.records import Processor
from streams.health import Health
from streams.settings import Settings
from streams.tasks import cancelled

if TYPE_CHECKING:
    import asyncio

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Memory:
    """What delivery remembers outside of Kafka, and how to let go of it."""

    marks: CrashMarks
    resends: Resends
    close: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Route:
    """One input topic, by its name on the broker, and what decides its records.

    Attributes:
        on_assignment: as of `Pipeline`.
        in_order: whether one batch has to be decided before the next is begun.
    """

    topic: str
    processor: Processor
    on_assignment: Callable[[Mapping[int, int]], None] = lambda _: None
    in_order: bool = False


class Routes(Protocol):
    """The routes of a worker; opening them may load models.

    Attributes:
        topics: input topics, by their names on the broker.
        outputs: all topics that may be written to, likewise.
    """

    topics: Sequence[str]
    outputs: frozenset[str]

    async def open(self) -> Sequence[Route]:
        """Called once, before the group is joined."""
        ...

    async def close(self) -> None:
        """Called after the group was left."""
        ...


class Service(Protocol):
    """Runs beside the stages, such as the health server."""

    async def start(self) -> None:
        """Before the group is joined."""
        ...

    async def stop(self) -> None:
        """After it was left."""
        ...


class Worker:
    """All that one worker runs.

    Args:
        settings: the effective ones.
        memory: crash marks and resends.
        routes: opens what the stages need, and closes it.
        health: what the worker says about itself.
        partition_counts: filled on assignment, read by encoders.
        services: run beside.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        memory: Memory,
        routes: Routes,
        health: Health,
        partition_counts: dict[str, int],
        services: Sequence[Service] = (),
    ) -> None:
        self.settings = settings
        self.health = health
        self.app = faust_app(settings, self)
        self._memory = memory
        self._routes = routes
        self._pipelines: dict[str, Pipeline] = {}
        self._assignment = Assignment(
            self.app,
            settings,
            self._pipelines,
            marks=memory.marks,
            health=health,
            partition_counts=partition_counts,
            outputs=routes.outputs,
        )
        self._tasks: list[asyncio.Task[Any]] = []
        self._services = list(services)
        for topic in routes.topics:
            self._attach(topic)

    async def open(self) -> None:
        """Before the group is joined: checks the broker, opens the house, starts the pipelines."""
        liveness = Liveness(
            self.app, self._pipelines, self.health, stuck_after=self.settings.worker.stuck_after
        )
        # First of all, since loading models takes longer than a probe waits.
        self._tasks = [fatal(liveness.beat(), "the heartbeat")]
        try:
            for service in self._services:
                await service.start()
            await preflight(self.settings, [*self._routes.topics, *self._routes.outputs], self.health)
            opened = await self._routes.open()
        except (DeliveryError, OSError, ValueError) as error:
            # These name what is missing or wrong in the installation, and hold no event data.
            die(f"the worker can't start: {error}", EXIT_CONFIG)
        calm_collector()
        share_interpreter()
        quarantine = Quarantine()
        for route in opened:
            self._pipelines[route.topic] = Pipeline(
                Intake(route.topic, limits(self.settings)),
                route.processor,
                quarantine=quarantine,
                marks=self._memory.marks,
                in_flight=1 if route.in_order else self.settings.worker.batches_in_flight,
                on_assignment=route.on_assignment,
            )
        self._tasks += [
            *(
                fatal(pipeline.run(), f"the pipeline of {topic}")
                for topic, pipeline in self._pipelines.items()
            ),
            fatal(liveness.run(self._assignment), "the liveness check"),
        ]

    async def close(self) -> None:
        """After the group was left."""
        await cancelled(*self._tasks)
        for service in self._services:
            await service.stop()
        await self._routes.close()
        await self._memory.close()
        gc.unfreeze()  # libraries look at the end what they leave behind

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
