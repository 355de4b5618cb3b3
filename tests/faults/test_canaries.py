"""Every kind of personal data through every field of every topic: none comes out; the tagger is the real one."""

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from privacy.hpke import PublicKey
from streams.client import Shopstream
from streams.contracts.topics import TOPICS
from streams.demo.leaks import LeakSearch
from streams.keys import open_kms
from streams.local import LocalStack
from streams.settings import Settings
from streams.topic_admin import create_topics
from tests.chaos.fleet import Fleet
from tests.chaos.services import MODULE, decided, environment_of, settings_of
from tests.standins.canaries import Canary, all_canaries, in_names, in_texts

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.usefixtures("prepared_models")]

TAGGER = {"STANDIN_TAGGER": "shipped:pii"}


async def test_no_planted_value_leaves_the_input_topics_and_sealed_ones_are_not_even_there(
    own: LocalStack, tmp_path: Path
) -> None:
    settings = settings_of(own, "canary-", tmp_path)
    await create_topics(settings)
    numbers = iter(range(5_000, 9_000))
    sealed = [*in_texts(numbers), *in_names(numbers, 1)]
    plain = all_canaries()
    fleet = Fleet(environment_of(settings, tmp_path) | TAGGER, tmp_path, MODULE)
    try:
        fleet.hire("w1")
        await fleet.joined("w1", within=90)
        key = PublicKey.of(open_kms(settings, create=False).material.intake[-1], settings.privacy.tenant)
        async with Shopstream(settings) as shop, Shopstream(settings, seal_with=key) as sealing:
            for canary in plain:
                await shop.produce(canary.event)
            for canary in sealed:
                await sealing.produce(canary.event)
            await decided(settings)
            await asyncio.sleep(6)  # views apply, snapshots and state settle
    finally:
        await fleet.close()
    records = await everything(settings)
    given = {settings.wire_topic(topic.name) for topic in TOPICS.values() if topic.direction == "in"}

    # The search finds what is there: each plain value in its own input topic.
    arrived = search(plain, (part for name in given for part in records[name]))
    assert arrived == {canary.value for canary in plain}
    # What the producer sealed is not in the input topics either.
    assert not named(sealed, search(sealed, (part for name in given for part in records[name])))

    for name in records.keys() - given:
        leaked = search([*plain, *sealed], records[name])
        assert not named([*plain, *sealed], leaked), name
    for file in files_of([own.data_dir, tmp_path], given):
        leaked = search([*plain, *sealed], [file.read_bytes()])
        assert not named([*plain, *sealed], leaked), file
    # Nothing of it was lost: each event is named in a result or a dead letter, if its own id could be.
    answered = b"".join(part for name in records.keys() - given for part in records[name])
    nameable = [one for one in [*plain, *sealed] if one.event.id != one.value]
    assert not [one.place for one in nameable if one.event.id.encode() not in answered]


def search(canaries: Iterable[Canary], parts: Iterable[bytes]) -> set[str]:
    """The planted values that are found in some bytes."""
    found = LeakSearch([canary.value for canary in canaries])
    for part in parts:
        found.look(part)
    return found.found


def named(canaries: Iterable[Canary], values: set[str]) -> list[str]:
    """Where the leaked values had been planted."""
    return sorted(canary.place for canary in canaries if canary.value in values)


async def everything(settings: Settings) -> dict[str, list[bytes]]:
    """Keys, values and headers of every record of every topic, aborted ones too."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka.bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        names = await consumer.topics()
        counts = {
            settings.wire_topic(one.name): one.partition_count(settings.kafka.partitions)
            for one in TOPICS.values()
        }
        assert names == counts.keys(), "a topic that this does not search"
        partitions = [
            TopicPartition(name, number) for name, count in counts.items() for number in range(count)
        ]
        consumer.assign(partitions)
        records: dict[str, list[bytes]] = {name: [] for name in names}
        ends = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        while any([await consumer.position(tp) < end for tp, end in ends.items()]):
            for tp, found in (await consumer.getmany(timeout_ms=500)).items():
                for record in found:
                    records[tp.topic] += [part for part in (record.key, record.value) if part]
                    records[tp.topic] += [value for _, value in record.headers if value]
        return records
    finally:
        await consumer.stop()


def files_of(folders: Iterable[Path], given: set[str]) -> Iterator[Path]:
    """All files but the input topics' own: Kafka's internal topics and logs, both Redis', data folder, worker logs."""
    for file in sorted(file for folder in folders for file in folder.rglob("*")):
        topic = file.parent.name.rpartition("-")[0]
        if file.is_file() and not file.is_symlink() and topic not in given:
            yield file
