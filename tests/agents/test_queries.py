"""Queries: masked before anything else sees them, answered in time or not at all, and never waiting for Redis."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from models.recommend.history import Action, History
from streams.agents.queries import answer_queries
from streams.contracts.events import Query
from streams.contracts.records import UserChange
from streams.contracts.results import SearchRanking
from streams.contracts.topics import QUERIES
from streams.health import Health
from streams.settings import RedisSettings, Settings
from streams.state.connection import Cache
from streams.state.users import UserState
from tests.agents.small_house import (
    NOW,
    SmallHouse,
    decide,
    each_in_one,
    event,
    item,
    of_type,
    put,
    results_of,
    written,
)

CARD = "4111111111111111"
PRODUCTS = (
    item("boots", "Hiking boots", brand="Alpina", categories=["Outdoor > Boots"],
         price={"amount": "129.90", "currency": "EUR"}, stock=3),
    item("cheap", "Hiking boots for children", brand="Alpina", categories=["Outdoor > Boots"],
         price={"amount": "39.90", "currency": "EUR"}, stock=0),
    item("poles", "Hiking poles", brand="Carbo", categories=["Outdoor > Poles"], attributes={"colour": ["red"]}),
    item("kettle", "Electric kettle", categories=["Kitchen"]),
)  # fmt: skip


@pytest.fixture
async def shop(house: SmallHouse) -> SmallHouse:
    await house.stock(*PRODUCTS)
    return house


def query(text: str, event_id: str = "q1", **fields: Any) -> Query:
    one: Query = event(QUERIES, event_id, text=text, **fields)
    return one


async def answer(house: SmallHouse, *queries: Query) -> list[Any]:
    return await results_of(answer_queries, house, *queries)


async def ranked(house: SmallHouse, text: str, **fields: Any) -> SearchRanking:
    (ranking,) = of_type(SearchRanking, await answer(house, query(text, **fields)))
    assert isinstance(ranking, SearchRanking)
    return ranking


def ids(ranking: SearchRanking) -> list[str]:
    return [one.product_id for one in ranking.items]


async def test_every_query_is_in_one_ranking_whether_or_not_its_time_ran_out(shop: SmallHouse) -> None:
    late = NOW - timedelta(seconds=1)
    queries = [
        query("boots", "a", user_id="u1"),
        query("boots", "b", expires_at=late, user_id="u2"),
        query("kettle", "c"),
        query("poles", "a", user_id="u2"),
        query("poles", "b", user_id="u5"),
    ]
    records = put(QUERIES, queries)
    verdicts = await decide(answer_queries, shop, records)
    assert each_in_one(answer_queries, records, verdicts)


async def test_personal_data_in_a_query_is_in_no_result(shop: SmallHouse) -> None:
    results = await answer(shop, query("boots for mia.klein@example.com", user_id="mia.klein@example.com"))
    ranking, searched = results
    assert ranking.query == searched.text == "boots for [EMAIL_1]"
    assert (ranking.masked, ranking.sealed) == ({"EMAIL": 1}, {})
    assert ranking.user == searched.user
    assert str(ranking.user).startswith("tok_")
    assert "mia" not in written(results)
    assert set(ids(ranking)[:2]) == {"boots", "cheap"}
    assert shop.retriever.asked == ["boots for [EMAIL_1]"]


async def test_an_article_number_that_looks_like_a_card_is_masked_only_until_it_is_one(
    shop: SmallHouse,
) -> None:
    before = await ranked(shop, CARD)
    assert before.query == "[CARD_1]"
    await shop.stock(item("tent", "Tent", sku=CARD))
    after = await ranked(shop, f"{CARD} tent")
    assert (after.query, after.masked) == (f"{CARD} tent", {})
    assert ids(after)[0] == "tent"


async def test_a_gtin_stays_too(shop: SmallHouse) -> None:
    gtin = "0099251853671"
    assert (await ranked(shop, f"phone case {gtin}")).query == "phone case [PHONE_1]"
    await shop.stock(item("case", "Phone case", gtin=gtin))
    assert (await ranked(shop, f"phone case {gtin}")).query == f"phone case {gtin}"


async def test_a_query_whose_time_ran_out_costs_no_search(shop: SmallHouse) -> None:
    ranking = await ranked(shop, "boots", expires_at=NOW - timedelta(milliseconds=1))
    assert (ranking.status, ranking.items, ranking.found) == ("expired", [], None)
    assert shop.retriever.asked == []
    assert shop.searcher.cache_misses == 0
    assert (await ranked(shop, "boots", expires_at=NOW)).status == "ranked"


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, {"boots", "cheap", "poles"}),
        ({"categories": ["Outdoor > Boots"]}, {"boots", "cheap"}),
        ({"brands": ["carbo"]}, {"poles"}),
        ({"attributes": {"colour": ["red"]}}, {"poles"}),
        ({"in_stock": True}, {"boots", "poles", "kettle"}),
        ({"price_max": "100"}, {"cheap"}),
        ({"price_min": "100", "currency": "USD"}, set()),
    ],
)
async def test_filters_hold(shop: SmallHouse, filters: dict[str, Any], expected: set[str]) -> None:
    ranking = await ranked(shop, "hiking", filters=filters, limit=3)
    assert set(ids(ranking)) == expected


async def test_the_limit_holds_and_found_tells_of_more(shop: SmallHouse) -> None:
    ranking = await ranked(shop, "hiking", limit=1)
    assert (len(ranking.items), ranking.found) == (1, len(PRODUCTS))


async def test_parts_add_up_and_reasons_and_titles_are_the_products_own(shop: SmallHouse) -> None:
    shop.users.known["u1"] = History([Action("poles", "bought", NOW.timestamp() - 60)], {})
    ranking = await ranked(shop, "hiking boots", user_id="u1")
    for one in ranking.items:
        assert one.score == pytest.approx(sum(one.parts.values()), abs=1e-5)
        assert one.parts.keys() >= {"lexical", "vector", "personal"}
    assert [one.score for one in ranking.items] == sorted((one.score for one in ranking.items), reverse=True)
    best = ranking.items[0]
    assert (best.product_id, best.title) == ("boots", "Hiking boots")
    assert (best.reasons[0].kind, best.reasons[0].note) == ("text_match", "in the title: hiking, boots")
    (poles,) = [one for one in ranking.items if one.product_id == "poles"]
    assert ("personal", ["poles"]) in [(why.kind, why.products) for why in poles.reasons]


async def test_a_user_who_is_not_known_gets_what_everybody_gets(shop: SmallHouse) -> None:
    stranger = await ranked(shop, "hiking boots", user_id="stranger")
    assert stranger.degraded == []
    assert stranger.items == (await ranked(shop, "hiking boots")).items


async def test_without_redis_a_user_is_answered_without_history(shop: SmallHouse) -> None:
    settings = Settings(redis=RedisSettings(url=SecretStr("redis://127.0.0.1:1"), timeout=0.5))
    cache = Cache.open(settings.redis, Health())
    shop.users = UserState(cache, settings, Health())
    known = await ranked(shop, "hiking boots", user_id="u1")
    assert (known.degraded, ids(known)[0]) == (["history"], "boots")
    assert (await ranked(shop, "hiking boots")).degraded == []
    await cache.close()


async def test_a_query_that_the_models_are_too_busy_for_is_answered_by_words(shop: SmallHouse) -> None:
    whole = await ranked(shop, "boots")
    shop.retriever.busy = True
    by_words = await ranked(shop, "hiking boots")
    assert (by_words.degraded, ids(by_words)) == (["meaning"], ["boots", "cheap", "poles"])
    assert {one.parts["vector"] for one in by_words.items} == {0.0}
    remembered = await ranked(shop, "boots")
    assert remembered.items == whole.items
    shop.retriever.busy = False
    assert (await ranked(shop, "hiking boots")).degraded == []


async def test_what_the_index_lacks_is_said(shop: SmallHouse) -> None:
    shop.catalogue_coverage.complete = False
    ranking = await ranked(shop, "boots")
    assert ranking.degraded == ["catalogue"]
    assert ranking.coverage == shop.catalogue_coverage.coverage()
    assert ranking.model == shop.retrieval_models


async def test_only_a_users_query_is_a_change_of_a_user(shop: SmallHouse) -> None:
    results = await answer(shop, query("boots", "q1"), query("poles", "q2", user_id="u1"))
    (searched,) = of_type(UserChange, results)
    assert (searched.user, searched.kind, searched.text) == ("u1", "searched", "poles")
    assert (searched.causes, searched.query_id, searched.time) == (["q2"], "q2", NOW)


async def test_an_empty_shop_answers_with_nothing(house: SmallHouse) -> None:
    ranking = await ranked(house, "boots", user_id="u1")
    assert (ranking.status, ranking.items, ranking.found, ranking.degraded) == ("ranked", [], 0, [])


async def test_a_query_that_repeats_a_very_long_title_is_answered(house: SmallHouse) -> None:
    title = " ".join(f"waterproof{number:05}" for number in range(31))
    await house.stock(item("long", title))
    records = put(QUERIES, [query(title)])
    verdicts = await decide(answer_queries, house, records)
    assert each_in_one(answer_queries, records, verdicts)
