"""Seeded reviews for the demo: varied, some with personal data in them, about one in a hundred malformed."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import orjson

from privacy.plaintext import Plaintext
from streams.client.outbox import headers_of
from streams.contracts.codec import encode_event
from streams.contracts.events import Review
from streams.contracts.reasons import Reason
from streams.demo.customers import Customer, customers
from streams.demo.flaws import FLAWS
from streams.demo.wares import CATEGORIES, CLOSINGS, OPENINGS, TITLES, Mood

MALFORMED_SHARE: Final = 0.01
CONFIDING_SHARE: Final = 0.08
"""Of the reviews whose author gives personal data away."""
MOODS: Final[tuple[Mood, ...]] = ("pleased", "torn", "cross")
MOOD_WEIGHTS: Final = (6, 2, 2)
STARS: Final[dict[Mood, tuple[int, ...]]] = {"pleased": (4, 5, 5), "torn": (3, 3, 4), "cross": (1, 1, 2)}
MOST_CUSTOMERS: Final = 400
SOURCE: Final = "/shopstream/demo"

CONFIDENCES: Final[dict[str, Sequence[str]]] = {
    "email": (
        "If you need photos, write to {value}.",
        "Please answer me at {value}, your form does not work.",
    ),
    "phone": (
        "You can call me on {value} in the evening.",
        "My phone number is {value} if the courier has questions.",
    ),
    "card": (
        "By the way, my card {value} was charged twice!",
        "I paid with {value} and never got a receipt for that card.",
    ),
    "iban": (
        "Please send the refund to {value}.",
        "The money should have gone to my account {value}.",
    ),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A review as it will be sent.

    Attributes:
        key: the record's key.
        value: the record's value.
        headers: the record's headers; they tell which run sent it.
        planted: the personal values in it.
        flaw: why it is malformed; None for a good one.
        event_id: the event's id, also where the value does not show it.
    """

    key: str
    value: bytes
    headers: Sequence[tuple[str, bytes]]
    planted: tuple[str, ...]
    flaw: Reason | None
    event_id: str


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def source_of(run: str) -> str:
    """`ce_source` of what a run sends."""
    return f"{SOURCE}/{run}"


def drafts(
    count: int, *, seed: int, run: str, clock: Callable[[], datetime] = now, share: float = MALFORMED_SHARE
) -> Iterator[Draft]:
    """That many reviews, the same for the same seed but for ids and times.

    Args:
        count: how many; at least one of them is malformed.
        seed: of texts, customers and what is malformed.
        run: distinguishes the ids of this run from all others'.
        clock: event times.
        share: of malformed ones.
    """
    chance = random.Random(seed)  # noqa: S311 - made-up reviews, no secrets
    crowd = customers(min(MOST_CUSTOMERS, max(10, count // 5)), chance)
    bad = sorted(chance.sample(range(count), max(1, round(count * share))))
    flaws = {number: FLAWS[turn % len(FLAWS)] for turn, number in enumerate(bad)}
    source = source_of(run)
    for number in range(count):
        review, planted = _review(f"{run}-{number:06d}", clock(), chance.choice(crowd), chance)
        value = encode_event(review)
        if flaw := flaws.get(number):
            value = flaw.spoil(orjson.loads(value))
            planted = [one for one in planted if one.encode() in value or one == review.user_id]
        yield Draft(
            key=review.user_id,
            value=value,
            headers=[("ce_source", source.encode())] if flaw else headers_of(review, source=source),
            planted=tuple(planted),
            flaw=flaw.reason if flaw else None,
            event_id=review.id,
        )


def _review(
    event_id: str, time: datetime, author: Customer, chance: random.Random
) -> tuple[Review, list[str]]:
    """A good review, and the personal values in it."""
    mood = chance.choices(MOODS, MOOD_WEIGHTS)[0]
    category = chance.choice(list(CATEGORIES))
    product = chance.choice(CATEGORIES[category].products)
    sentences = [
        chance.choice(OPENINGS[mood]),
        *chance.sample(CATEGORIES[category].said[mood], chance.choice((1, 2, 2, 3))),
        chance.choice(CLOSINGS[mood]),
    ]
    said = [sentence.format(product=product) for sentence in sentences if sentence]
    planted = [author.user_id] if author.user_id == author.email else []
    if chance.random() < CONFIDING_SHARE:
        kind = chance.choice(list(CONFIDENCES))
        planted.append(getattr(author, kind))
        confidence = chance.choice(CONFIDENCES[kind]).format(value=planted[-1])
        said.insert(chance.randint(1, len(said)), confidence)
    title = chance.choice(TITLES[mood]) if chance.random() < 0.6 else None  # noqa: PLR2004 - most have a title
    review = Review(
        id=event_id,
        time=time,
        product_id=f"{category}-{CATEGORIES[category].products.index(product) + 1}",
        user_id=author.user_id,
        text=Plaintext(" ".join(said)),
        title=None if title is None else Plaintext(title),
        rating=chance.choice(STARS[mood]),
        language="en",
    )
    return review, planted
