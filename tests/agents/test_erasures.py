"""Erasures: keys destroyed, one ledger entry each, and word to all who have something of the user."""

from types import SimpleNamespace
from typing import Any

import pytest

from models.support.memory import Source
from privacy.errors import ErasedKey
from streams.agents.erasures import forget_users
from streams.contracts.events import Resolution
from streams.contracts.records import ErasureEntry, Tombstone, UserChange
from streams.contracts.topics import ERASURES
from streams.delivery.errors import DependencyUnavailable
from streams.erasing.subjects import ledger_subject
from tests.agents.small_house import (
    NOW,
    SmallHouse,
    causes,
    decide,
    each_in_one,
    event,
    of_type,
    put,
    results_of,
)
from tests.standins.keys import sealed_whole

MIA = "mia@example.com"


@pytest.fixture
def shop(house: SmallHouse) -> Any:
    """A house whose keys can be erased."""
    made: Any = house
    made.keys = SimpleNamespace(keyring=house.guard._sealer._keys, tokeniser=house.guard._tokeniser)
    made.settled = True

    async def memory_settled() -> bool:
        return bool(made.settled)

    made.memory_settled = memory_settled
    return made


def erasure(event_id: str, user: str = MIA, **fields: Any) -> Any:
    return event(ERASURES, event_id, user_id=user, **fields)


async def sealed(shop: Any, user: str) -> Any:
    return await sealed_whole(
        shop.guard, b"secret", topic="reviews", event_id="e", subject=shop.guard.user_token(user)
    )


async def opened(shop: Any, envelope: Any, user: str) -> bytes:
    found: bytes = await shop.guard.open_bytes(
        envelope, topic="reviews", event_id="e", subject=shop.guard.user_token(user)
    )
    return found


async def test_every_erasure_is_in_one_entry_repeated_ones_too(shop: Any) -> None:
    await shop.teach(Source("t1", "ticket", "answer", "?", user=shop.guard.user_token(MIA)))
    records = put(ERASURES, [erasure("e1"), erasure("e2", "u2"), erasure("e3")])
    verdicts = await decide(forget_users, shop, records)
    assert each_in_one(forget_users, records, verdicts)


async def test_what_was_sealed_is_gone_and_what_comes_later_has_a_new_key(shop: Any) -> None:
    mine, others = await sealed(shop, MIA), await sealed(shop, "u2")
    (entry, *_) = await results_of(forget_users, shop, erasure("e1", reference="case-7"))
    assert isinstance(entry, ErasureEntry)
    assert (entry.keys, entry.reference, entry.erased_at, entry.degraded) == ([mine.key], "case-7", NOW, [])
    with pytest.raises(ErasedKey):
        await opened(shop, mine, MIA)
    assert await opened(shop, others, "u2") == b"secret"
    later = await sealed(shop, MIA)
    assert later.key != mine.key
    assert await opened(shop, later, MIA) == b"secret"


async def test_state_is_told_to_forget_under_the_token(shop: Any) -> None:
    (change,) = of_type(UserChange, await results_of(forget_users, shop, erasure("e1")))
    assert (change.kind, change.user, change.causes) == ("forgotten", shop.guard.user_token(MIA), ["e1"])


async def test_the_users_resolutions_are_withdrawn_at_their_origin_and_no_others(shop: Any) -> None:
    token = shop.guard.user_token(MIA)
    await shop.teach(
        Source("t1", "ticket", "answer", "?", user=token),
        Source("t2", "ticket", "answer", "?", user="u2"),
        Source("a1", "article", "text", title="Returns"),
    )
    entry, _, withdrawn = await results_of(forget_users, shop, erasure("e1"))
    assert isinstance(withdrawn, Tombstone)
    assert (withdrawn.of, withdrawn.key, withdrawn.causes, entry.withdrawn) == (Resolution, "t1", ["e1"], 1)
    (verdict,) = await decide(forget_users, shop, put(ERASURES, [erasure("e1")]))
    (null,) = [outgoing for outgoing in verdict.outgoing if outgoing.value is None]
    assert (null.topic, null.key, causes(null)) == ("t-resolutions", b"t1", ["e1"])


async def test_the_ledger_names_nobody(shop: Any) -> None:
    (verdict,) = await decide(forget_users, shop, put(ERASURES, [erasure("e1", "user-42")]))
    (record,) = [outgoing for outgoing in verdict.outgoing if outgoing.topic == "t-erasure-ledger"]
    assert record.key == ledger_subject(shop.keys.tokeniser, "user-42").encode()
    assert b"user-42" not in (record.key or b"") + (record.value or b"")


async def test_memory_that_is_not_whole_is_said(shop: Any) -> None:
    shop.settled = False
    (entry, *_) = await results_of(forget_users, shop, erasure("e1"))
    assert entry.degraded == ["memory"]


async def test_without_the_key_store_the_erasure_waits(shop: Any) -> None:
    async def away(*_: str) -> list[str]:
        raise DependencyUnavailable("keys")

    shop.keys.keyring.erase = away
    with pytest.raises(DependencyUnavailable):
        await results_of(forget_users, shop, erasure("e1"))


async def test_an_erasure_may_be_carried_out_again(shop: Any) -> None:
    """As after a crash before its transaction was committed."""
    key = (await sealed(shop, MIA)).key
    first = await results_of(forget_users, shop, erasure("e1"))
    again = await results_of(forget_users, shop, erasure("e1"))
    assert [one.id for one in first] == [one.id for one in again]
    assert (first[0].keys, again[0].keys) == ([key], [key])
