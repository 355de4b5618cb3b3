"""What goes wrong between a shop and a broker: malformed copies, and records sent again."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

import orjson

from streams.demo.shop.flaws import FLAWS, Flaw
from streams.demo.shop.sending import Sending

EVERY: Final = 100
SPOILED_AT: Final = 7
RESENT_AT: Final = 3
"""Of each topic, one record in a hundred is followed by a spoiled copy, and one is sent again."""
DELAY: Final = 15
"""Records between a record and its resend."""


def with_mishaps(sendings: Iterable[Sending]) -> Iterator[Sending]:
    """The sendings, none left out, with spoiled copies under ids of their own and resends among them."""
    counts: Counter[str] = Counter()
    waiting: deque[tuple[int, Sending]] = deque()
    for number, one in enumerate(sendings):
        while waiting and waiting[0][0] <= number:
            yield waiting.popleft()[1]
        yield one
        name = one.topic.name
        turn, place = divmod(counts[name], EVERY)
        counts[name] += 1
        if place == SPOILED_AT:
            yield spoiled(one, FLAWS[name][turn % len(FLAWS[name])])
        elif place == RESENT_AT:
            waiting.append((number + DELAY, replace(one, resend=True)))
    for _, one in waiting:
        yield one


def spoiled(one: Sending, flaw: Flaw) -> Sending:
    """A malformed copy, under an id of its own.

    Raises:
        ValueError: a deletion can't be spoiled.
    """
    if one.value is None:
        raise ValueError("a deletion can't be spoiled")
    event_id = f"{one.event_id}-bad"
    value = flaw.spoil(orjson.loads(one.value) | {"id": event_id})
    held = one.key.encode() + b"\n" + value
    return replace(
        one,
        value=value,
        event_id=event_id,
        event=None,
        planted=frozenset(secret for secret in one.planted if secret.encode() in held),
        unprotected=frozenset(secret for secret in one.unprotected if secret.encode() in value),
        flaw=flaw.reason,
        about=None,
    )
