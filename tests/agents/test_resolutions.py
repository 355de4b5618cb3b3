"""Resolutions: masked before they are remembered, found by what they were about, gone when withdrawn."""

from typing import Any

import numpy as np

from streams.agents.resolutions import remember_resolutions
from streams.contracts.events import Resolution
from streams.contracts.records import MemoryEntry, Tombstone
from streams.contracts.topics import RESOLUTIONS
from streams.contracts.vectors import unpack
from streams.delivery.stage import Withdrawal
from tests.agents.small_house import (
    NOW,
    SmallHouse,
    causes,
    decide,
    each_in_one,
    event,
    put,
    results_of,
    written,
)
from tests.standins.encoder import StandInEncoder

ANSWER = "Open the link that we sent to mia@example.com."


def ticket(event_id: str = "e1", source: str = "t1", **fields: Any) -> Resolution:
    given = {"kind": "ticket", "question": "Where is my parcel?", "answer": "Open the link.", **fields}
    one: Resolution = event(RESOLUTIONS, event_id, source_id=source, **given)
    return one


def article(event_id: str = "e2", source: str = "a1", **fields: Any) -> Resolution:
    given = {"kind": "article", "title": "Returns", "answer": "Within 30 days.", **fields}
    one: Resolution = event(RESOLUTIONS, event_id, source_id=source, **given)
    return one


async def remember(house: SmallHouse, *events: Any) -> list[Any]:
    return await results_of(remember_resolutions, house, *events)


async def test_every_resolution_is_in_one_entry_withdrawals_and_repeated_ids_too(house: SmallHouse) -> None:
    records = put(RESOLUTIONS, [ticket(), article(), "t1", ticket(source="t2"), "t9", ticket("e5", "t1")])
    verdicts = await decide(remember_resolutions, house, records)
    assert each_in_one(remember_resolutions, records, verdicts)


async def test_an_entry_says_what_the_resolution_said(house: SmallHouse) -> None:
    given = article(url="https://shop.example/returns", language="en", tags=["returns"], products=["boots"])
    (entry,) = await remember(house, given)
    assert isinstance(entry, MemoryEntry)
    assert (entry.source_id, entry.kind, entry.title, entry.answer) == (
        "a1", "article", "Returns", "Within 30 days.",
    )  # fmt: skip
    assert (entry.url, entry.language, entry.tags, entry.products) == (
        given.url, "en", ["returns"], ["boots"],
    )  # fmt: skip
    assert (entry.question, entry.sealed, entry.causes, entry.time) == (None, {}, ["e2"], NOW)
    assert entry.model == house.retrieval_models


async def test_people_are_masked_in_question_and_answer_and_the_originals_sealed(house: SmallHouse) -> None:
    question = "I am mia@example.com, where is my parcel?"
    results = await remember(house, ticket(question=question, answer=ANSWER, user_id="mia@example.com"))
    (entry,) = results
    assert entry.question == "I am [EMAIL_1], where is my parcel?"
    assert entry.answer == "Open the link that we sent to [EMAIL_1]."
    assert entry.user == house.guard.user_token("mia@example.com")
    assert "mia" not in written(results)
    for name, text in (("question", question), ("answer", ANSWER)):
        opened = await house.guard.open_bytes(
            entry.sealed[name], topic="resolutions", event_id="e1", subject=entry.user, field_name=name
        )
        assert opened.decode() == text


async def test_a_question_is_embedded_as_tickets_are_an_article_as_what_is_searched(
    house: SmallHouse,
) -> None:
    first, second, third = await remember(house, ticket(), article(), ticket("e3", "t3", question="Refund?"))
    assert house.retriever.asked == ["Where is my parcel?", "Refund?"]
    assert house.retriever.told == ["Returns"]
    expected = await StandInEncoder().queries(["Where is my parcel?", "Returns", "Refund?"])
    assert np.allclose([unpack(one.vector) for one in (first, second, third)], expected, atol=1e-3)


async def test_only_masked_text_is_embedded(house: SmallHouse) -> None:
    await remember(house, ticket(question="I am mia@example.com"), article(answer=ANSWER))
    assert not any("mia" in text for text in house.retriever.asked + house.retriever.told)


async def test_a_withdrawal_is_a_null_value_that_names_its_cause(house: SmallHouse) -> None:
    (tombstone,) = await remember(house, Withdrawal("place", "t1", NOW))
    assert isinstance(tombstone, Tombstone)
    assert (tombstone.of, tombstone.key, tombstone.causes) == (MemoryEntry, "t1", ["place"])
    (given,) = put(RESOLUTIONS, ["t1"])
    (verdict,) = await decide(remember_resolutions, house, [given])
    (outgoing,) = verdict.outgoing
    assert (outgoing.topic, outgoing.key, outgoing.value) == ("t-support-memory", b"t1", None)
    assert causes(outgoing) == [f"t-resolutions/{given.partition}/0"]


async def test_entries_leave_in_the_order_of_their_causes(house: SmallHouse) -> None:
    """Of one source, all in one batch: what was withdrawn and came back is there."""
    verdicts = await decide(remember_resolutions, house, put(RESOLUTIONS, [ticket(), "t1", ticket("e9")]))
    written = [outgoing.value is None for verdict in verdicts for outgoing in verdict.outgoing]
    assert written == [False, True, False]
