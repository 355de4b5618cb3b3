"""Input for the kill test: reviews and queries, a few of them malformed."""

import asyncio
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import orjson
from aiokafka import AIOKafkaProducer

from streams.contracts.partitioning import partition_for

MALFORMED_SHARE = 0.01
CHUNK = 500


def review(number: int, text: str = "") -> tuple[bytes, bytes]:
    """Key and value of a review; `text` is put before its own."""
    user = f"u{number % 997}"
    event = {
        "id": f"r{number}",
        "time": datetime.now(UTC).isoformat(),
        "product_id": f"p{number % 101}",
        "user_id": user,
        "text": f"{text}Number {number}: it fits, and I would buy it again. Mail me at u{number}@example.org.",
    }
    return user.encode(), orjson.dumps(event)


def malformed(number: int, chance: random.Random) -> tuple[bytes, bytes]:
    """Key and value of something that is no review; some kinds carry an id, some don't."""
    key, good = review(number)
    event = orjson.loads(good)
    kind = chance.randrange(4)
    if kind == 0:
        return key, good[: len(good) // 2]
    if kind == 1:
        del event["text"]
    elif kind == 2:
        event["rating"] = "five"
    else:
        event["time"] = "3026-01-01T00:00:00Z"
    return key, orjson.dumps(event)


def reviews(count: int, seed: int, share: float = MALFORMED_SHARE) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values; every hundredth or so is malformed."""
    chance = random.Random(seed)
    for number in range(count):
        yield malformed(number, chance) if chance.random() < share else review(number)


def query(number: int) -> tuple[bytes, bytes]:
    """Key and value of a query; its time is the moment of the call, for latencies."""
    event = {
        "id": f"q{number}",
        "time": datetime.now(UTC).isoformat(),
        "text": "boots",
        "user_id": f"u{number % 997}",
    }
    return event["user_id"].encode(), orjson.dumps(event)


async def produce(
    bootstrap: str,
    topic: str,
    records: Iterator[tuple[bytes, bytes]],
    *,
    rate: float = 0,
    partitions: int = 4,
) -> int:
    """Sends all records, at `rate` a second or as fast as it goes; returns how many."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, max_batch_size=1 << 18, linger_ms=5
    )
    await producer.start()
    sent, started = 0, time.monotonic()
    pending: list[asyncio.Future[object]] = []
    try:
        for key, value in records:
            pending.append(
                await producer.send(topic, value, key=key, partition=partition_for(key, partitions))
            )
            sent += 1
            if len(pending) >= CHUNK:
                await asyncio.gather(*pending)
                pending.clear()
                if rate:
                    await asyncio.sleep(max(0.0, started + sent / rate - time.monotonic()))
        await asyncio.gather(*pending)
    finally:
        await producer.stop()
    return sent
