"""Recommendations over the real catalogue: what is shown, what never, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from models.catalogue.catalogue import Catalogue
from models.catalogue.product import Product
from models.ranking import Ranked
from models.recommend import Action, ActionKind, Associations, History, Recommender, Standing
from models.recommend.profile import RECENCY, read_tastes
from models.recommend.text_profile import TextProfile

DAY = 86_400.0
NOW = 100 * DAY

Did = tuple[str, ActionKind] | tuple[str, ActionKind, float]

KINDS = {"boots": (1, 0, 0), "tents": (0, 1, 0), "cups": (0, 0, 1)}
"""Three kinds of products, each in its own direction of a small space of texts."""


@dataclass
class Fares:
    known: dict[str, Standing] = field(default_factory=dict)

    def of(self, product_id: str) -> Standing:
        return self.known.get(product_id, Standing())

    def popular(self, limit: int) -> Sequence[str]:
        return sorted(self.known, key=lambda key: (-self.known[key].popularity, key))[:limit]


class Shop:
    """Five products of each kind: boots0 … cups4."""

    def __init__(self) -> None:
        chance = np.random.default_rng(2)
        self.products = {
            f"{kind}{number}": Product(f"{kind}{number}", f"{kind} {number}", 0.0)
            for kind in KINDS
            for number in range(5)
        }
        rows = [KINDS[key[:-1]] + chance.normal(0, 0.1, 3) for key in self.products]
        self.vectors = dict(zip(self.products, np.asarray(rows, np.float32), strict=True))
        self.catalogue = Catalogue(3)
        self.catalogue.upsert(list(self.products.values()), np.array(list(self.vectors.values())))
        self.associations = Associations()
        self.fares = Fares({"cups1": Standing(1.0), "cups0": Standing(0.6), "tents4": Standing(0.5)})

    def together(self, users: int, *products: str) -> None:
        for user in range(users):
            for product in products:
                self.associations.record(f"{products}{user}", product, 1.0, 1.0)

    def change(self, product: str, **changes: Any) -> None:
        self.catalogue.upsert([replace(self.products[product], **changes)], self.vectors[product][np.newaxis])

    def recommend(self, history: History, limit: int = 10, now: float = NOW) -> list[Ranked]:
        return Recommender(self.catalogue, self.associations).recommend(history, self.fares, limit, now)

    def ids(self, history: History, limit: int = 10, now: float = NOW) -> list[str]:
        return [one.product_id for one in self.recommend(history, limit, now)]


@pytest.fixture
def shop() -> Shop:
    return Shop()


def did(*actions: Did, at: float = 90 * DAY) -> History:
    """Actions a minute apart; a third value is the opinion of a review."""
    listed = [
        Action(one[0], one[1], at + 60 * place, one[2] if len(one) > 2 else None)
        for place, one in enumerate(actions)
    ]
    return History(listed, {one.product_id: one.at for one in listed if one.kind == "bought"})


def kinds(ranked: Ranked) -> list[str]:
    return [reason.kind for reason in ranked.reasons]


def test_what_goes_with_the_purchases_comes_first_and_names_them(shop: Shop) -> None:
    shop.together(6, "boots0", "cups3")
    shop.together(3, "tents0", "cups3")
    first = shop.recommend(did(("boots0", "bought"), ("tents0", "bought")))[0]
    assert first.product_id == "cups3"
    assert first.reasons[0].kind == "taken_together"
    assert set(first.reasons[0].products) == {"boots0", "tents0"}


def test_a_reason_names_those_that_brought_the_most_in_order(shop: Shop) -> None:
    for users, product in enumerate(("boots0", "boots1", "boots2", "boots3"), 2):
        shop.together(users * users, product, "cups3")
    first = shop.recommend(did(*((f"boots{number}", "bought") for number in range(4))))[0]
    assert first.reasons[0].products == ("boots3", "boots2", "boots1")


def test_texts_alone_find_what_is_similar(shop: Shop) -> None:
    shown = shop.recommend(did(("tents0", "viewed"), ("tents1", "viewed")), limit=3)
    assert all(one.product_id.startswith("tents") for one in shown)
    assert shown[0].reasons[0].kind == "similar_to"
    assert set(shown[0].reasons[0].products) <= {"tents0", "tents1"}


def test_the_parts_add_up_the_list_is_sorted_and_reasons_have_parts(shop: Shop) -> None:
    shop.together(5, "boots0", "cups1", "tents3")
    shop.fares.known["boots3"] = Standing(0.2, opinion=0.9, reviews=40)
    shop.fares.known["boots4"] = Standing(0.0, opinion=-0.9, reviews=40)
    shown = shop.recommend(did(("boots0", "bought"), ("cups2", "viewed")), limit=20)
    part_of = {"similar_to": "similar", "well_reviewed": "opinion"}
    assert len(shown) == len({one.product_id for one in shown}) == 14
    for one in shown:
        assert sum(one.parts.values()) == one.score
        values = [one.parts[part_of.get(kind, kind)] for kind in kinds(one)]
        assert values == sorted(values, reverse=True)
        assert all(value > 0 for value in values)
        assert one.product_id not in {name for reason in one.reasons for name in reason.products}
    assert [one.score for one in shown] == sorted((one.score for one in shown), reverse=True)
    by_id = {one.product_id: one for one in shown}
    assert "well_reviewed" in kinds(by_id["boots3"])
    assert by_id["boots4"].parts["opinion"] < 0


def test_an_unknown_user_gets_popular_products_in_stock(shop: Shop) -> None:
    shop.change("cups1", stock=0)
    shown = shop.recommend(History())
    assert [one.product_id for one in shown] == ["cups0", "tents4"]
    assert kinds(shown[0]) == ["popular"]


def test_popular_products_fill_up_what_little_history_gives(shop: Shop) -> None:
    shop.fares.known = {key: Standing(0.5) for key in shop.products}
    assert len(shop.ids(did(("unheard of", "viewed")))) == 10


def test_bought_popular_products_are_skipped_however_many(shop: Shop) -> None:
    ids = [f"extra{number:03}" for number in range(300)]
    shop.catalogue.upsert([Product(key, key, 0.0) for key in ids], np.ones((300, 3), np.float32))
    shop.fares.known = {key: Standing(0.9) for key in ids} | {"cups0": Standing(0.1)}
    assert shop.ids(History(bought=dict.fromkeys(ids, 1.0))) == ["cups0"]


@pytest.mark.parametrize("limit", [0, 10])
def test_an_empty_shop_has_nothing_to_show(limit: int) -> None:
    recommender = Recommender(Catalogue(3), Associations())
    assert recommender.recommend(did(("a", "bought")), Fares({"a": Standing(1.0)}), limit, NOW) == []
    assert recommender.recommend(History(), Fares(), limit, NOW) == []


@pytest.mark.parametrize(
    "history",
    [
        did(("boots1", "bought"), ("boots0", "viewed")),
        did(("boots1", "dismissed"), ("boots0", "viewed")),
        did(("boots1", "viewed"), ("boots1", "dismissed"), ("boots1", "viewed"), ("boots0", "viewed")),
        did(("boots1", "reviewed", -0.6), ("boots0", "viewed")),
        did(("boots1", "reviewed", 0.6), ("boots0", "viewed")),
        did(("boots1", "carted"), ("boots0", "viewed")),
        History(did(("boots0", "viewed")).actions, bought={"boots1": 5.0}),
    ],
)
def test_what_needs_no_showing_is_not_shown(shop: Shop, history: History) -> None:
    shop.together(9, "boots0", "boots1")
    shop.fares.known["boots1"] = Standing(1.0)
    assert "boots1" not in shop.ids(history, limit=50)
    assert "boots1" in shop.ids(did(("boots0", "viewed")))


def test_what_was_viewed_or_taken_out_of_the_cart_may_be_shown(shop: Shop) -> None:
    shop.together(9, "boots0", "boots1")
    assert "boots1" in shop.ids(did(("boots1", "viewed"), ("boots0", "viewed")))
    assert "boots1" in shop.ids(did(("boots1", "carted"), ("boots1", "removed"), ("boots0", "viewed")))


def test_a_viewed_product_does_not_speak_for_itself(shop: Shop) -> None:
    parts = {
        one.product_id: one.parts for one in shop.recommend(did(("tents0", "viewed"), ("cups1", "viewed")))
    }
    assert "similar" not in parts["cups1"]


def test_sold_out_unknown_and_deleted_products_are_skipped(shop: Shop) -> None:
    shop.together(9, "boots0", "boots1", "cups3", "never in the catalogue", "tents2")
    shop.change("boots1", stock=0)
    shop.catalogue.delete(["cups3"])
    shop.fares.known["cups3"] = Standing(1.0)
    shown = shop.ids(did(("boots0", "bought")), limit=50)
    assert shown[0] == "tents2"
    assert not {"boots1", "cups3", "never in the catalogue"} & set(shown)


def test_a_replenishable_product_comes_back_with_time(shop: Shop) -> None:
    shop.together(9, "boots0", "cups3")
    shop.change("cups3", replenishable=True)
    history = did(("cups3", "bought"), ("boots0", "bought"))
    early, late = (
        {one.product_id: one.score for one in shop.recommend(history, limit=50, now=90 * DAY + days * DAY)}
        for days in (0, 60)
    )
    assert early["cups3"] == pytest.approx(0, abs=1e-4)
    assert late["cups3"] == pytest.approx(0.75 * 0.7, rel=0.4)
    assert "boots0" not in late


def test_newer_and_stronger_actions_weigh_more() -> None:
    tastes = read_tastes(did(("a", "bought"), ("b", "viewed"), ("c", "bought"), ("b", "viewed")))
    weights = dict(tastes.liked)
    assert [name for name, _ in tastes.liked] == ["b", "c", "a"]
    assert weights["b"] == pytest.approx(0.3)
    assert weights["c"] == pytest.approx(RECENCY, rel=1e-3)
    assert weights["a"] == pytest.approx(RECENCY**2, rel=1e-3)


def test_what_is_a_month_older_weighs_half() -> None:
    actions = [Action("a", "bought", NOW - 30 * DAY), Action("b", "bought", NOW)]
    assert dict(read_tastes(History(actions)).liked)["a"] == pytest.approx(RECENCY / 2)


def test_what_was_disliked_pushes_the_profile_away_and_speaks_for_nothing(shop: Shop) -> None:
    liked: Did = ("boots0", "viewed")
    plain, away = (
        TextProfile.of(read_tastes(history), shop.catalogue).direction
        for history in (did(liked), did(liked, ("tents0", "dismissed"), ("tents1", "reviewed", -0.8)))
    )
    assert plain is not None
    assert away is not None
    tent = shop.vectors["tents2"]
    assert away @ tent < plain @ tent
    shop.together(9, "tents0", "cups3")
    assert all(
        one.parts.get("taken_together", 0) == 0 for one in shop.recommend(did(liked, ("tents0", "dismissed")))
    )


def test_the_list_is_not_all_of_one_kind(shop: Shop) -> None:
    """Five boots score a little more than a cup; as all boots are alike, a cup comes between."""
    shop.fares.known = {f"boots{number}": Standing(1.0 - number / 100) for number in range(5)}
    shop.fares.known["cups0"] = Standing(0.9)
    assert shop.ids(History(), limit=3)[:2] == ["boots0", "cups0"]


def test_equal_products_come_by_id(shop: Shop) -> None:
    shop.catalogue.upsert([Product(key, key, 0.0) for key in ("z", "y", "x")], np.zeros((3, 3), np.float32))
    shop.fares.known = {key: Standing(0.5) for key in ("y", "z", "x")}
    assert shop.ids(History()) == ["x", "y", "z"]


def test_a_user_with_a_hundred_thousand_actions_is_served(shop: Shop) -> None:
    shop.together(9, "boots0", "cups3")
    actions = [Action(f"old{number}", "bought", float(number)) for number in range(100_000)]
    history = History(
        [*actions, Action("boots0", "bought", 100_001.0)], {one.product_id: one.at for one in actions}
    )
    assert shop.ids(history)[0] == "cups3"
