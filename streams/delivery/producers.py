"""Kafka clients as the settings say."""

from typing import Any

from aiokafka import AIOKafkaProducer

from streams.delivery.errors import WorkerDefect
from streams.settings import Settings

LARGEST_REQUEST = 16 << 20
"""Bytes; above every topic's `max.message.bytes`, so that the size checks of the contracts decide."""

LARGEST_BATCH = 1 << 20
"""Bytes of one record batch; a larger record travels alone."""


def client_options(settings: Settings) -> dict[str, Any]:
    """Bootstrap and security options that every aiokafka client takes."""
    kafka = settings.kafka
    if kafka.bootstrap is None:
        raise WorkerDefect("no broker: set SHOPSTREAM_KAFKA__BOOTSTRAP, or start the embedded one")
    options: dict[str, Any] = {
        "bootstrap_servers": kafka.bootstrap,
        "security_protocol": kafka.security_protocol,
        "ssl_context": kafka.ssl_context(),
    }
    if kafka.security_protocol.startswith("SASL"):
        password = kafka.sasl_password.get_secret_value() if kafka.sasl_password else None
        options |= {
            "sasl_mechanism": kafka.sasl_mechanism,
            "sasl_plain_username": kafka.sasl_username,
            "sasl_plain_password": password,
        }
    return options


def lane_producer(settings: Settings, transactional_id: str) -> AIOKafkaProducer:
    """A lane's transactional producer, not started. Initialising it fences the id's previous owner."""
    return AIOKafkaProducer(
        **client_options(settings),
        transactional_id=transactional_id,
        transaction_timeout_ms=int(settings.worker.transaction_timeout * 1000),
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=LARGEST_BATCH,
        max_request_size=LARGEST_REQUEST,
        retry_backoff_ms=20,
        request_timeout_ms=10_000,
    )
