"""Sends: where a record goes, what travels with it, and how many may be on their way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, NamedTuple, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError
from aiokafka.structs import RecordMetadata

from streams.client.errors import NotSetUp, delivering, reaching
from streams.contracts.codec import encode_event
from streams.contracts.events import Event
from streams.contracts.headers import Headers, cloud_event_headers, event_type
from streams.contracts.partitioning import partition_for
from streams.contracts.reasons import Reason
from streams.contracts.topics import Topic, topic_of
from streams.contracts.violation import ContractViolation
from streams.delivery.encoding import RECORD_OVERHEAD
from streams.settings import Settings


class Place(NamedTuple):
    """Where a record lies: topic name on the broker, partition, offset."""

    topic: str
    partition: int
    offset: int

    @property
    def reference(self) -> str:
        """As dead letters write it where an event's id can't be told."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class Delivery:
    """A record on its way."""

    def __init__(self, future: asyncio.Future[RecordMetadata], event_id: str) -> None:
        self.future = future
        self._event_id = event_id

    async def place(self) -> Place:
        """Where it lies, once all replicas have it.

        Raises:
            ContractViolation: it is larger than the broker takes.
            NotDelivered: Kafka did not take it.
        """
        with delivering("the event was not delivered"):
            try:
                metadata = await self.future
            except MessageSizeTooLargeError:
                raise _too_long(self._event_id) from None
        return _place(metadata)

    def on_arrival(self, tell: Callable[[Place], None]) -> None:
        """Calls `tell` with its place once all replicas have it; never if they don't get it."""

        def arrived(future: asyncio.Future[RecordMetadata]) -> None:
            if not future.cancelled() and future.exception() is None:
                tell(_place(future.result()))

        self.future.add_done_callback(arrived)


def _place(metadata: RecordMetadata) -> Place:
    return Place(metadata.topic, metadata.partition, metadata.offset)


class Outbox:
    """Sends through one producer.

    Args:
        producer: not started.
        settings: with a broker's address.
    """

    def __init__(self, producer: AIOKafkaProducer, settings: Settings) -> None:
        self._producer: Any = producer
        self._settings = settings

    async def open(self) -> None:
        """Connects. Raises `NotSetUp` when Kafka can't be reached."""
        with reaching(self._settings):
            try:
                await self._producer.start()
            except BaseException:
                await self._producer.stop()
                raise

    async def close(self) -> None:
        """Sends what is waiting, then ends the connection."""
        await self._producer.stop()

    async def post(self, event: Event, *, source: str, traceparent: str | None = None) -> Delivery:
        """Sends an event by its contract: topic, key, partition, headers.

        Raises:
            ContractViolation: it is larger than its topic allows, or has NUL in a field.
            NotSetUp: its topic is missing.
            NotDelivered: Kafka does not take anything.
        """
        topic = topic_of(type(event))
        value = encode_event(event)
        if len(value) > largest_value(topic):
            raise _too_long(event.id)
        return await self.send(
            topic,
            value,
            key=topic.key(event),
            event_id=event.id,
            headers=headers_of(event, source=source, traceparent=traceparent),
        )

    async def send(
        self,
        topic: Topic[Any],
        value: bytes | None,
        *,
        key: str | None,
        event_id: str,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> Delivery:
        """Sends bytes as they are, None to delete; a record without key goes by the hash of `event_id`."""
        name = self._settings.wire_topic(topic.name)
        key_bytes = None if key is None else key.encode()
        partition = partition_for(key_bytes, await self._partitions(name), event_id)
        with delivering("Kafka does not take events"):
            try:
                future = await self._producer.send(name, value, key_bytes, partition, headers=list(headers))
            except MessageSizeTooLargeError:
                raise _too_long(event_id) from None
        return Delivery(future, event_id)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """What is sent in this block is committed together, or not at all. For transactional producers.

        Raises:
            NotDelivered: Kafka did not commit, or another producer with this transactional id took over.
        """
        with delivering("the transaction was not committed"):
            async with self._producer.transaction():
                yield

    async def _partitions(self, name: str) -> int:
        client = self._producer.client
        known = client.cluster.partitions_for_topic(name)
        if known is None:
            with reaching(self._settings):
                # All are listed: asking for a missing one by name makes some brokers create it.
                metadata = await client.fetch_all_metadata()
                if metadata.partitions_for_topic(name) is None:
                    raise NotSetUp(f"topic {name} is missing; run `shopstream topics create`")
                known = await self._producer.partitions_for(name)
        return len(known)


class InFlight:
    """Bounds how many deliveries are under way; leaving the block waits for all of them.

    Args:
        limit: at most so many.
    """

    def __init__(self, limit: int) -> None:
        if limit < 1:
            raise ValueError("in_flight: at least one event has to be on its way")
        self._limit = limit
        self._slots = asyncio.Semaphore(limit)
        self._failed: Delivery | None = None

    async def admit(self, sending: Awaitable[Delivery]) -> Delivery:
        """Waits for a free slot, then sends."""
        await self._slots.acquire()
        try:
            delivery = await sending
        except BaseException:
            self._slots.release()
            raise
        delivery.future.add_done_callback(lambda _: self._arrived(delivery))
        return delivery

    async def failure(self) -> None:
        """Raises what the first failed delivery failed with, if one did."""
        if self._failed is not None:
            await self._failed.place()

    def _arrived(self, delivery: Delivery) -> None:
        self._slots.release()
        if delivery.future.cancelled() or delivery.future.exception() is not None:
            self._failed = self._failed or delivery

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _ in range(self._limit):
            await self._slots.acquire()
        if error is None:
            await self.failure()


def largest_value(topic: Topic[Any]) -> int:
    """Bytes of the largest value that `topic` takes with its key, headers and framing."""
    return topic.max_message_bytes - RECORD_OVERHEAD


def headers_of(event: Event, *, source: str, traceparent: str | None = None) -> Headers:
    """An event's CloudEvents headers."""
    return cloud_event_headers(
        event_id=event.id,
        source=source,
        kind=event_type(type(event)),
        time=event.time,
        traceparent=traceparent,
    )


def _too_long(event_id: str) -> ContractViolation:
    return ContractViolation(Reason.TOO_LONG, None, "larger than the broker takes", event_id=event_id)
