"""Before a worker joins: does the broker do transactions, and are the topics there?"""

import asyncio
import logging
from collections.abc import Iterable

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, UnsupportedVersionError

from streams.delivery.errors import WorkerDefect
from streams.delivery.producers import client_options, lane_producer
from streams.health import Health
from streams.settings import Settings

log = logging.getLogger(__name__)

CONNECT_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Waits between tries to reach the broker; the last one repeats. A broker that is away is waited for."""

TRANSACTION_SECONDS = 30.0


async def preflight(settings: Settings, topics: Iterable[str], health: Health) -> None:
    """Waits for the broker and refuses one that can't do what delivery needs.

    Args:
        settings: where the broker is.
        topics: names on the broker that have to exist.
        health: told while the broker is waited for.

    Raises:
        WorkerDefect: the broker has no transactions, or topics are missing; the text says what to do.
    """
    have = await _list_topics(settings, health)
    if missing := sorted(set(topics) - have):
        raise WorkerDefect(f"topics are missing: {', '.join(missing)}; run `shopstream topics create`")
    await _check_transactions(settings)


async def _list_topics(settings: Settings, health: Health) -> set[str]:
    tries = 0
    while True:
        admin = AIOKafkaAdminClient(**client_options(settings))
        try:
            await admin.start()
            topics = set(await admin.list_topics())
        except (KafkaError, OSError) as error:
            if not tries:
                log.warning("waiting for the broker", extra={"error": type(error).__name__})
            await asyncio.sleep(CONNECT_SECONDS[min(tries, len(CONNECT_SECONDS) - 1)])
            health.wait_for("the broker")
            tries += 1
        else:
            health.go_on("the broker")
            return topics
        finally:
            await admin.close()


async def _check_transactions(settings: Settings) -> None:
    producer = lane_producer(settings, f"{settings.group_id}-preflight")
    try:
        await asyncio.wait_for(producer.start(), TRANSACTION_SECONDS)
    except UnsupportedVersionError as error:
        raise WorkerDefect(
            "this broker has no transactions, which exactly-once delivery needs; use Apache Kafka 2.5 or newer"
        ) from error
    except TimeoutError as error:
        raise WorkerDefect(
            "the broker did not open a transaction in time; check that its transaction log has its replicas "
            "(transaction.state.log.replication.factor) and that the principal may use transactional ids"
        ) from error
    finally:
        await producer.stop()
