"""Recognises a producer's own resend of an event id, best effort, within a window.

For each id Redis remembers the offset at which it was first seen in its partition (a resend has the same key, so the
same partition). The same id at a higher offset is a resend; at the same offset it is the same record, delivered again
after a crash or a rebalance, and has to be decided.

A partition's ids lie in one hash for each window of time, and two windows are asked, so an id is remembered for one to
two windows. Memory: about 80 bytes for each event.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from hashlib import blake2b

from aiokafka import ConsumerRecord
from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from streams.state.connection import Cache
from streams.state.scripts import Script

SCRIPT = Script.read("resends")

REDRIVE_HEADER = "shopstream-redrive"
"""Header of a record that was sent back on purpose: it is never taken for a resend."""

DIGEST_BYTES = 12
"""Of an id; two of a billion ids of a partition share theirs with a chance of one in 10^11."""


class RedisResends:
    """The `Resends` of a consumer group.

    Args:
        cache: the worker's Redis.
        group_id: the consumer group.
        window: seconds for which an id is remembered at least; 0 recognises nothing.
        clock: Unix time in seconds.
    """

    def __init__(
        self, cache: Cache, group_id: str, window: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._cache = cache
        self._group_id = group_id
        self._window = window
        self._clock = clock
        self._turn = asyncio.Lock()

    async def repeated(self, received: Sequence[tuple[ConsumerRecord, str]]) -> list[bool]:
        """For each record and event id, whether the id came before at a lower offset of its partition."""
        answers = [False] * len(received)
        if not received or not self._window:
            return answers
        by_partition: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        for position, (record, _) in enumerate(received):
            if not (record.headers and any(name == REDRIVE_HEADER for name, _ in record.headers)):
                by_partition[record.topic, record.partition].append(position)
        seen = await self._seen(
            [
                self._question(topic, partition, [received[position] for position in positions])
                for (topic, partition), positions in by_partition.items()
            ]
        )
        for positions, marks in zip(
            by_partition.values(), seen, strict=False
        ):  # no answers: none is a resend
            for position, mark in zip(positions, marks, strict=True):
                answers[position] = mark == ord("1")
        return answers

    def _question(
        self, topic: str, partition: int, received: list[tuple[ConsumerRecord, str]]
    ) -> tuple[str, str, bytes]:
        """A partition's two hashes, which share a tag so that Redis Cluster takes them together, and its events."""
        window = int(self._clock()) // self._window
        tag = f"{{{self._group_id}:{topic}/{partition}}}:seen:"
        packed = b"".join(
            blake2b(event_id.encode(), digest_size=DIGEST_BYTES).digest() + record.offset.to_bytes(8, "big")
            for record, event_id in received
        )
        return f"{tag}{window}", f"{tag}{window - 1}", packed

    async def _seen(self, questions: list[tuple[str, str, bytes]]) -> list[bytes]:
        """One answer a question, all in one round trip; none while Redis is away."""

        async def ask(client: Redis) -> list[bytes]:
            pipeline = client.pipeline(transaction=False)
            for current, last, packed in questions:
                pipeline.evalsha(SCRIPT.digest, 2, current, last, 2 * self._window, packed)
            try:
                return await pipeline.execute()
            except NoScriptError:  # the first call, or Redis was restarted
                await client.script_load(SCRIPT.text)
                return await ask(client)

        # One batch after the other: a later batch that Redis hears first, say while an earlier one still loads the
        # script, would make both of an event and its resend the first.
        async with self._turn:
            return await self._cache.ask(ask) or []
