"""Made-up personal data, each value in one place only: one of every kind for every field that may hold any."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from privacy.plaintext import Plaintext
from streams.contracts.events import Event, Interaction, Query, Resolution, Review, SupportTicket
from streams.contracts.topics import topic_of

NOW = datetime.now(UTC)


def luhn_completed(digits: str) -> str:
    """The digits and their check digit (ISO/IEC 7812-1)."""
    doubled = [int(one) * (2 if place % 2 == 0 else 1) for place, one in enumerate(reversed(digits))]
    return digits + str(-sum(one - 9 if one > 9 else one for one in doubled) % 10)


def iban_of(account: str) -> str:
    """A German IBAN (ISO 13616) of an account of 18 digits."""
    return f"DE{98 - int(account + '131400') % 97:02}{account}"


def bank_of(number: int) -> str:
    """Four letters, as the bank's code in a BIC (ISO 9362)."""
    return "".join(chr(ord("A") + number // 26**place % 26) for place in range(4))


def key_like(number: int) -> str:
    """16 characters as AWS writes them."""
    return "".join(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[one % 32] for one in hashlib.sha256(b"%d" % number).digest()[:16]
    )


KINDS: dict[str, tuple[str, Callable[[int], str]]] = {
    "EMAIL": ("write to {}", lambda n: f"ada.berg{n}@canary-mail.example"),
    "PHONE": ("call me at {}", lambda n: f"+44 7911 {100_000 + n}"),
    "CARD": ("my card is {}", lambda n: luhn_completed(f"4000{n:011}")),
    "IBAN": ("refund to {}", lambda n: iban_of(f"37040044{n:010}")),
    "BIC": ("the bank's BIC is {}", lambda n: f"{bank_of(n)}DEFF"),
    "NATIONAL_ID": (
        "my social security number is {}",
        lambda n: f"219-{10 + n // 1000:02}-{1000 + n % 1000}",
    ),
    "IP": ("I came from {}", lambda n: f"198.51.{100 + n // 250}.{n % 250 + 1}"),
    "MAC": ("the device is {}", lambda n: f"00:1b:44:11:{n // 256:02x}:{n % 256:02x}"),
    "URL_CREDENTIALS": ("see https://shop:{}@intern.example/a", lambda n: f"hunter2x{n}"),
    "SECRET": ("the key is {}", lambda n: f"AKIA{key_like(n)}"),
    "BIRTH_DATE": ("I was born on {}", lambda n: f"{n % 28 + 1:02}.{n // 28 % 12 + 1:02}.{1950 + n // 336}"),
}
"""By kind a sentence with a place for the value, and values that differ by number."""


PEOPLE = (
    "Anna Brackenbury",
    "Peter Hollander",
    "Margaret Thistlewood",
    "Samuel Ottershaw",
    "Helen Whitfield",
    "Thomas Wakefield",
    "Laura Pemberton",
    "Daniel Fairweather",
    "Julia Ravenscroft",
    "Martin Heatherington",
    "Emily Winterbourne",
    "Robert Applegarth",
    "Susan Kilbride",
    "George Lattimore",
)
STREETS = (
    "Thornbury Road",
    "Hazelmere Avenue",
    "Whitcombe Lane",
    "Pennington Close",
    "Marlowe Street",
    "Ashdown Road",
    "Barnstaple Avenue",
    "Cranford Street",
    "Dunmore Road",
    "Ellesmere Street",
    "Fernhill Lane",
    "Glenwood Road",
    "Harcourt Street",
    "Kingsbury Avenue",
)
"""Whom and what only the tagger finds; each has one telling word, the last of a name and the first of a street."""


@dataclass(frozen=True)
class Canary:
    """An event that carries one planted value.

    Attributes:
        place: topic, field and kind, to be shown when it leaks.
        value: the planted one.
        event: a valid event, but for the value.
    """

    place: str
    value: str
    event: Event


def said(text: str) -> Plaintext:
    """A person's words."""
    return Plaintext(text)


WHERE, PARCEL = said("where is it?"), said("parcel")
BASE: dict[type[Event], dict[str, Any]] = {
    Review: {"product_id": "p-1", "user_id": "u-1", "text": said("nice"), "title": said("ok")},
    Query: {"text": said("boots"), "user_id": "u-1", "session_id": "s-1"},
    Interaction: {
        "kind": "view",
        "user_id": "u-1",
        "product_id": "p-1",
        "query_id": "q-1",
        "session_id": "s-1",
        "order_id": "o-1",
    },
    SupportTicket: {
        "text": WHERE,
        "subject": PARCEL,
        "user_id": "u-1",
        "order_id": "o-1",
        "product_id": "p-1",
    },
    Resolution: {
        "kind": "ticket",
        "question": WHERE,
        "title": PARCEL,
        "answer": said("it is on its way"),
        "user_id": "u-1",
    },
}
"""A harmless event of each kind that people write or cause."""


def in_texts(numbers: Iterator[int]) -> Iterator[Canary]:
    """Every kind in every field that holds people's words."""
    for model in BASE:
        for name, field in model.model_fields.items():
            if "Plaintext" not in str(field.annotation):
                continue
            for kind, (sentence, value_of) in KINDS.items():
                value = value_of(next(numbers))
                yield canary(model, numbers, name, kind, value, Plaintext(sentence.format(value)))


def in_names(numbers: Iterator[int], part: int) -> Iterator[Canary]:
    """A name and a street address in every field that holds people's words, but in queries, where names stay.

    Args:
        numbers: of events.
        part: 0 or 1: the first half of the names, or the second.
    """
    fields = [
        (model, name)
        for model in BASE
        for name, field in model.model_fields.items()
        if model is not Query and "Plaintext" in str(field.annotation)
    ]
    start = part * len(fields)
    for (model, name), person, street in zip(fields, PEOPLE[start:], STREETS[start:], strict=False):
        asked = Plaintext(f"Please ask for {person} when you call.")
        yield canary(model, numbers, name, "PERSON", person.split()[-1], asked)
        sent = Plaintext(f"Please send it to {12 + next(numbers)} {street}, Leeds.")
        yield canary(model, numbers, name, "ADDRESS", street.split()[0], sent)


def in_user_ids(numbers: Iterator[int]) -> Iterator[Canary]:
    """Every kind as a user's id, which is replaced by a token."""
    for model in BASE:
        for kind, (_, value_of) in KINDS.items():
            if kind in AS_USER_ID:
                value = value_of(next(numbers))
                yield canary(model, numbers, "user_id", kind, value, value)


AS_USER_ID = frozenset({"EMAIL", "PHONE", "CARD", "IBAN", "IP", "MAC", "SECRET"})
"""Kinds that people are known by elsewhere, and that say without words around them what they are."""


def in_other_ids(numbers: Iterator[int]) -> Iterator[Canary]:
    """Addresses where ids belong: of events, sessions, orders, products, sources."""
    for model in BASE:
        for name in model.model_fields:
            if name != "user_id" and (name == "id" or name.endswith("_id")):
                value = KINDS["EMAIL"][1](next(numbers))
                yield canary(model, numbers, name, "EMAIL", value, value)


def canary(
    model: type[Event], numbers: Iterator[int], name: str, kind: str, value: str, content: Any
) -> Canary:
    """One event with a value in a field."""
    event = plain_event(model, numbers, **{name: content})
    return Canary(f"{topic_of(type(event)).name}.{name}: {kind}", value, event)


def plain_event(model: type[Event], numbers: Iterator[int], **fields: Any) -> Event:
    """A valid event with an id of its own, and a source of its own."""
    number = next(numbers)
    filled = {"id": f"canary-event-{number}", "time": NOW, **BASE[model], **fields}
    if model is Resolution:
        filled = {"source_id": f"s-{number}", **filled}
    return model(**filled)


def all_canaries() -> list[Canary]:
    """All of them."""
    numbers = count(1)
    return [*in_texts(numbers), *in_names(numbers, 0), *in_user_ids(numbers), *in_other_ids(numbers)]
