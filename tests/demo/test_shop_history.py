"""What the made-up shop's users do and review: in order of time, by interest, with things bought together."""

from collections import Counter
from collections.abc import Iterable
from itertools import combinations, pairwise

import pytest

from streams.contracts.events import Interaction, Review
from streams.demo.shop.plan import Plan
from streams.demo.shop.sending import Sending


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan()


@pytest.fixture(scope="module")
def interactions(plan: Plan) -> list[Interaction]:
    return [one.event for one in good(plan.sendings()) if isinstance(one.event, Interaction)]


@pytest.fixture(scope="module")
def reviews(plan: Plan) -> list[Review]:
    return [one.event for one in good(plan.sendings()) if isinstance(one.event, Review)]


def good(sendings: Iterable[Sending]) -> list[Sending]:
    return [one for one in sendings if not one.flaw and not one.resend]


def test_they_are_as_many_as_planned_in_order_of_time(
    plan: Plan, interactions: list[Interaction], reviews: list[Review]
) -> None:
    assert (len(interactions), len(reviews)) == (3_000, 1_200)
    for events in (interactions, reviews):
        assert all(one.time <= other.time <= plan.until for one, other in pairwise(events))
    assert interactions[-1].time - interactions[0].time > (plan.until - interactions[0].time) * 0.9


def test_all_kinds_of_interactions_happen_and_looking_comes_before_buying(
    interactions: list[Interaction],
) -> None:
    kinds = Counter(event.kind for event in interactions)
    assert set(kinds) == {"view", "click", "cart", "purchase", "remove", "dismiss"}
    assert kinds["view"] > kinds["click"] > kinds["cart"] > kinds["purchase"] > 300
    in_cart = {(one.session_id, one.product_id) for one in interactions if one.kind == "cart"}
    bought = {(one.session_id, one.product_id) for one in interactions if one.kind in ("purchase", "remove")}
    assert bought <= in_cart


def test_users_act_within_their_interests(plan: Plan, interactions: list[Interaction]) -> None:
    interests = {who.user_id: who.interests for who in plan.shoppers}
    departments = {ware.item.product_id: ware.department for ware in plan.catalogue()}
    within = sum(departments[one.product_id] in interests[one.user_id] for one in interactions)
    assert within > len(interactions) * 0.75


def test_what_goes_together_is_taken_together(plan: Plan, interactions: list[Interaction]) -> None:
    kinds = {ware.item.product_id: ware.kind for ware in plan.catalogue()}
    orders: dict[str, list[str]] = {}
    for event in interactions:
        if event.kind == "purchase":
            orders.setdefault(str(event.order_id), []).append(event.product_id)
    pairs = [pair for products in orders.values() for pair in combinations(products, 2)]
    assert len(pairs) > 80
    for one, other in pairs:
        assert kinds[other].key in kinds[one].goes_with
    assert Counter(pairs).most_common(1)[0][1] >= 4


def test_nothing_is_reviewed_twice_by_one_user_and_most_purchases_come_first(
    interactions: list[Interaction], reviews: list[Review]
) -> None:
    assert len({(one.user_id, one.product_id) for one in reviews}) > len(reviews) * 0.99
    bought = {
        (one.user_id, one.product_id): one.time for one in reversed(interactions) if one.kind == "purchase"
    }
    of_the_span = [one for one in reviews if (one.user_id, one.product_id) in bought]
    assert len(of_the_span) > 150
    later = [one for one in of_the_span if one.time > bought[one.user_id, one.product_id]]
    assert len(later) > len(of_the_span) * 0.8


def test_reviews_are_of_all_kinds_and_both_languages_and_hardly_any_is_said_twice(
    plan: Plan, reviews: list[Review]
) -> None:
    kinds = {ware.item.product_id: ware.kind.key for ware in plan.catalogue()}
    assert len({kinds[one.product_id] for one in reviews}) == 40
    assert {one.rating for one in reviews} == {1, 2, 3, 4, 5}
    assert 0.1 < sum(one.language == "zh" for one in reviews) / len(reviews) < 0.3
    assert len({one.text for one in reviews}) > len(reviews) * 0.95


def test_some_products_are_better_than_others(reviews: list[Review]) -> None:
    stars: dict[str, list[int]] = {}
    for one in reviews:
        stars.setdefault(one.product_id, []).append(one.rating or 0)
    means = sorted(sum(given) / len(given) for given in stars.values() if len(given) >= 6)
    assert means[0] < 2.5
    assert means[-1] > 4.5
