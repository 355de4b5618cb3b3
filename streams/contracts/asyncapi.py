"""The AsyncAPI 3.0 document of the house, generated from the topic table.

Seen from Shopstream, as the specification asks: it receives from the input topics and sends to the output
topics. Servers are left to each shop's settings.
"""

from typing import Any, Final

from streams.contracts.events import CONTRACT
from streams.contracts.examples import example, example_document
from streams.contracts.headers import cloud_event_headers, event_type
from streams.contracts.schemas import shared_schemas
from streams.contracts.sealed_example import sealed_review_document
from streams.contracts.topics import REVIEWS, TOPICS, Topic

BINDING: Final = "0.5.0"
_SCHEMAS: Final = "#/components/schemas/"
_ENCODER: Final = {"description": "First digits of the encoder's digest: two vector spaces never mix."}
_PURPOSE: Final = {
    "in": "Shops produce, Shopstream reads.",
    "out": "Shopstream writes, shops read.",
    "internal": "Shopstream writes and reads.",
}


def asyncapi_document(*, prefix: str = "", partitions: int = 4, replicas: int = 1) -> dict[str, Any]:
    """Return the document.

    Args:
        prefix: put before every topic's name, as in the settings.
        partitions: of a topic of width 1, as in the settings.
        replicas: of each partition.
    """
    topics = list(TOPICS.values())
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Shopstream",
            "version": CONTRACT,
            "description": (
                "Search, recommendations, support and review understanding for shops, over Apache Kafka. "
                "Results are written in transactions: read them with isolation.level=read_committed."
            ),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic, prefix, partitions, replicas) for topic in topics},
        "operations": dict(operation for topic in topics for operation in _operations(topic)),
        "components": {
            "schemas": {**shared_schemas(_SCHEMAS + "{model}"), "Headers": _headers_schema()},
            "messages": {topic.model.__name__: _message(topic) for topic in topics},
        },
    }


def _channel(topic: Topic[Any], prefix: str, partitions: int, replicas: int) -> dict[str, Any]:
    name = topic.model.__name__
    address = prefix + topic.name + ("-{encoder}" if topic.per_encoder else "")
    return {
        "address": address,
        **({"parameters": {"encoder": _ENCODER}} if topic.per_encoder else {}),
        "summary": _summary(topic),
        "description": f"{_PURPOSE[topic.direction]} Key: {topic.key_of}."
        + (" A null value deletes what the key names." if topic.deletable else ""),
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {
            "kafka": {
                "topic": address,
                "partitions": topic.partition_count(partitions),
                "replicas": replicas,
                "topicConfiguration": _configuration(topic),
                "bindingVersion": BINDING,
            }
        },
    }


def _configuration(topic: Topic[Any]) -> dict[str, Any]:
    """The part of the broker's configuration that the binding names, typed as it asks."""
    config = topic.broker_config(min_insync_replicas=1)
    numbers = ("retention.ms", "delete.retention.ms", "max.message.bytes")
    return {
        "cleanup.policy": [topic.cleanup],
        **{name: int(config[name]) for name in numbers if name in config},
    }


def _operations(topic: Topic[Any]) -> list[tuple[str, dict[str, Any]]]:
    """Receive what comes in, send what goes out, both for what is internal."""
    actions = {"in": ["receive"], "out": ["send"], "internal": ["send", "receive"]}[topic.direction]
    channel = {"$ref": f"#/channels/{topic.name}"}
    return [
        (f"{action}-{topic.name}", {"action": action, "channel": channel, "summary": _summary(topic)})
        for action in actions
    ]


def _message(topic: Topic[Any]) -> dict[str, Any]:
    name = topic.model.__name__
    return {
        "name": event_type(topic.model),
        "title": name,
        "summary": _summary(topic),
        "contentType": "application/json",
        "headers": {"$ref": _SCHEMAS + "Headers"},
        "payload": {"$ref": _SCHEMAS + name},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": f"UTF-8: {topic.key_of}."},
                "bindingVersion": BINDING,
            }
        },
        "examples": _examples(topic),
    }


def _examples(topic: Topic[Any]) -> list[dict[str, Any]]:
    """One of each topic; of reviews another, whose text its producer has sealed."""
    headers = _example_headers(topic)
    found = [{"name": topic.name, "headers": headers, "payload": example_document(topic.name)}]
    if topic is REVIEWS:
        found.append(
            {"name": f"{topic.name}-sealed", "headers": headers, "payload": sealed_review_document()}
        )
    return found


def _summary(topic: Topic[Any]) -> str:
    """The first sentence of the model's own description."""
    return (topic.model.__doc__ or topic.name).strip().split("\n")[0].split(". ")[0].rstrip(".") + "."


def _headers_schema() -> dict[str, Any]:
    """CloudEvents 1.0 in Kafka's binary mode; results carry all, events may."""
    return {
        "type": "object",
        "description": "CloudEvents 1.0, Kafka's binary mode. Optional on events, always on results.",
        "properties": {
            "ce_specversion": {"type": "string", "const": "1.0"},
            "ce_id": {"type": "string", "minLength": 1},
            "ce_source": {"type": "string", "format": "uri-reference", "minLength": 1},
            "ce_type": {"type": "string", "minLength": 1},
            "ce_time": {"type": "string", "format": "date-time"},
            "content-type": {"type": "string"},
            "traceparent": {
                "type": "string",
                "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}",
                "description": "W3C Trace Context; carried from events to results.",
            },
        },
    }


def _example_headers(topic: Topic[Any]) -> dict[str, str]:
    value = example(topic.name)
    headers = cloud_event_headers(
        event_id=value.id,  # type: ignore[attr-defined] # events and results both have id and time
        source="/shopstream/example",
        kind=event_type(topic.model),
        time=value.time,  # type: ignore[attr-defined]
    )
    return {name: text.decode() for name, text in headers}
