"""A record as it will be sent, and what is known of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from streams.contracts.codec import encode_event
from streams.contracts.events import Event
from streams.contracts.reasons import Reason
from streams.contracts.topics import Topic, topic_of
from streams.demo.shop.queries import Posed
from streams.demo.shop.support import Asked


@dataclass(frozen=True, slots=True)
class Sending:
    """A record as it will be sent.

    Attributes:
        value: None deletes what the key names.
        event_id: the event's id, also where the value does not show it.
        time: event time, for the order.
        event: what the value says; None for a malformed one and for a deletion.
        planted: personal values in key and value that patterns find.
        unprotected: names and addresses in the value, which only a tagger finds.
        flaw: why it is malformed; None for a good one.
        resend: whether it was sent before, byte by byte.
        about: what should come of it, where that is known.
    """

    topic: Topic[Any]
    key: str
    value: bytes | None
    event_id: str
    time: datetime
    event: Event | None = None
    planted: frozenset[str] = frozenset()
    unprotected: frozenset[str] = frozenset()
    flaw: Reason | None = None
    resend: bool = False
    about: Posed | Asked | None = None


def sending(
    event: Event,
    planted: Iterable[str] = (),
    unprotected: Iterable[str] = (),
    about: Posed | Asked | None = None,
) -> Sending:
    """How an event is sent; a key that is an e-mail address counts as planted."""
    topic = topic_of(type(event))
    key = topic.key(event)
    user_id = getattr(event, "user_id", None)
    addresses = {one for one in (key, user_id) if one and "@" in one}
    return Sending(
        topic=topic,
        key=key,
        value=encode_event(event),
        event_id=event.id,
        time=event.time,
        event=event,
        planted=frozenset(planted) | addresses,
        unprotected=frozenset(unprotected),
        about=about,
    )
