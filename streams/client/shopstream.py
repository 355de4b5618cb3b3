"""The client: one connection of a shop to Shopstream."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, overload

from streams.client.answers import ANSWERED_BY, Answers
from streams.client.connection import event_producer, joined
from streams.client.errors import EventRefused, NoAnswer, NotSetUp
from streams.client.outbox import InFlight, Outbox, Place
from streams.client.reader import TopicReader
from streams.client.results import read_result
from streams.contracts.dead_letters import DeadLetter
from streams.contracts.events import Event, Query, Review, SupportTicket
from streams.contracts.results import Result, ReviewInsight, SearchRanking, SupportReply
from streams.contracts.sealing import sealed_event
from streams.contracts.topics import Topic, topic_of
from streams.settings import Settings

if TYPE_CHECKING:
    from privacy.hpke import PublicKey

SOURCE: Final = "/shop"

R = TypeVar("R", bound=Result)
E = TypeVar("E", bound=Event)


class Shopstream:
    """Sends events and reads their answers; an async context manager.

    Where no broker is named, the embedded one is joined if it runs for the data folder (`shopstream local`).

    Args:
        settings: which broker; from the environment when left out.
        source: `ce_source` of what is sent, a URI reference that names the sender.
        seal_with: the installation's public key; people's words are then sealed before an event is sent.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        source: str = SOURCE,
        seal_with: "PublicKey | None" = None,
    ) -> None:
        self._given = settings
        self._source = source
        self._seal_with = seal_with
        self._settings: Settings | None = None
        self._outbox: Outbox | None = None
        self._answers: Answers | None = None
        self._readers: set[TopicReader] = set()

    @classmethod
    def connect(
        cls,
        settings: Settings | None = None,
        *,
        source: str = SOURCE,
        seal_with: "PublicKey | None" = None,
    ) -> "Shopstream":
        """Another way to write `Shopstream(settings)`: `async with Shopstream.connect() as shop`."""
        return cls(settings, source=source, seal_with=seal_with)

    async def __aenter__(self) -> Self:
        """Connects.

        Raises:
            NotSetUp: no broker is named or reachable.
        """
        self._settings = await joined(self._given or Settings())
        self._outbox = Outbox(event_producer(self._settings), self._settings)
        self._answers = Answers(self._settings)
        await self._outbox.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.outbox.close()
        finally:
            await self.answers.close()
            for reader in list(self._readers):
                await reader.close()

    @property
    def settings(self) -> Settings:
        """The effective settings, with a broker's address."""
        return _opened(self._settings)

    @property
    def outbox(self) -> Outbox:
        """Sends bytes as they are, for tools."""
        return _opened(self._outbox)

    @property
    def answers(self) -> Answers:
        """All answers, for tools that wait for many."""
        return _opened(self._answers)

    async def produce(self, event: Event, *, traceparent: str | None = None) -> Place:
        """Sends an event and waits until all replicas have it.

        Topic, key, partition (murmur2) and CloudEvents headers follow from its contract. Sending is
        idempotent: a retry after a lost acknowledgement writes nothing twice.

        Args:
            event: what happened.
            traceparent: W3C trace context, carried through to the answer; left out when it is not valid.

        Raises:
            ContractViolation: it is larger than its topic allows, or has NUL in a field.
            NotSetUp: its topic is missing.
            NotDelivered: Kafka did not take it.
        """
        delivery = await self.outbox.post(self._sealed(event), source=self._source, traceparent=traceparent)
        return await delivery.place()

    async def produce_many(
        self, events: Iterable[Event] | AsyncIterable[Event], *, in_flight: int = 1_000
    ) -> int:
        """Sends events in order, at most `in_flight` unacknowledged; returns how many, once all have arrived.

        Raises:
            ContractViolation, NotSetUp, NotDelivered: as `produce`, of the first that failed; later events
                are not sent, and those that were on their way are waited for.
        """
        sent = 0
        async with InFlight(in_flight) as flight:
            async for event in _each(events):
                await flight.failure()
                await flight.admit(self.outbox.post(self._sealed(event), source=self._source))
                sent += 1
        return sent

    def _sealed(self, event: E) -> E:
        """The event as it is to be sent."""
        return event if self._seal_with is None else sealed_event(event, self._seal_with)

    @overload
    async def ask(
        self, event: Review, *, timeout: float = 10, traceparent: str | None = None
    ) -> ReviewInsight: ...

    @overload
    async def ask(
        self, event: Query, *, timeout: float = 10, traceparent: str | None = None
    ) -> SearchRanking: ...

    @overload
    async def ask(
        self, event: SupportTicket, *, timeout: float = 10, traceparent: str | None = None
    ) -> SupportReply: ...

    async def ask(
        self, event: Review | Query | SupportTicket, *, timeout: float = 10, traceparent: str | None = None
    ) -> Result:
        """Sends an event and waits for its answer. Reading starts before sending: no answer is missed.

        Args:
            event: a review, a query or a support ticket.
            timeout: seconds from sending until the answer.
            traceparent: as in `produce`.

        Returns:
            The result that names the event as its cause.

        Raises:
            EventRefused: the event became a dead letter.
            NoAnswer: neither came in time.
            TypeError: events of this type have no answer of their own.
            ContractViolation, NotSetUp, NotDelivered: as `produce`.
        """
        topic = topic_of(type(event))
        if topic.name not in ANSWERED_BY:
            raise TypeError(
                f"{type(event).__name__} events have no answer of their own: produce() them, read results()"
            )
        async with self.answers.listening():
            expectation = self.answers.expect(topic, event.id)
            try:
                place = await self.produce(event, traceparent=traceparent)
                self.answers.also_known_as(expectation, place.reference)
                answer = await asyncio.wait_for(expectation.answer, timeout)
            except TimeoutError:
                raise NoAnswer(_what_to_check(self.settings, topic, timeout)) from None
            finally:
                expectation.answer.cancel()
        if isinstance(answer, DeadLetter):
            raise EventRefused(answer)
        return answer

    async def results(self, topic: Topic[R], *, from_beginning: bool = False) -> AsyncIterator[R]:
        """Follows an output topic, all partitions, without a consumer group; committed results only.

        Reading starts with the loop's first step. Results that follow another major version of their
        contract, or none, are skipped with a warning in the log.

        Args:
            topic: e.g. `REVIEW_INSIGHTS` or `DEAD_LETTERS`.
            from_beginning: start with the oldest that Kafka still has, not with what is written from now on.

        Raises:
            TypeError: the topic does not hold results.
            NotSetUp: Kafka can't be reached, or the topic is missing.
            NotDelivered: Kafka stops giving records.
        """
        if not issubclass(topic.model, Result):
            raise TypeError(f"{topic.name} holds events, not results")
        async with TopicReader(self.settings, [topic.name]) as reader:
            self._readers.add(reader)
            try:
                await (reader.to_beginning() if from_beginning else reader.to_end())
                async for records in reader.forever():
                    for record in records:
                        if (result := read_result(topic, record)) is not None:
                            yield result
            finally:
                self._readers.discard(reader)


T = TypeVar("T")


def _opened(part: T | None) -> T:
    if part is None:
        raise NotSetUp("the client is not connected: use `async with Shopstream.connect() as shop`")
    return part


async def _each(events: Iterable[E] | AsyncIterable[E]) -> AsyncIterator[E]:
    if isinstance(events, AsyncIterable):
        async for event in events:
            yield event
    else:
        for event in events:
            yield event


def _what_to_check(settings: Settings, topic: Topic[Any], timeout: float) -> str:
    output = settings.wire_topic(ANSWERED_BY[topic.name].name)
    return (
        f"no answer in {timeout:g} s, in {output} or {settings.wire_topic('dead-letters')}. The event is in Kafka"
        f" and stays there. Check that a worker runs on {settings.kafka.bootstrap} and is ready (/readyz, by"
        f" default on port {settings.web.port}), whether it has a backlog, and that the event's id is new: for"
        f" {settings.worker.resend_window} s a known id counts as a resend, which has no second answer"
    )
