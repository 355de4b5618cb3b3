"""Counting: what went in, and what a `read_committed` reader finds in results and dead letters."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition


@dataclass(repr=False)
class Balance:
    """The count equation of one input topic.

    Attributes:
        inputs: input records.
        lost: identities in no result and no dead letter.
        doubled: identities in more than one.
        strange: identities in results or dead letters that never went in.
        dead: dead letters, by reason.
    """

    inputs: int
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    dead: Counter[str] = field(default_factory=Counter)

    @property
    def holds(self) -> bool:
        return not (self.lost or self.doubled or self.strange)

    def __repr__(self) -> str:
        return (
            f"{self.inputs} in, {len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.strange)} strange, "
            f"dead letters {dict(self.dead)}{self._samples()}"
        )

    def _samples(self) -> str:
        """A few of what should not be there."""
        found = [*self.lost[:3], *self.doubled[:3], *self.strange[:3]]
        return f", such as {', '.join(found)}" if found else ""


def identity(record: ConsumerRecord) -> str:
    """How results and dead letters name an input record: by its id, else by its place."""
    try:
        event_id = orjson.loads(record.value)["id"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        event_id = None
    return (
        event_id
        if isinstance(event_id, str) and event_id
        else f"{record.topic}/{record.partition}/{record.offset}"
    )


async def read_all(bootstrap: str, topics: Iterable[str], *, quiet_for: float = 3.0) -> list[ConsumerRecord]:
    """Every committed record of the topics, from the beginning to their ends."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_partition_fetch_bytes=4 << 20,
    )
    await consumer.start()
    try:
        found: list[ConsumerRecord] = []
        partitions = [
            TopicPartition(topic, partition)
            for topic in topics
            for partition in (await consumer._client._wait_on_metadata(topic))
        ]
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(partitions)
        last = time.monotonic()
        while time.monotonic() - last < quiet_for:
            records = await consumer.getmany(timeout_ms=300, max_records=20_000)
            if records:
                last = time.monotonic()
            for batch in records.values():
                found += batch
            if all([await consumer.position(tp) >= ends[tp] for tp in partitions]):
                break
        return found
    finally:
        await consumer.stop()


async def balance(bootstrap: str, inputs: str, results: str, dead_letters: str) -> Balance:
    """The count equation of an input topic, as a `read_committed` reader finds it."""
    went_in = [identity(record) for record in await read_all(bootstrap, [inputs])]
    counts: Counter[str] = Counter()
    for record in await read_all(bootstrap, [results]):
        counts.update(orjson.loads(record.value)["causes"])
    state = Balance(len(went_in))
    for record in await read_all(bootstrap, [dead_letters]):
        letter = orjson.loads(record.value)
        if letter["origin"]["topic"] == inputs:
            counts.update(letter["causes"])
            state.dead[letter["reason"]] += 1
    known = set(went_in)
    state.lost = sorted(known - counts.keys())
    state.doubled = sorted(one for one, count in counts.items() if count > 1)
    state.strange = sorted(counts.keys() - known)
    return state
