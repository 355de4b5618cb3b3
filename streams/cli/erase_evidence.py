"""What was sealed for a user before, tried before and after the erasure."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from privacy.envelope import SealedEnvelope
from privacy.errors import ErasedKey, OpenError
from privacy.guard import Guard
from streams.cli.originals import ALL, Originals, originals_of
from streams.client.reader import TopicReader
from streams.client.results import read_result
from streams.settings import Settings

MOST: Final = 1_000
"""Sealed values that are tried, the latest."""


@dataclass(frozen=True, slots=True)
class SealedValue:
    """A sealed original and where it belongs."""

    topic: str
    event_id: str
    field: str
    envelope: SealedEnvelope


@dataclass(frozen=True, slots=True)
class Tried:
    """How sealed values of a user opened.

    Attributes:
        opened: those that did.
        erased: how many were refused since their key is destroyed.
        failed: how many were refused for another reason.
    """

    opened: list[SealedValue]
    erased: int = 0
    failed: int = 0


async def sealed_values(settings: Settings, token: str, show: Callable[[int], None]) -> list[SealedValue]:
    """The latest sealed values of a user in the topics of results.

    Args:
        settings: with a broker's address.
        token: the user's.
        show: told how many records are read.

    Raises:
        NotSetUp: Kafka can't be reached, or no topic is there.
        NotDelivered: Kafka stops giving records.
    """
    topics = {settings.wire_topic(topic.name): topic for topic in ALL}
    mention = orjson.dumps(token)
    found: deque[SealedValue] = deque(maxlen=MOST)
    read = 0
    async with TopicReader(settings, [topic.name for topic in ALL]) as reader:
        await reader.to_beginning()
        async for records in reader.until_caught_up():
            for record in records:
                if record.value is not None and mention in record.value:
                    result: Any = read_result(topics[record.topic], record)
                    if result is not None and result.user == token:
                        found.extend(_sealed_in(originals_of(settings, topics[record.topic], result)))
            read += len(records)
            show(read)
    return list(found)


async def tried(guard: Guard, token: str, values: Iterable[SealedValue]) -> Tried:
    """Opens values in memory and keeps nothing of what was in them."""
    opened: list[SealedValue] = []
    erased = failed = 0
    for one in values:
        try:
            await guard.open_bytes(
                one.envelope, topic=one.topic, event_id=one.event_id, subject=token, field_name=one.field
            )
        except ErasedKey:
            erased += 1
        except OpenError:
            failed += 1
        else:
            opened.append(one)
    return Tried(opened, erased, failed)


def _sealed_in(found: Originals) -> Iterator[SealedValue]:
    """One by one; nothing of an event of another installation, whose keys are elsewhere."""
    if found.topic is not None:
        for name, envelope in found.fields.items():
            yield SealedValue(found.topic, found.event_id, name, envelope)
