"""Changes as the scripts take them, and what is known of a user as they answer it.

Numbers are integers: event time in microseconds since 1970 (exact in a double until the year 2255), sentiment in
thousandths. So sums don't depend on the order in which they were made.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final, Literal, get_args

import orjson

from models.recommend.history import Action, ActionKind, History
from streams.contracts.records import UserChange
from streams.delivery.stage import Placed
from streams.state.review_sums import day_of, review_sums

LONGEST_TEXT: Final = 200
"""Characters of a search or ticket that are kept."""

HALF_LIFE: Final = timedelta(days=14)
"""In which a product's popularity halves when nothing happens."""
BUCKETS_PER_HALF_LIFE: Final = 7
"""Event time counts in buckets of two days: within one, popularity may be off by 10 % (2^(1/7))."""
BUCKETS: Final = 15 * BUCKETS_PER_HALF_LIFE
"""That are kept of a product; older events count in the oldest, at most 1/32,768 of a new one each."""

WEIGHTS: Final[Mapping[str, int]] = MappingProxyType(
    {"viewed": 1, "clicked": 2, "carted": 4, "bought": 8, "reviewed": 2}
)
"""What an action adds to a product's popularity: by convention twice as much for each step towards a purchase. A review
tells of a purchase that was counted; what it says goes into opinion."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_BUCKET: Final = HALF_LIFE // BUCKETS_PER_HALF_LIFE
_ACTIONS: Final = frozenset(get_args(ActionKind))

Argument = str | bytes | int


@dataclass(frozen=True, slots=True)
class Words:
    """What a user searched for, or asked the support.

    Attributes:
        kind: a query or a ticket.
        text: masked, and cut to `LONGEST_TEXT` characters.
        at: event time, Unix seconds.
    """

    kind: Literal["searched", "asked"]
    text: str = field(repr=False)
    at: float


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is kept of a user.

    Attributes:
        history: what they did with products.
        words: what they searched for and asked, oldest first.
    """

    history: History = field(default_factory=History)
    words: Sequence[Words] = ()


def user_arguments(placed: Iterable[Placed[UserChange]]) -> list[Argument]:
    """One partition's changes of one user, as `users.lua` takes them."""
    arguments: list[Argument] = []
    for one in placed:
        change = one.event
        bought = change.product_id if change.kind == "bought" and change.product_id else ""
        action = b"" if change.kind == "forgotten" else _action(change)
        arguments += (one.offset, (change.time - _EPOCH) // _MICROSECOND, action, bought)
    return arguments


def product_arguments(product_id: str, placed: Sequence[Placed[UserChange]], topic: str) -> list[Argument]:
    """Changes of one product, by partition in the order of offsets, as `products.lua` takes them.

    They are sums over all users and name none, so an erased user's part stays in them.
    """
    changes = []
    for one in placed:
        change = one.event
        sentiment = change.sentiment and change.sentiment.probabilities
        changes.append(
            (
                f"{topic}/{one.partition}",
                one.offset,
                change.kind,
                (change.time - _EPOCH) // _BUCKET,
                WEIGHTS.get(change.kind, 0),
                round((sentiment.positive - sentiment.negative) * 1000) if sentiment else None,
                day_of(change.time),
                review_sums(change),
            )
        )
    return [product_id, orjson.dumps(changes)]


def picture(actions: bytes, bought: bytes) -> Picture:
    """What is known of a user, as `users.lua` answers it."""
    done: list[Action] = []
    words: list[Words] = []
    flat = orjson.loads(actions)
    for (_, kind, product_id, opinion, text), score in zip(flat[::2], flat[1::2], strict=True):
        at = score / 1e6
        if text is not None:
            words.append(Words(kind, text, at))
        elif product_id is not None and kind in _ACTIONS:
            done.append(Action(product_id, kind, at, opinion))
    flat = orjson.loads(bought)
    purchases = {
        product_id: float(score) / 1e6 for product_id, score in zip(flat[::2], flat[1::2], strict=True)
    }
    return Picture(History(done, purchases), words)


def _action(change: UserChange) -> bytes:
    """A change as a member of the user's actions: equal for equal changes, so that none is there twice."""
    text = change.text and change.text[:LONGEST_TEXT] if change.kind in ("searched", "asked") else None
    return orjson.dumps([change.id, change.kind, change.product_id, _opinion(change), text])


def _opinion(change: UserChange) -> float | None:
    """From -1 to 1: of the text where it was read, else of the stars."""
    if change.sentiment:
        probabilities = change.sentiment.probabilities
        return round(probabilities.positive - probabilities.negative, 3)
    return (change.rating - 3) / 2 if change.rating else None
