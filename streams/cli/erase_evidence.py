"""What was sealed for a user before, tried before and after the erasure."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from privacy.envelope import SealedEnvelope
from privacy.errors import ErasedKey, OpenError
from privacy.guard import WHOLE_EVENT, Guard
from streams.client.reader import TopicReader
from streams.client.results import read_result
from streams.contracts.results import DeadLetter
from streams.contracts.topics import (
    DEAD_LETTERS,
    QUERIES,
    RESOLUTIONS,
    REVIEW_INSIGHTS,
    REVIEWS,
    SEARCH_RANKINGS,
    SUPPORT_MEMORY,
    SUPPORT_REPLIES,
    SUPPORT_TICKETS,
    Topic,
)
from streams.settings import Settings

MOST: Final = 1_000
"""Sealed values that are tried, the latest."""

ORIGINS: Final[Mapping[str, Topic[Any]]] = {
    REVIEW_INSIGHTS.name: REVIEWS,
    SUPPORT_REPLIES.name: SUPPORT_TICKETS,
    SEARCH_RANKINGS.name: QUERIES,
    SUPPORT_MEMORY.name: RESOLUTIONS,
}
"""Topics of results with sealed fields, and the topic of the events that the fields are of."""

OUTPUTS: Final = (REVIEW_INSIGHTS, SUPPORT_REPLIES, SEARCH_RANKINGS, SUPPORT_MEMORY, DEAD_LETTERS)


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
    topics = {settings.wire_topic(topic.name): topic for topic in OUTPUTS}
    mention = orjson.dumps(token)
    found: deque[SealedValue] = deque(maxlen=MOST)
    read = 0
    async with TopicReader(settings, [topic.name for topic in OUTPUTS]) as reader:
        await reader.to_beginning()
        async for records in reader.until_caught_up():
            for record in records:
                if record.value is not None and mention in record.value:
                    result: Any = read_result(topics[record.topic], record)
                    if result is not None and result.user == token:
                        found.extend(_sealed_in(settings, topics[record.topic], result))
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


def _sealed_in(settings: Settings, topic: Topic[Any], result: Any) -> Iterator[SealedValue]:  # noqa: ANN401 - of the topic
    """The sealed originals of a result."""
    if isinstance(result, DeadLetter):
        if result.sealed is not None:
            origin = result.origin.topic.removeprefix(settings.kafka.topic_prefix)
            yield SealedValue(origin, result.causes[0], WHOLE_EVENT, result.sealed)
        return
    for name, envelope in result.sealed.items():
        yield SealedValue(ORIGINS[topic.name].name, result.causes[0], name, envelope)
