"""Which broker, and how shops speak to it."""

import asyncio
import logging

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from streams.client.errors import NotSetUp
from streams.delivery.producers import LARGEST_REQUEST, client_options
from streams.embedded import with_endpoints
from streams.local import LocalStack
from streams.settings import Settings

BATCH_BYTES = 256 << 10
"""Of one record batch that a client sends; a larger record travels alone."""

# At DEBUG aiokafka logs keys and values: a shop that turns that on must not find its customers' words there.
for _name in ("aiokafka.producer.producer", "aiokafka.conn"):
    if logging.getLogger(_name).level == logging.NOTSET:
        logging.getLogger(_name).setLevel(logging.INFO)


async def joined(settings: Settings) -> Settings:
    """The settings with a broker: the one they name, or the embedded one that runs for the data folder.

    Raises:
        NotSetUp: there is neither.
    """
    if settings.kafka.bootstrap is not None:
        return settings
    if endpoints := await asyncio.to_thread(LocalStack.attach, settings.data_dir):
        return with_endpoints(settings, endpoints)
    raise NotSetUp(
        "no broker: set SHOPSTREAM_KAFKA__BOOTSTRAP, or run `shopstream local`"
        f" (none runs for {settings.data_dir.absolute()})"
    )


def event_producer(settings: Settings) -> AIOKafkaProducer:
    """An idempotent producer that waits for all replicas; not started."""
    return AIOKafkaProducer(
        **client_options(settings),
        acks="all",
        enable_idempotence=True,
        max_batch_size=BATCH_BYTES,
        max_request_size=LARGEST_REQUEST,
        request_timeout_ms=30_000,
    )


def committed_consumer(settings: Settings) -> AIOKafkaConsumer:
    """A consumer without group that reads committed records only; not started."""
    return AIOKafkaConsumer(
        **client_options(settings),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=4 << 20,
        # A broker answers one request of a connection at a time: asking for end offsets waits for the fetch before.
        fetch_max_wait_ms=100,
        request_timeout_ms=30_000,
    )
