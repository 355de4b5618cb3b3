"""Results to records: bytes, size check, key, partition and headers."""

from collections.abc import Iterable, Mapping

from aiokafka import ConsumerRecord

from streams.contracts import codec
from streams.contracts.headers import cloud_event_headers, event_type, traceparent_of
from streams.contracts.partitioning import partition_for
from streams.contracts.results import Result
from streams.contracts.topics import topic_of
from streams.delivery.records import Outgoing

RECORD_OVERHEAD = 1_024
"""Bytes left for a record's key, headers and framing below `max.message.bytes`."""


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
        prefix: put before every topic's name.
        source: `ce_source` of what is written, e.g. "shopstream/reviews".
        partition_counts: by topic name on the broker; filled when partitions are assigned.
    """

    def __init__(self, prefix: str, source: str, partition_counts: Mapping[str, int]) -> None:
        self._prefix = prefix
        self._source = source
        self._partition_counts = partition_counts

    def encode(self, result: Result, cause: ConsumerRecord) -> Outgoing:
        """The record for a result; `cause` is the input record whose trace it continues.

        Raises:
            TooLarge: the broker would not take it.
            LookupError: no topic is for results of this type.
        """
        topic = topic_of(type(result))
        value = codec.encode(result)
        if len(value) > topic.max_message_bytes - RECORD_OVERHEAD:
            raise TooLarge(topic.name, len(value), result.causes)
        key = topic.key(result).encode()
        name = self._prefix + topic.name
        return Outgoing(
            topic=name,
            partition=partition_for(key, self._partition_counts[name]),
            key=key,
            value=value,
            headers=cloud_event_headers(
                event_id=result.id,
                source=self._source,
                kind=event_type(topic.model),
                time=result.time,
                traceparent=traceparent_of(cause.headers),
            ),
        )
