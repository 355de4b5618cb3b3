"""The count equation of a topic on a broker, as a `read_committed` reader finds it."""

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiokafka import ConsumerRecord

from streams.contracts.topics import DEAD_LETTERS, EACH_IN_ONE, USER_CHANGES, Topic
from streams.counting.ledger import Balance, Ledger, Place
from streams.counting.reading import Offsets, at_rest, committed_records
from streams.delivery.encoding import CAUSE_HEADER, source_of
from streams.settings import Settings


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of a topic is counted; the default is all of it.

    Attributes:
        since: where to start reading, inputs and outputs alike; partitions that are not named from their beginning.
        sent: which input records count.
        ids: which event ids, or places of records without one, are strange in an output when no counted input has
            them. Where others write to the topic too, or outputs answer several topics, only those of this producer.
    """

    since: Offsets = field(default_factory=dict)
    sent: Callable[[ConsumerRecord], bool] = lambda _: True
    ids: Callable[[str], bool] = lambda _: True


async def count(
    settings: Settings, inputs: Topic[Any], scope: Scope | None = None, *, results: Topic[Any] | None = None
) -> Balance:
    """The count equation of `inputs`. Waits a while for open transactions; what they hold otherwise is not there yet.

    Args:
        settings: with a broker's address.
        inputs: an input topic.
        scope: which part of it.
        results: the topic that has one result for each event.

    Raises:
        NotSetUp: Kafka can't be reached, or a topic is missing.
        NotDelivered: Kafka stops giving records.
    """
    scope = scope or Scope()
    results = results or EACH_IN_ONE[inputs.name]
    origin = ("ce_source", source_of(inputs.name).encode())
    await at_rest(settings, [inputs, results, DEAD_LETTERS])
    ledger = Ledger(settings.wire_topic(inputs.name), scope.ids)
    async with aclosing(committed_records(settings, [inputs], scope.since)) as records:
        async for record in records:
            if scope.sent(record):
                ledger.went_in(place_of(record), event_id_of(record))
    async with aclosing(committed_records(settings, [results, DEAD_LETTERS], scope.since)) as records:
        async for record in records:
            if record.topic == settings.wire_topic(DEAD_LETTERS.name):
                _enter_letter(ledger, record)
            elif results is not USER_CHANGES or origin in record.headers:  # to that one, several agents write
                _enter_result(ledger, record)
    return ledger.balance()


def place_of(record: ConsumerRecord) -> Place:
    """Where a record lies."""
    return Place(record.topic, record.partition, record.offset)


def event_id_of(record: ConsumerRecord) -> str | None:
    """The id that an input record claims, whether or not its contract allows the event.

    A null value has none, so that its place stands for it.
    """
    if record.value is None:
        return str(place_of(record))
    try:
        event_id = orjson.loads(record.value or b"")["id"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    return event_id if isinstance(event_id, str) and event_id else None


def _enter_result(ledger: Ledger, record: ConsumerRecord) -> None:
    try:
        if record.value is None:
            causes = orjson.loads(dict(record.headers)[CAUSE_HEADER])
        else:
            causes = orjson.loads(record.value)["causes"]
        ledger.result(_strings(causes))
    except (ValueError, KeyError, TypeError):
        ledger.unreadable(place_of(record))


def _enter_letter(ledger: Ledger, record: ConsumerRecord) -> None:
    try:
        letter = orjson.loads(record.value or b"")
        origin = Place(*(letter["origin"][part] for part in ("topic", "partition", "offset")))
        ledger.dead_letter(origin, _strings(letter["causes"]), letter["reason"])
    except (ValueError, KeyError, TypeError):
        ledger.unreadable(place_of(record))


def _strings(value: object) -> list[str]:
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return value
    raise TypeError
