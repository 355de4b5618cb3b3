"""Who may do what on a broker with authorization: the access-control list that the topic table implies.

Source: Apache Kafka documentation, section Security, "Operations and Resources on Protocols".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from shlex import quote
from typing import Any, Final, Literal

from streams.contracts.topics import (
    ERASURE_LEDGER,
    MODEL_RELEASES,
    RESOLUTIONS,
    SUPPORT_MEMORY,
    TOPICS,
    Topic,
)

Resource = Literal["topic", "group", "transactional-id", "cluster"]


@dataclass(frozen=True, slots=True)
class Principals:
    """The five parties; names as the broker knows them, e.g. ``User:shopstream-worker``."""

    worker: str
    producer: str
    consumer: str
    admin: str
    operator: str


DEFAULT_PRINCIPALS: Final = Principals(
    worker="User:shopstream-worker",
    producer="User:shop-producer",
    consumer="User:shop-consumer",
    admin="User:shopstream-admin",
    operator="User:shopstream-operator",
)


@dataclass(frozen=True, slots=True)
class Acl:
    """One permission."""

    principal: str
    operation: str
    resource: Resource
    name: str
    prefixed: bool = False

    def command(self, bootstrap: str) -> str:
        """Return the ``kafka-acls.sh`` command that grants it."""
        place = "--cluster" if self.resource == "cluster" else f"--{self.resource} {quote(self.name)}"
        pattern = " --resource-pattern-type prefixed" if self.prefixed else ""
        return (
            f"kafka-acls.sh --bootstrap-server {quote(bootstrap)} --add"
            f" --allow-principal {quote(self.principal)} --operation {self.operation} {place}{pattern}"
        )


_CLUSTER: Final = "kafka-cluster"


def acls(
    *, prefix: str, group: str, consumer_groups: str, principals: Principals = DEFAULT_PRINCIPALS
) -> list[Acl]:
    """Return all permissions that Shopstream and its shops need.

    Args:
        prefix: of topic names, as in the settings.
        group: the workers' consumer group, with which their transactional ids begin.
        consumer_groups: with what the names of the shops' own consumer groups begin.
        principals: who the parties are.
    """
    return [
        *_worker(principals.worker, prefix, group),
        *_producer(principals.producer, prefix),
        *_consumer(principals.consumer, prefix, consumer_groups),
        *_admin(principals.admin, prefix),
        *_operator(principals.operator, prefix, group),
    ]


def _worker(principal: str, prefix: str, group: str) -> Iterator[Acl]:
    """Reads inputs, writes the rest in transactions, and reads what it keeps for itself.

    Of the inputs it writes one: it withdraws resolutions of users who are erased. It releases no models.
    """
    yield from _on_topics(principal, "Read", prefix, _directed("in", "internal"))
    written = [topic for topic in _directed("out", "internal") if topic is not MODEL_RELEASES]
    yield from _on_topics(principal, "Write", prefix, [RESOLUTIONS, *written])
    yield Acl(principal, "Read", "group", group)
    for operation in ("Describe", "Write"):
        yield Acl(principal, operation, "transactional-id", group + "-", prefixed=True)
    yield Acl(principal, "IdempotentWrite", "cluster", _CLUSTER)


def _producer(principal: str, prefix: str) -> Iterator[Acl]:
    yield from _on_topics(principal, "Write", prefix, _directed("in"))
    yield Acl(principal, "IdempotentWrite", "cluster", _CLUSTER)


def _consumer(principal: str, prefix: str, groups: str) -> Iterator[Acl]:
    yield from _on_topics(principal, "Read", prefix, _directed("out"))
    yield Acl(principal, "Read", "group", groups, prefixed=True)


def _admin(principal: str, prefix: str) -> Iterator[Acl]:
    """Runs ``shopstream topics create``."""
    for operation in ("Create", "Describe", "DescribeConfigs", "AlterConfigs"):
        yield from _on_topics(principal, operation, prefix, TOPICS.values())


def _operator(principal: str, prefix: str, group: str) -> Iterator[Acl]:
    """Runs ``shopstream redrive``, ``shopstream erase`` and ``shopstream models release``.

    Reads dead letters and what went back before, and writes inputs; reads the erasure ledger, the results in which
    sealed originals are tried, and how far the workers are.
    """
    readable: list[Topic[Any]] = [ERASURE_LEDGER, MODEL_RELEASES, SUPPORT_MEMORY, *_directed("in", "out")]
    yield from _on_topics(principal, "Read", prefix, readable)
    yield Acl(principal, "Describe", "group", group)
    yield from _on_topics(principal, "Write", prefix, [MODEL_RELEASES, *_directed("in")])
    for operation in ("Describe", "Write"):
        yield Acl(principal, operation, "transactional-id", f"{group}-redrive")
    yield Acl(principal, "IdempotentWrite", "cluster", _CLUSTER)


def _directed(*directions: str) -> list[Topic[Any]]:
    return [topic for topic in TOPICS.values() if topic.direction in directions]


def _on_topics(principal: str, operation: str, prefix: str, topics: Iterable[Topic[Any]]) -> Iterator[Acl]:
    for topic in topics:
        name = f"{prefix}{topic.name}-" if topic.per_encoder else prefix + topic.name
        yield Acl(principal, operation, "topic", name, prefixed=topic.per_encoder)
