"""Asks the broker which topic it is that has a name: one deleted and made anew has another id.

aiokafka's own metadata requests end at version 5; topic ids came with version 10 (KIP-516), names beside them with 12.
A broker that does not know version 12 (before Kafka 3.1) gives the cluster's id only.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final
from uuid import UUID

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import LeaderNotAvailableError, UnknownTopicOrPartitionError, for_code
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.metadata import MetadataRequest_v5
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

_MISSING: Final = (UnknownTopicOrPartitionError, LeaderNotAvailableError)
_NO_ID: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic as the broker knows it.

    Attributes:
        cluster: the cluster's id; None where the broker tells none.
        topic_id: the topic's own id, likewise.
        partitions: numbers of its partitions, ascending.
    """

    cluster: str | None
    topic_id: str | None
    partitions: tuple[int, ...]


async def topic_state(consumer: AIOKafkaConsumer, topic: str) -> TopicState | None:
    """The topic's state, or None where there is none of that name. Never creates it.

    Args:
        consumer: a started one; its connection is used.
        topic: name on the broker.

    Raises:
        KafkaError: no answer, or a refusal.
    """
    client = consumer._client  # noqa: SLF001 - no public way
    answer: Any = await client.send(client.get_random_node(), _StateRequest(topic))
    for entry in answer.topics:
        code, name, *rest = entry
        if name != topic:
            continue
        if code:
            error = for_code(code)
            if error in _MISSING:
                return None
            raise error(topic)
        # Version 5: is_internal, partitions. Version 12: topic_id, is_internal, partitions, …
        topic_id = rest.pop(0) if answer.API_VERSION == _StateAnswer.API_VERSION else _NO_ID
        return TopicState(
            cluster=answer.cluster_id,
            topic_id=None if topic_id == _NO_ID else str(topic_id),
            partitions=tuple(sorted(partition[1] for partition in rest[1])),
        )
    return None


class _Uuid(AbstractType[UUID]):  # type: ignore[misc]  # aiokafka has no types
    """16 bytes, big-endian."""

    @classmethod
    def encode(cls, value: UUID) -> bytes:
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> UUID:
        return UUID(bytes=data.read(16))


class _StateAnswer(Response):  # type: ignore[misc]
    """Metadata response, version 12."""

    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString("utf-8")),
                ("port", Int32),
                ("rack", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("topic", CompactString("utf-8")),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _StateRequestV12(RequestStruct):  # type: ignore[misc]
    """Metadata request, version 12."""

    FLEXIBLE_VERSION = True
    API_KEY = 3
    API_VERSION = 12
    RESPONSE_TYPE = _StateAnswer
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(("topic_id", _Uuid), ("name", CompactString("utf-8")), ("tags", TaggedFields)),
        ),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _StateRequest(Request[MetadataRequest_v5 | _StateRequestV12]):  # type: ignore[misc]  # aiokafka has no types
    """Asks for one topic, in the newest version that both sides know."""

    API_KEY = 3

    def __init__(self, topic: str) -> None:
        self._topic = topic

    def build(self, request_struct_class: type[RequestStruct]) -> RequestStruct:
        """The request in the version that was negotiated."""
        create = False
        if request_struct_class is _StateRequestV12:
            with_rights = False
            return _StateRequestV12([(_NO_ID, self._topic, {})], create, with_rights, {})
        return MetadataRequest_v5([self._topic], create)
