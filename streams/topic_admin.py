"""Creates the topics of the table on a broker, and says where the broker's differ from it.

Differences in existing topics are reported, never silently changed: their configuration on request, the
number of partitions never (it would move keys to other partitions), the replication factor never (that is a
reassignment).
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from streams.contracts.topics import TOPICS, Topic
from streams.delivery.producers import client_options
from streams.settings import Settings

PARTITIONS: Final = "partitions"
REPLICATION: Final = "replication factor"
_DYNAMIC_TOPIC_CONFIG: Final = 1  # DescribeConfigs: set on the topic itself, not inherited
_SHOWS_WITHIN: Final = 30.0  # seconds for a change to reach the brokers


class TopicAdminError(Exception):
    """The broker refused, or could not be reached; the message says what to do."""


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic as it should be on the broker."""

    name: str
    partitions: int
    replication_factor: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FoundTopic:
    """A topic as it is on the broker.

    Attributes:
        config: effective values.
        own: those of them that are set on the topic itself.
    """

    name: str
    partitions: int
    replication_factor: int
    config: Mapping[str, str]
    own: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """A property in which a topic on the broker is not as wanted."""

    topic: str
    what: str
    wanted: str
    found: str

    @property
    def is_config(self) -> bool:
        """Whether it lies in the configuration, which can be applied."""
        return self.what not in (PARTITIONS, REPLICATION)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to do, and what stays different."""

    create: list[TopicSpec]
    differences: list[Difference]
    same: list[str]


def wanted_topics(settings: Settings, topics: Iterable[Topic[Any]] = TOPICS.values()) -> list[TopicSpec]:
    """Return the table's topics as these settings want them."""
    kafka = settings.kafka
    return [
        TopicSpec(
            name=settings.wire_topic(topic.name),
            partitions=topic.partition_count(kafka.partitions),
            replication_factor=kafka.replication_factor,
            config=topic.broker_config(kafka.min_insync_replicas),
        )
        for topic in topics
    ]


def plan(existing: Mapping[str, FoundTopic], wanted: Sequence[TopicSpec]) -> Plan:
    """Compare what is with what should be. Topics that no one asked for are left out."""
    create = [spec for spec in wanted if spec.name not in existing]
    differences: list[Difference] = []
    same: list[str] = []
    for spec in wanted:
        if found := existing.get(spec.name):
            theirs = list(_differences(found, spec))
            differences += theirs
            if not theirs:
                same.append(spec.name)
    return Plan(create, differences, same)


def _differences(found: FoundTopic, spec: TopicSpec) -> Iterable[Difference]:
    if found.partitions != spec.partitions:
        yield Difference(spec.name, PARTITIONS, str(spec.partitions), str(found.partitions))
    if found.replication_factor != spec.replication_factor:
        yield Difference(spec.name, REPLICATION, str(spec.replication_factor), str(found.replication_factor))
    for name, value in spec.config.items():
        if (actual := found.config.get(name, "")) != value:
            yield Difference(spec.name, name, value, actual)


