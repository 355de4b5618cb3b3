"""Input for the kill test of all services: a small shop's events, the same every time, some of them malformed."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from streams.contracts.topics import (
    CATALOG,
    INTERACTIONS,
    QUERIES,
    RESOLUTIONS,
    REVIEWS,
    SUPPORT_TICKETS,
    Topic,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
PRODUCTS, USERS, SOURCES = 300, 97, 60
WORDS = (
    "warm",
    "dry",
    "light",
    "red",
    "small",
    "boot",
    "coat",
    "lamp",
    "bag",
    "tent",
    "wool",
    "trail",
    "rain",
    "gift",
)
KINDS = ("view", "click", "cart", "purchase", "remove", "dismiss")
MALFORMED_SHARE = 0.01
DELETED_SHARE = 0.05


@dataclass(frozen=True)
class Record:
    """What is sent where; `value` is None for a deletion."""

    topic: Topic[Any]
    key: str
    value: bytes | None


class Shop:
    """Makes events in the order in which they are sent.

    Args:
        events: how many, over all topics.
        seed: of all that is random.
    """

    def __init__(self, events: int, seed: int) -> None:
        self._events = events
        self._chance = random.Random(seed)
        self._made: dict[Topic[Any], Callable[[int], tuple[str, dict[str, Any]]]] = {
            CATALOG: self._product,
            RESOLUTIONS: self._resolution,
            INTERACTIONS: self._interaction,
            REVIEWS: self._review,
            QUERIES: self._query,
            SUPPORT_TICKETS: self._ticket,
        }

    def records(self) -> Iterator[Record]:
        """All events; the catalogue comes early, but changes to the end."""
        topics = list(self._made)
        for number in range(self._events):
            first = number < self._events // 10
            (topic,) = self._chance.choices(
                topics, weights=(8, 2, 6, 2, 2, 1) if first else (1, 1, 8, 4, 3, 2)
            )
            key, fields = self._made[topic](number)
            fields |= {
                "id": f"{topic.name}-{number}",
                "time": (START + timedelta(seconds=number)).isoformat(),
            }
            if topic.deletable and self._chance.random() < DELETED_SHARE:
                yield Record(topic, key, None)
            elif self._chance.random() < MALFORMED_SHARE:
                yield Record(topic, key, self._spoilt(fields))
            else:
                yield Record(topic, key, orjson.dumps(fields))

    def _spoilt(self, fields: dict[str, Any]) -> bytes:
        """Cut off, without a field that is needed, or from the far future."""
        kind = self._chance.randrange(3)
        if kind == 0:
            return orjson.dumps(fields)[:-10]
        if kind == 1:
            return orjson.dumps({key: value for key, value in fields.items() if key != "id"})
        return orjson.dumps(fields | {"time": "3026-01-01T00:00:00Z"})

    def _words(self, count: int) -> str:
        return " ".join(self._chance.choices(WORDS, k=count))

    def _user(self) -> str:
        return f"u{self._chance.randrange(USERS)}"

    def _some_product(self) -> str:
        return f"p{self._chance.randrange(PRODUCTS)}"

    def _product(self, number: int) -> tuple[str, dict[str, Any]]:
        product = self._some_product()
        return product, {
            "product_id": product,
            "title": f"{self._words(3)} {product}",
            "categories": [self._words(1)],
            "price": {"amount": f"{self._chance.randrange(5, 200)}.00", "currency": "EUR"},
            "stock": self._chance.randrange(4),
        }

    def _resolution(self, number: int) -> tuple[str, dict[str, Any]]:
        source = f"s{self._chance.randrange(SOURCES)}"
        return source, {
            "kind": "ticket",
            "source_id": source,
            "question": self._words(6),
            "answer": f"{self._words(4)}. Write to agent{number}@example.org.",
        }

    def _interaction(self, number: int) -> tuple[str, dict[str, Any]]:
        user = self._user()
        return user, {
            "kind": self._chance.choice(KINDS),
            "user_id": user,
            "product_id": self._some_product(),
        }

    def _review(self, number: int) -> tuple[str, dict[str, Any]]:
        user = self._user()
        return user, {
            "user_id": user,
            "product_id": self._some_product(),
            "text": f"{self._words(8)}; mail {user}@example.org",
            "rating": self._chance.randrange(1, 6),
        }

    def _query(self, number: int) -> tuple[str, dict[str, Any]]:
        user = self._user()
        return user, {"user_id": user, "text": self._words(2)}

    def _ticket(self, number: int) -> tuple[str, dict[str, Any]]:
        return f"{SUPPORT_TICKETS.name}-{number}", {"user_id": self._user(), "text": self._words(7)}
