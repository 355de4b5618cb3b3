"""Finds the sealed originals of an event in the topics of results, and opens them."""

from dataclasses import dataclass
from typing import Any, Final

from aiokafka import ConsumerRecord

from privacy.access import AccessDenied
from privacy.errors import ErasedKey
from privacy.guard import Guard
from streams.access import Deed
from streams.cli.key_store import opened_keys
from streams.cli.originals import RESULTS, Originals, originals_of
from streams.client.connection import joined
from streams.client.errors import ClientError
from streams.client.reader import TopicReader
from streams.client.results import read_result
from streams.contracts.topics import DEAD_LETTERS, Topic, inputs
from streams.settings import Settings

ORIGINS: Final = tuple(topic.name for topic in inputs() if topic.personal)
"""Input topics whose events may have sealed originals."""


class NotRevealed(ClientError):
    """There is nothing to show; the message says whether it was not found, not sealed, or erased."""


@dataclass(frozen=True, slots=True)
class Revealed:
    """Originals by field, and the fields that the caller's role may not see."""

    fields: dict[str, bytes]
    withheld: list[str]


async def revealed(
    settings: Settings, deed: Deed, *, event_id: str, topic: str, field_name: str | None
) -> Revealed:
    """Opens what the caller may see of an event.

    Args:
        settings: of the installation.
        deed: of the caller, already in the audit log.
        event_id: of the event.
        topic: the input topic that it came by.
        field_name: this field only; None for all that the role sees.

    Raises:
        NotRevealed: not found, nothing sealed in it, or erased.
        AccessDenied: what is sealed in it is not for this role.
        OpenError: it is there, and its key is not, or it was altered.
        NotSetUp, PrivacyError: no broker, no key store, no key file.
    """
    settings = await joined(settings)
    async with opened_keys(settings) as keys:
        found = await _find(settings, event_id, topic)
        deed.subject = found.user
        wanted, withheld = _chosen(found, deed, topic, field_name)
        deed.note(opens=",".join(wanted))
        guard = keys.guard()
        opened = {name: await _open(guard, found, name, event_id, topic) for name in wanted}
    return Revealed(opened, withheld)


async def _find(settings: Settings, event_id: str, topic: str) -> Originals:
    """The event's result or dead letter; of several, after a resend, the latest."""
    places: dict[str, Topic[Any]] = {settings.wire_topic(DEAD_LETTERS.name): DEAD_LETTERS}
    if topic in RESULTS:
        places[settings.wire_topic(RESULTS[topic].name)] = RESULTS[topic]
    found: Originals | None = None
    async with TopicReader(settings, [place.name for place in places.values()]) as reader:
        await reader.to_beginning()
        async for records in reader.until_caught_up():
            for record in records:
                found = _sealed_in(settings, places[record.topic], record, event_id, topic) or found
    if found is None:
        raise NotRevealed(
            f"no result and no dead letter of this event of {topic} is there: it was not answered yet, or its result is"
            " older than the topic keeps them; check the id and --topic"
        )
    return found


def _sealed_in(
    settings: Settings, place: Topic[Any], record: ConsumerRecord, event_id: str, topic: str
) -> Originals | None:
    """What is sealed in a record, if it answers the event."""
    result = None if record.value is None else read_result(place, record)
    if result is None or event_id not in result.causes:
        return None
    found = originals_of(settings, place, result)
    return found if found.topic == topic else None


def _chosen(found: Originals, deed: Deed, topic: str, field_name: str | None) -> tuple[list[str], list[str]]:
    """The fields to open, and those that are withheld."""
    asked = [name for name in found.fields if field_name in (None, name)]
    if not asked:
        what = "nothing" if field_name is None else f"no field {field_name}"
        raise NotRevealed(
            f"the event is there, and {what} is sealed in it: either nothing was masked and the result shows it in"
            " full, or the policy drops originals of this topic"
        )
    wanted = [name for name in asked if deed.sees(topic, name)]
    if not wanted:
        raise AccessDenied(f"the role {deed.caller.role.value} may not see what is sealed in this event")
    return wanted, [name for name in asked if name not in wanted]


async def _open(guard: Guard, found: Originals, name: str, event_id: str, topic: str) -> bytes:
    try:
        return await guard.open_bytes(
            found.fields[name], topic=topic, event_id=event_id, subject=found.user, field_name=name
        )
    except ErasedKey as error:
        raise NotRevealed(
            "erased: the person asked to be forgotten, and the key of this original was destroyed; nobody can open it"
        ) from error
