"""Results to records: bytes, size check, key, partition and headers."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
from aiokafka import ConsumerRecord

from streams.contracts import codec
from streams.contracts.headers import cloud_event_headers, event_type, traceparent_of
from streams.contracts.partitioning import partition_for
from streams.contracts.records import Tombstone
from streams.contracts.results import Result
from streams.contracts.topics import Topic, topic_of
from streams.delivery.records import Outgoing

RECORD_OVERHEAD = 1_024
"""Bytes left for a record's key, headers and framing below `max.message.bytes`."""

CAUSE_HEADER = "shopstream-causes"
"""Header of a tombstone: the ids of the deletions that it answers, as a JSON list."""


def source_of(topic: str) -> str:
    """`ce_source` of what the agent of an input topic writes."""
    return f"/shopstream/{topic}"


class TooLarge(Exception):
    """A result is larger than its topic takes.

    Args:
        topic: the output topic's name.
        size: bytes of the encoded result.
        causes: the events that it answers.
    """

    def __init__(self, topic: str, size: int, causes: Iterable[str]) -> None:
        super().__init__(f"{size} bytes for {topic}")
        self.topic = topic
        self.size = size
        self.causes = frozenset(causes)


class Encoder:
    """Encodes results for the broker at hand.

    Args:
        wire: a topic's name in the table to its name on the broker.
        source: `ce_source` of what is written, e.g. "shopstream/reviews".
        partition_counts: by topic name on the broker; filled when partitions are assigned.
    """

    def __init__(self, wire: Callable[[str], str], source: str, partition_counts: Mapping[str, int]) -> None:
        self._wire = wire
        self._source = source
        self._partition_counts = partition_counts

    def encode(self, result: Result | Tombstone, cause: ConsumerRecord) -> Outgoing:
        """The record for a result; `cause` is the input record whose trace it continues.

        A tombstone has no value, so its cause is told in a header.

        Raises:
            TooLarge: the broker would not take it.
            LookupError: no topic is for results of this type.
        """
        if isinstance(result, Tombstone):
            record = self._record(topic_of(result.of), result.key, None, result, cause)
            record.headers.append((CAUSE_HEADER, orjson.dumps(result.causes)))
            return record
        topic = topic_of(type(result))
        value = codec.encode(result)
        if len(value) > topic.max_message_bytes - RECORD_OVERHEAD:
            raise TooLarge(topic.name, len(value), result.causes)
        return self._record(topic, topic.key(result), value, result, cause)

    def _record(
        self,
        topic: Topic[Any],
        key: str,
        value: bytes | None,
        result: Result | Tombstone,
        cause: ConsumerRecord,
    ) -> Outgoing:
        name, raw_key = self._wire(topic.name), key.encode()
        return Outgoing(
            topic=name,
            partition=partition_for(raw_key, self._partition_counts[name]),
            key=raw_key,
            value=value,
            headers=cloud_event_headers(
                event_id=result.id,
                source=self._source,
                kind=event_type(topic.model),
                time=result.time,
                traceparent=traceparent_of(cause.headers),
            ),
        )
