"""The count equation on a real broker: committed records only, whole topics or one producer's part."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from streams.client.errors import NotSetUp
from streams.contracts.topics import (
    CATALOG,
    CATALOG_VECTORS,
    DEAD_LETTERS,
    INTERACTIONS,
    QUERIES,
    RECOMMENDATIONS,
    REVIEW_INSIGHTS,
    REVIEWS,
    SUPPORT_TICKETS,
    USER_CHANGES,
)
from streams.counting import Scope, at_rest, count, end_offsets, place_of
from streams.settings import KafkaSettings, Settings
from tests.demo.writer import Writer


async def test_empty_topics_hold(settings: Settings) -> None:
    balance = await count(settings, REVIEWS)
    assert balance.holds
    assert balance.inputs == 0


async def test_every_input_is_looked_for_in_results_and_dead_letters(
    settings: Settings, writer: Writer
) -> None:
    async with writer.transaction():
        for number in range(50):
            await writer.review(f"r{number}")
            await writer.insight(f"r{number}")
        bad = await writer.write(REVIEWS, b'{"id": "r99", oops')
        await writer.letter(bad)
        empty = await writer.write(REVIEWS, b"")
        await writer.letter(empty)
    balance = await count(settings, REVIEWS)
    assert balance.holds, balance
    assert (balance.inputs, balance.answered, balance.dead) == (52, 50, {"not_json": 2})


async def test_what_was_aborted_does_not_count(settings: Settings, writer: Writer) -> None:
    async with writer.transaction():
        await writer.review("a")
    with suppress(ZeroDivisionError):
        async with writer.transaction():
            await writer.insight("a")
            raise ZeroDivisionError
    assert (await count(settings, REVIEWS)).lost == ("a",)
    async with writer.transaction():
        await writer.insight("a")
    assert (await count(settings, REVIEWS)).holds


async def test_an_open_transaction_is_waited_for(settings: Settings, writer: Writer) -> None:
    async with writer.transaction():
        await writer.review("a")
    async with writer.transaction():
        await writer.insight("a")
        assert not await at_rest(settings, [REVIEWS, REVIEW_INSIGHTS], within=0.2)
        counting = asyncio.create_task(count(settings, REVIEWS))
        await asyncio.sleep(1)
        assert not counting.done()
    assert (await counting).holds


async def test_a_value_that_is_no_result_is_strange(settings: Settings, writer: Writer) -> None:
    async with writer.transaction():
        place = await writer.write(REVIEW_INSIGHTS, b'{"causes": "a"}')
    balance = await count(settings, REVIEWS)
    assert balance.strange == (f"{place.topic}/{place.partition}/{place.offset}",)


async def test_a_scope_counts_one_producers_part_from_some_moment_on(
    settings: Settings, writer: Writer
) -> None:
    async with writer.transaction():
        await writer.review("mine-0")  # before the moment, never answered
        await writer.review("other-1")
    since = await end_offsets(settings, [REVIEWS, REVIEW_INSIGHTS, DEAD_LETTERS])
    mine = ("ce_source", b"/me")
    async with writer.transaction():
        await writer.insight("other-1")
        await writer.review("mine-1", mine)
        await writer.review("other-2")
        bad = await writer.write(REVIEWS, b"[", mine)
        await writer.letter(bad)
        await writer.insight("mine-1")
    scope = Scope(since, lambda record: mine in record.headers, lambda name: name.startswith("mine-"))
    balance = await count(settings, REVIEWS, scope)
    assert balance.holds, balance
    assert (balance.inputs, balance.answered, balance.dead_letters) == (2, 1, 1)
    async with writer.transaction():
        await writer.insight("mine-0")
    assert (await count(settings, REVIEWS, scope)).strange == ("mine-0",)


async def test_a_deletion_is_answered_by_the_null_value_that_names_its_place(
    settings: Settings, writer: Writer
) -> None:
    async with writer.transaction():
        await writer.write(CATALOG, b'{"id": "item"}', key=b"p1")
        first = await writer.write(CATALOG, None, key=b"p1")
        second = await writer.write(CATALOG, None, key=b"p1")
        unusable = await writer.write(CATALOG, None, key=b"\xff")
        await writer.write(CATALOG_VECTORS, b'{"causes": ["item"]}', key=b"p1")
        await writer.deletion(CATALOG_VECTORS, first)
        await writer.letter(unusable)
    balance = await count(settings, CATALOG)
    assert (balance.inputs, balance.answered, balance.dead_letters) == (4, 2, 1)
    assert balance.lost == (str(place_of(second)),)
    async with writer.transaction():
        await writer.deletion(CATALOG_VECTORS, second)
    assert (await count(settings, CATALOG)).holds
    async with writer.transaction():
        await writer.deletion(CATALOG_VECTORS, second)
    assert (await count(settings, CATALOG)).doubled == (str(place_of(second)),)


async def test_a_null_value_without_causes_is_no_result(settings: Settings, writer: Writer) -> None:
    async with writer.transaction():
        place = await writer.write(CATALOG_VECTORS, None, key=b"p1")
    assert (await count(settings, CATALOG)).strange == (str(place_of(place)),)


async def test_of_changes_only_those_of_the_agent_of_the_topic_answer_it(
    settings: Settings, writer: Writer
) -> None:
    """Reviews, queries, tickets and interactions all write changes, and their ids may be the same."""
    async with writer.transaction():
        await writer.write(INTERACTIONS, b'{"id": "a"}')
        await writer.write(INTERACTIONS, b'{"id": "b"}')
        await writer.change(REVIEWS, "a")
        await writer.change(QUERIES, "b")
        await writer.change(INTERACTIONS, "a")
        await writer.change(SUPPORT_TICKETS, "c")
    balance = await count(settings, INTERACTIONS)
    assert (balance.answered, balance.lost, balance.strange) == (1, ("b",), ())
    async with writer.transaction():
        await writer.change(INTERACTIONS, "b")
    assert (await count(settings, INTERACTIONS)).holds


async def test_changes_of_all_agents_are_inputs_of_recommendations(
    settings: Settings, writer: Writer
) -> None:
    async with writer.transaction():
        await writer.change(REVIEWS, "e0")
        await writer.change(QUERIES, "e1")
        await writer.change(INTERACTIONS, "e2")
        await writer.write(RECOMMENDATIONS, b'{"causes": ["change-e0", "change-e1"]}')
    assert (await count(settings, USER_CHANGES)).lost == ("change-e2",)
    async with writer.transaction():
        await writer.write(RECOMMENDATIONS, b'{"causes": ["change-e2"]}')
    assert (await count(settings, USER_CHANGES)).holds


async def test_a_missing_topic_is_named(kafka: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, kafka=KafkaSettings(bootstrap=kafka, topic_prefix="nowhere-"))
    with pytest.raises(NotSetUp, match="nowhere-reviews"):
        await count(settings, REVIEWS)
