"""A worker whose routes are contract stages."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Protocol

from streams.contracts.topics import DEAD_LETTERS
from streams.delivery.dead_letters import DeadLetterOffice, Vault
from streams.delivery.encoding import Encoder, source_of
from streams.delivery.opening import TextOpener
from streams.delivery.processing import StageProcessor
from streams.delivery.stage import AnyStage
from streams.delivery.worker import Memory, Route, Service, Worker
from streams.health import Health
from streams.settings import Settings


class HouseGuard(Vault, TextOpener, Protocol):
    """The guard as delivery needs it."""


class HouseLike(Protocol):
    """What every house has; stages know more of theirs."""

    @property
    def guard(self) -> HouseGuard:
        """Opens what producers sealed, and seals what becomes a dead letter."""
        ...

    async def close(self) -> None:
        """Lets go of what was opened."""
        ...


def stage_worker(
    settings: Settings,
    stages: Sequence[AnyStage],
    open_house: Callable[[Health], Awaitable[HouseLike]],
    memory: Callable[[Health], Memory],
    services: Callable[[Health], Sequence[Service]] = lambda _: (),
) -> Worker:
    """A worker that runs these stages.

    Args:
        settings: the effective ones.
        stages: one for each input topic.
        open_house: opens what the stages need, once, before the group is joined.
        memory: opens crash marks and resends.
        services: what runs beside, such as the health server.
    """
    health = Health()
    remembered = memory(health)
    partition_counts: dict[str, int] = {}
    return Worker(
        settings,
        memory=remembered,
        routes=StageRoutes(settings, stages, open_house, remembered, health, partition_counts),
        health=health,
        partition_counts=partition_counts,
        services=services(health),
    )


class StageRoutes:
    """The `Routes` of contract stages: one processor for each, all in one house."""

    def __init__(
        self,
        settings: Settings,
        stages: Sequence[AnyStage],
        open_house: Callable[[Health], Awaitable[HouseLike]],
        memory: Memory,
        health: Health,
        partition_counts: dict[str, int],
    ) -> None:
        self.topics: Sequence[str] = [settings.wire_topic(one.consumes.name) for one in stages]
        self.outputs = frozenset(
            settings.wire_topic(topic.name) for one in stages for topic in (*one.emits, DEAD_LETTERS)
        )
        self._settings = settings
        self._stages = stages
        self._open_house = open_house
        self._memory = memory
        self._health = health
        self._partition_counts = partition_counts
        self._house: HouseLike | None = None

    async def open(self) -> Sequence[Route]:
        """Opens the house and gives each stage its processor."""
        self._house = await self._open_house(self._health)
        return [self._route(one, self._house) for one in self._stages]

    async def close(self) -> None:
        """Closes the house."""
        if self._house is not None:
            await self._house.close()

    def _route(self, one: AnyStage, house: HouseLike) -> Route:
        settings = self._settings
        name = one.consumes.name
        encoder = Encoder(settings.wire_topic, source_of(name), self._partition_counts)
        processor = StageProcessor(
            one,
            house,
            encoder=encoder,
            dead_letters=DeadLetterOffice(name, house.guard, encoder),
            resends=self._memory.resends,
            health=self._health,
            attempts=settings.worker.attempts,
            max_future=timedelta(seconds=settings.worker.max_future),
        )
        return Route(
            settings.wire_topic(name),
            processor,
            on_assignment=partial(one.on_assignment, house) if one.on_assignment else lambda _: None,
            in_order=one.keeps_state,
        )