class TopicAdmin:
    """Reads and changes topics on one broker; made by `topic_admin`."""

    def __init__(self, client: AIOKafkaAdminClient) -> None:
        self._client = client

    async def found(self, names: Iterable[str]) -> dict[str, FoundTopic]:
        """Return those of ``names`` that exist, as they are."""
        wanted = set(names)
        described = await self._described(wanted)
        configs = await self._configs(described)
        return {
            name: FoundTopic(
                name=name,
                partitions=len(topic["partitions"]),
                replication_factor=min(len(part["replicas"]) for part in topic["partitions"]),
                config={key: value for key, (value, _) in configs[name].items()},
                own={key: value for key, (value, own) in configs[name].items() if own},
            )
            for name, topic in described.items()
        }

    async def create(self, specs: Sequence[TopicSpec]) -> None:
        """Create topics and wait until each has its leaders; one that exists meanwhile is no error."""
        if not specs:
            return
        answer = await self._client.create_topics(
            [
                NewTopic(spec.name, spec.partitions, spec.replication_factor, topic_configs=dict(spec.config))
                for spec in specs
            ]
        )
        for name, code, *message in answer.topic_errors:
            if code not in (0, TopicAlreadyExistsError.errno):
                raise _refusal(name, code, message[0] if message else None)
        await self._appeared({spec.name: spec.partitions for spec in specs})

    async def apply_config(self, found: Mapping[str, FoundTopic], differences: Sequence[Difference]) -> None:
        """Set the differing configuration and wait until it shows; what else is set on the topics stays."""
        changes: dict[str, dict[str, str]] = {}
        for difference in differences:
            if difference.is_config:
                # AlterConfigs replaces a topic's whole own configuration.
                own = changes.setdefault(difference.topic, dict(found[difference.topic].own))
                own[difference.what] = difference.wanted
        if not changes:
            return
        answers = await self._client.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, name, config) for name, config in changes.items()]
        )
        for answer in answers:
            for code, message, _, name in answer.resources:
                if code:
                    raise _refusal(name, code, message)
        await self._applied(changes)

    async def _described(self, names: set[str]) -> dict[str, dict[str, Any]]:
        # All are listed: asking for a missing one by name makes some brokers create it.
        topics = await self._client.describe_topics()
        return {topic["topic"]: topic for topic in topics if topic["topic"] in names and topic["partitions"]}

    async def _configs(self, names: Iterable[str]) -> dict[str, dict[str, tuple[str, bool]]]:
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        if not resources:
            return {}
        configs: dict[str, dict[str, tuple[str, bool]]] = {}
        for answer in await self._client.describe_configs(resources):
            for resource in answer.to_object()["resources"]:
                name = resource["resource_name"]
                if resource["error_code"]:
                    raise _refusal(name, resource["error_code"], resource["error_message"])
                configs[name] = {
                    entry["config_names"]: _setting(entry) for entry in resource["config_entries"]
                }
        return configs

    async def _appeared(self, partitions: Mapping[str, int]) -> None:
        """Wait until every topic is known with all its partitions, each with a leader."""

        async def missing() -> set[str]:
            described = await self._described(set(partitions))
            ready = {
                name
                for name, topic in described.items()
                if len(topic["partitions"]) >= partitions[name]
                and all(part["leader"] >= 0 for part in topic["partitions"])
            }
            return partitions.keys() - ready

        await _until_none(missing, "topics were created, but have no leaders yet")

    async def _applied(self, changes: Mapping[str, Mapping[str, str]]) -> None:
        """Wait until the brokers tell it: it reaches them after the controller's answer."""

        async def missing() -> set[str]:
            found = await self.found(changes)
            return {
                name for name, config in changes.items() if name not in found or found[name].own != config
            }

        await _until_none(missing, "the configuration was accepted, but does not show yet")


async def _until_none(missing: Callable[[], Awaitable[set[str]]], complaint: str) -> None:
    """Wait until nothing is ``missing`` any more.

    Raises:
        TopicAdminError: after `_SHOWS_WITHIN` seconds; its message is ``complaint`` and the names.
    """
    deadline = time.monotonic() + _SHOWS_WITHIN
    while names := await missing():
        if time.monotonic() > deadline:
            raise TopicAdminError(f"{complaint}: {', '.join(sorted(names))}")
        await asyncio.sleep(0.05)


@asynccontextmanager
async def topic_admin(settings: Settings) -> AsyncIterator[TopicAdmin]:
    """Connect to the broker of the settings.

    Raises:
        TopicAdminError: it can't be reached, or refuses.
    """
    client = AIOKafkaAdminClient(**client_options(settings))
    try:
        await client.start()
        yield TopicAdmin(client)
    except (KafkaError, TimeoutError) as error:
        raise TopicAdminError(
            f"no answer from Kafka at {settings.kafka.bootstrap} ({type(error).__name__}): check that it"
            " runs, and the address and security options in the SHOPSTREAM_KAFKA__… settings"
        ) from error
    finally:
        await client.close()


async def create_topics(settings: Settings, *, dry_run: bool = False, apply_config: bool = False) -> Plan:
    """Create what is missing; report, or apply, differences in what is there.

    Returns:
        The plan; its differences are those that remain.
    """
    wanted = wanted_topics(settings)
    async with topic_admin(settings) as admin:
        existing = await admin.found(spec.name for spec in wanted)
        todo = plan(existing, wanted)
        if dry_run:
            return todo
        await admin.create(todo.create)
        if not apply_config:
            return todo
        await admin.apply_config(existing, todo.differences)
        return Plan(todo.create, [entry for entry in todo.differences if not entry.is_config], todo.same)


def ensure_topics(settings: Settings) -> Plan:
    """Create what is missing, from code without an event loop.

    Runs in a thread of its own, so that the caller's event loop policy stays as it is.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="topics") as thread:
        return thread.submit(asyncio.run, create_topics(settings)).result()


def _setting(entry: Mapping[str, Any]) -> tuple[str, bool]:
    """Value of a configuration entry, and whether it is set on the topic itself."""
    source = entry.get("config_source")
    own = source == _DYNAMIC_TOPIC_CONFIG if source is not None else not entry["is_default"]
    return entry["config_value"] or "", own and not entry["is_sensitive"]


def _refusal(name: str, code: int, message: str | None) -> TopicAdminError:
    kind = for_code(code).__name__
    return TopicAdminError(
        f"topic {name}: the broker refused ({kind}): {message or 'no further explanation'}"
    )
