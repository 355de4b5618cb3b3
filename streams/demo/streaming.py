"""One run of the made-up shop: catalogue in, customers in, then a lesson and a few changes, all heard meanwhile."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from streams.client import Shopstream
from streams.client.outbox import InFlight, headers_of
from streams.client.reader import TopicReader
from streams.contracts.topics import CATALOG, EACH_IN_ONE, RESOLUTIONS
from streams.demo.afterwards import Afterwards, Outcome
from streams.demo.hearing import Hearing, settled
from streams.demo.progress import Progress
from streams.demo.shop.plan import Plan
from streams.demo.shop.queries import Posed
from streams.demo.shop.sending import Sending
from streams.demo.shop.support import Asked
from streams.demo.workers import Workers
from streams.settings import Settings

SENDING_SECONDS: Final = 8.0
"""About how long the customers' events take to be sent; what the workers don't manage in that time waits in Kafka."""
SHORTEST_NAP: Final = 0.005

FIRST_ANSWER_SECONDS: Final = 600.0
"""How long workers may take to load their models, join their group and index something. The first time they convert the
models, which takes five minutes on two cores."""
PATIENCE_SECONDS: Final = 60.0
"""Without any answer for so long, the run ends and is counted as it is."""

IN_FLIGHT: Final = 1_000


@dataclass(slots=True)
class Sent:
    """What a run sent.

    Attributes:
        run: beginning of its event ids, and its `ce_source`.
        about: what should come of events, by id.
        streamed: events that were decided while the customers' events flowed, and the seconds that took.
        outcome: of the lesson and the changes.
    """

    run: str
    about: dict[str, Posed | Asked] = field(default_factory=dict)
    streamed: tuple[int, float] = (0, 0.0)
    outcome: Outcome = field(default_factory=Outcome)

    @property
    def source(self) -> str:
        """`ce_source` of its records."""
        return f"/shop/demo/{self.run}"


class Streaming:
    """Sends a plan's events and waits for what comes of them.

    Args:
        settings: with the broker's address.
        sent: told what is sent.
        progress: told how it goes.
        workers: running.
    """

    def __init__(self, settings: Settings, sent: Sent, progress: Progress, workers: Workers) -> None:
        self._settings = settings
        self._sent = sent
        self._progress = progress
        self._workers = workers
        self._hearing = Hearing(settings, sent.run, progress)

    async def run(self, plan: Plan) -> None:
        """Sends catalogue and resolutions, then the customers' events, then teaches and changes something.

        Raises:
            WorkersFailed: the workers ended, or answered nothing at all.
            ClientError: Kafka does not do what it should.
        """
        sendings = list(plan.sendings())
        first = [one for one in sendings if one.topic in (CATALOG, RESOLUTIONS)]
        rest = [one for one in sendings if one.topic not in (CATALOG, RESOLUTIONS)]
        async with (
            Shopstream(self._settings, source=self._sent.source) as shop,
            TopicReader(self._settings, Hearing.topics()) as reader,
        ):
            await reader.to_end()
            self._hearing.start(reader)
            try:
                await self._open(shop, first)
                await self._stream(shop, rest)
                await self._end(shop, plan)
            finally:
                await self._hearing.stop()

    async def _open(self, shop: Shopstream, sendings: list[Sending]) -> None:
        await self._send(shop, sendings, over=0.0)
        names = [CATALOG.name, RESOLUTIONS.name]
        if not await self._settled(names, FIRST_ANSWER_SECONDS) and not self._progress.decided:
            raise self._workers.failure(f"nothing was answered in {FIRST_ANSWER_SECONDS:.0f} s")

    async def _stream(self, shop: Shopstream, sendings: list[Sending]) -> None:
        self._progress.doing = "customers search, buy, review and ask"
        started, before = time.monotonic(), self._progress.decided
        await self._send(shop, sendings, over=SENDING_SECONDS)
        await self._settled(list(EACH_IN_ONE), PATIENCE_SECONDS)
        self._sent.streamed = self._progress.decided - before, time.monotonic() - started

    async def _end(self, shop: Shopstream, plan: Plan) -> None:
        self._progress.doing = "teaching support, changing the catalogue"
        afterwards = Afterwards(shop, self._hearing, plan, self._sent.outcome)
        await afterwards.learn()
        await afterwards.change()
        await self._settled(list(EACH_IN_ONE), PATIENCE_SECONDS)

    async def _send(self, shop: Shopstream, sendings: Iterable[Sending], *, over: float) -> None:
        """Sends in order, spread over some seconds."""
        sendings = list(sendings)
        start = time.monotonic()
        async with InFlight(IN_FLIGHT) as flight:
            for count, one in enumerate(sendings, 1):
                early = start + count / max(1, len(sendings)) * over - time.monotonic()
                if early > SHORTEST_NAP:
                    await asyncio.sleep(early)
                await flight.failure()
                if one.about is not None:
                    self._sent.about[one.event_id] = one.about
                await self._one(shop, flight, one)

    async def _one(self, shop: Shopstream, flight: InFlight, one: Sending) -> None:
        arrived = self._hearing.expect(one)
        source = self._sent.source
        headers = (
            [("ce_source", source.encode())] if one.event is None else headers_of(one.event, source=source)
        )
        delivery = await flight.admit(
            shop.outbox.send(one.topic, one.value, key=one.key, event_id=one.event_id, headers=headers)
        )
        delivery.on_arrival(arrived)

    async def _settled(self, names: list[str], patience: float) -> bool:
        return await settled(self._hearing, self._progress, names, patience, self._workers.check)
