"""Changes of users: one list of recommendations for each user of a batch, from state that a repetition leaves alone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from pydantic import SecretStr

from privacy.plaintext import Plaintext
from streams.agents.reviews import understand_reviews
from streams.agents.user_changes import RECOMMENDED, begin_again, recommend
from streams.contracts.events import Review
from streams.contracts.records import UserChange
from streams.contracts.results import Recommendations
from streams.contracts.topics import USER_CHANGES
from streams.delivery.errors import DependencyUnavailable
from streams.delivery.stage import Placed
from streams.health import Health
from streams.settings import KafkaSettings, RedisSettings, Settings
from streams.state.connection import Cache
from streams.state.product_report import product_report
from streams.state.products import RedisStandings
from streams.state.users import UserState
from tests.agents.small_house import NOW, SmallHouse, decide, each_in_one, item, put, results_of

STOCKED = (
    item("boots", "Hiking boots", stock=3),
    item("poles", "Hiking poles"),
    item("tent", "Hiking tent", stock=0),
    item("socks", "Hiking socks", stock=9, replenishable=True),
    item("kettle", "Electric kettle", stock=1),
    item("teapot", "Glass teapot", stock=1),
)
TOGETHER = {"a": ("boots", "poles", "tent"), "b": ("boots", "poles", "tent"), "c": ("kettle", "teapot")}


@pytest.fixture
async def shop(house: SmallHouse, valkey: str, prefix: str) -> AsyncIterator[SmallHouse]:
    """With state on Valkey, and what others bought together."""
    settings = Settings(
        kafka=KafkaSettings(bootstrap="127.0.0.1:1", topic_prefix=prefix),
        redis=RedisSettings(url=SecretStr(valkey), timeout=5),
    )
    cache = Cache.open(settings.redis, Health())
    house.users, house.standings = UserState(cache, settings, Health()), RedisStandings(cache, settings)
    begin_again(house, {})  # type: ignore[arg-type]  # has what the stage uses
    await house.stock(*STOCKED)
    for user, products in TOGETHER.items():
        for product in products:
            house.associations.record(user, product, 0.0, 1.0)
    yield house
    await cache.close()


def change(number: int, user: str, kind: str, product: str | None, **fields: Any) -> UserChange:
    given = {"id": f"c{number}", "causes": [f"e{number}"], "time": NOW + timedelta(minutes=number), **fields}
    return UserChange.model_validate({**given, "user": user, "kind": kind, "product_id": product})


def placed(*changes: UserChange, first: int = 0) -> list[Placed[UserChange]]:
    return [Placed(one, 0, offset) for offset, one in enumerate(changes, first)]


async def recommended(house: SmallHouse, *changes: UserChange, first: int = 0) -> list[Recommendations]:
    results = await results_of(recommend, house, *placed(*changes, first=first))
    assert all(isinstance(one, Recommendations) for one in results)
    return results


def ids(one: Recommendations) -> list[str]:
    return [ranked.product_id for ranked in one.items]


async def test_every_change_is_in_one_list_of_its_user(shop: SmallHouse) -> None:
    changes = [
        change(1, "u1", "viewed", "boots"),
        change(2, "u2", "bought", "kettle"),
        change(3, "u1", "searched", None, text="tent"),
        change(3, "u5", "carted", "poles"),
        change(4, "u1", "carted", "poles"),
    ]
    records = put(USER_CHANGES, changes)
    verdicts = await decide(recommend, shop, records)
    assert each_in_one(recommend, records, verdicts)
    assert [len(verdict.outgoing) for verdict in verdicts] == [1, 1, 0, 1, 0]


async def test_a_user_gets_one_list_that_names_all_causes(shop: SmallHouse) -> None:
    first, second = await recommended(
        shop,
        change(2, "u1", "viewed", "boots"),
        change(1, "u1", "viewed", "poles"),
        change(3, "u2", "viewed", "kettle"),
    )
    assert (first.user, first.causes) == ("u1", ["c2", "c1"])
    assert first.time == NOW + timedelta(minutes=2)
    assert (second.user, second.causes) == ("u2", ["c3"])
    assert first.id != second.id
    assert first.model == shop.retrieval_models
    assert (first.degraded, first.coverage) == ([], shop.catalogue_coverage.coverage())


async def test_neither_what_was_bought_nor_what_is_sold_out_is_shown(shop: SmallHouse) -> None:
    (first,) = await recommended(shop, change(1, "u1", "bought", "boots"))
    assert "poles" in ids(first)
    assert not {"boots", "tent"} & set(ids(first))
    (then,) = await recommended(
        shop,
        change(2, "u1", "bought", "poles"),
        change(3, "u1", "dismissed", "kettle"),
        first=1,
    )
    assert ids(then)
    assert not {"boots", "poles", "tent", "kettle"} & set(ids(then))


async def test_titles_scores_and_reasons_are_true(shop: SmallHouse) -> None:
    """What a reason names, the user has, or others took it with the product."""
    (one,) = await recommended(shop, change(1, "u1", "bought", "boots"), change(2, "u1", "viewed", "kettle"))
    shown = {ranked.product_id: ranked for ranked in one.items}
    titles = {known.product_id: known.title for known in STOCKED}
    for ranked in one.items:
        assert ranked.title == titles[ranked.product_id]
        assert ranked.score == pytest.approx(sum(ranked.parts.values()), abs=1e-5)
        assert len(ranked.reasons) > 0
        for why in ranked.reasons:
            assert set(why.products) <= {"boots", "kettle"}
            if why.kind == "taken_together":
                pairs = [{ranked.product_id, named} for named in why.products]
                assert all(any(pair <= set(taken) for taken in TOGETHER.values()) for pair in pairs)
    assert all(before.score >= after.score for before, after in pairwise(one.items))
    assert "taken_together" in [why.kind for why in shown["poles"].reasons]
    assert [why.products for why in shown["poles"].reasons if why.kind == "taken_together"] == [["boots"]]
    assert [why.products for why in shown["teapot"].reasons if why.kind == "taken_together"] == [["kettle"]]


async def test_what_a_review_says_is_in_its_products_sums(shop: SmallHouse) -> None:
    written = Review(id="r1", time=NOW, product_id="boots", user_id="u1", text=Plaintext("They fit."))
    _, told = await results_of(understand_reviews, shop, written)
    await recommended(shop, told)
    users: UserState = shop.users
    report = await users._cache.require(lambda client: product_report(client, users._group_id, "boots"))
    assert report is not None
    assert report.counts == {"reviewed": 1}
    (figures,) = report.reviews.days.values()
    assert (figures.stars, figures.rated) == (4.5, 0)
    assert figures.aspects == {"fit": {"negative": 0, "mixed": 0, "positive": 1}}


async def test_the_same_batch_again_gives_the_same_results_and_state(shop: SmallHouse) -> None:
    batch = [
        change(1, "u1", "bought", "boots"),
        change(2, "u2", "viewed", "kettle"),
        change(3, "u1", "viewed", "teapot"),
    ]
    first = await recommended(shop, *batch)
    state = await shop.users.dump()
    begin_again(shop, {0: 0})  # type: ignore[arg-type]  # as its next owner does, nothing of it being committed
    assert await recommended(shop, *batch) == first
    assert await shop.users.dump() == state


async def test_a_new_user_without_products_gets_what_is_popular(shop: SmallHouse) -> None:
    await recommended(shop, change(1, "u1", "bought", "teapot"), change(2, "u2", "viewed", "boots"))
    shop.standings._popular_at = float("-inf")  # as after two seconds
    (one,) = await recommended(shop, change(3, "new", "searched", None, text="gift"), first=2)
    assert ids(one) == ["teapot", "boots"]
    assert {why.kind for ranked in one.items for why in ranked.reasons} == {"popular"}


async def test_an_empty_shop_recommends_nothing(house: SmallHouse, shop: SmallHouse) -> None:
    shop.catalogue.delete([one.product_id for one in STOCKED])
    (one,) = await recommended(shop, change(1, "u1", "bought", "boots"))
    assert one.items == []


async def test_no_more_than_the_limit_is_shown(shop: SmallHouse) -> None:
    await shop.stock(*(item(f"p{n}", f"Hiking mug {n}") for n in range(30)))
    (one,) = await recommended(shop, change(1, "u1", "viewed", "p0"))
    assert len(one.items) == RECOMMENDED


async def test_without_redis_the_batch_waits(shop: SmallHouse) -> None:
    settings = Settings(redis=RedisSettings(url=SecretStr("redis://127.0.0.1:1"), timeout=0.5))
    cache = Cache.open(settings.redis, Health())
    shop.users = UserState(cache, settings, Health())
    with pytest.raises(DependencyUnavailable):
        await results_of(recommend, shop, *placed(change(1, "u1", "viewed", "boots")))
    await cache.close()


async def test_what_recommendations_lack_they_say(shop: SmallHouse) -> None:
    shop.lacks = ["associations"]
    (result,) = await recommended(shop, change(1, "u1", "viewed", "boots"))
    assert result.degraded == ["associations"]


async def test_an_erased_user_gets_an_empty_list_that_says_so(shop: SmallHouse) -> None:
    batch = [
        change(1, "u1", "viewed", "boots"),
        change(2, "u2", "viewed", "kettle"),
        change(3, "u1", "forgotten", None),
    ]
    records = put(USER_CHANGES, batch)
    assert each_in_one(recommend, records, await decide(recommend, shop, records))
    begin_again(shop, {0: 0})  # type: ignore[arg-type]  # has what the stage uses
    gone, stays = await recommended(shop, *batch)
    assert (gone.user, gone.status, gone.items, gone.causes) == ("u1", "forgotten", [], ["c1", "c3"])
    assert (stays.status, bool(stays.items)) == ("recommended", True)


async def test_who_comes_back_in_the_same_batch_is_recommended_by_what_came_after(shop: SmallHouse) -> None:
    (one,) = await recommended(
        shop,
        change(1, "u1", "bought", "boots"),
        change(2, "u1", "forgotten", None),
        change(3, "u1", "viewed", "kettle"),
    )
    assert one.status == "recommended"
    assert "boots" not in {named for ranked in one.items for why in ranked.reasons for named in why.products}
