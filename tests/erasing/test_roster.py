"""Which workers there are, on a real Valkey; and what the ledger hands out."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from streams.contracts.codec import encode
from streams.contracts.examples import example
from streams.contracts.records import ErasureEntry
from streams.erasing.ledger import LedgerView
from streams.erasing.roster import ANNOUNCED_SECONDS, Member, Roster


@pytest.fixture
async def client(valkey: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(valkey) as one:
        yield one


async def test_who_announces_itself_is_there_until_it_leaves_or_is_silent_for_long(
    client: Redis, prefix: str
) -> None:
    roster = Roster(prefix)
    w1, w2 = Member("w1", {0: 3, 1: 0}, 300), Member("w2", {}, 7200.5)
    assert await roster.members(client) == []
    for one in (w2, w1):
        await roster.announce(client, one)
    assert await roster.members(client) == [w1, w2]
    assert await roster.members(client) == [w1, w2]
    assert await Roster(f"{prefix}other").members(client) == []
    value = roster._key("w2")
    assert 7201 < await client.ttl(value) <= 7201 + ANNOUNCED_SECONDS
    await client.expire(value, 7201)
    assert await roster.members(client) == [w1, replace(w2, silent=True)]
    await client.delete(value)
    assert await roster.members(client) == [w1]
    await roster.leave(client, "w1")
    assert await roster.members(client) == []


def test_a_position_acknowledges_what_lies_below_it() -> None:
    member = Member("w1", {0: 3}, 300)
    assert member.acknowledges(0, 2)
    assert not member.acknowledges(0, 3)
    assert not member.acknowledges(1, 0)


def test_the_ledger_hands_each_subject_out_once() -> None:
    entry = example("erasure-ledger")
    assert isinstance(entry, ErasureEntry)
    view = LedgerView()
    assert list(view.apply([encode(entry)], [])) == []
    named = view.take()
    assert entry.subject in named
    assert "another" not in named
    assert not view.take()


def test_an_entry_that_cant_be_read_names_everybody() -> None:
    view = LedgerView()
    assert list(view.apply([b"{}"], [])) == [0]
    named = view.take()
    assert named
    assert "anybody" in named
    assert not view.take()
