"""The made-up shop's searches: of all kinds, each with what is right for it."""

import random
from collections import Counter

import pytest

from streams.demo.shop.plan import Plan
from streams.demo.shop.queries import WEIGHTS, Posed
from streams.demo.shop.typos import misspelt


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan(scale=2)


@pytest.fixture(scope="module")
def queries(plan: Plan) -> list[Posed]:
    return list(plan.queries())


def levenshtein(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        before, row[0] = row[0], place
        for at, beside in enumerate(other, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (letter != beside))
    return row[-1]


def test_there_are_all_kinds_in_both_languages(queries: list[Posed]) -> None:
    assert len(queries) == 1_200
    assert {one.kind for one in queries} == set(WEIGHTS)
    assert 0.1 < sum(one.event.language == "zh" for one in queries) / len(queries) < 0.3
    assert len({one.event.text for one in queries}) > 500


def test_a_typo_is_one_or_two_edits_off_in_one_word(queries: list[Posed]) -> None:
    typos = [one for one in queries if one.kind == "typo"]
    assert len(typos) > 80
    for one in typos:
        typed, meant = one.event.text.reveal().split(" "), one.meant.split(" ")
        off = [levenshtein(word, right) for word, right in zip(typed, meant, strict=True) if word != right]
        assert len(off) == 1
        assert off[0] in (1, 2)


def test_a_text_without_a_long_english_word_stays_as_it_is() -> None:
    assert misspelt("徒步鞋 usb c", random.Random(1)) == "徒步鞋 usb c"


def test_what_is_right_is_in_the_catalogue_and_of_the_category(plan: Plan, queries: list[Posed]) -> None:
    items = {ware.item.product_id: ware.item for ware in plan.catalogue()}
    for one in queries:
        if one.kind == "nothing":
            assert one.expected_category is None
            assert not one.expected_products
            continue
        assert one.expected_products <= set(items)
        paths = [items[product].categories[0] for product in one.expected_products]
        assert one.expected_category in paths
        if one.kind != "gift":
            assert set(paths) == {one.expected_category}


def test_filters_leave_what_is_right(plan: Plan, queries: list[Posed]) -> None:
    items = {ware.item.product_id: ware.item for ware in plan.catalogue()}
    limited = [one for one in queries if one.event.filters.price_max is not None]
    assert {one.kind for one in limited} == {"price"}
    for one in limited:
        prices = [items[product].price for product in one.expected_products]
        assert all(price and price.amount <= (one.event.filters.price_max or 0) for price in prices)


def test_qualities_and_attributes_that_are_searched_for_are_those_of_the_right_products(
    plan: Plan, queries: list[Posed]
) -> None:
    items = {ware.item.product_id: ware.item for ware in plan.catalogue()}
    for one in queries:
        if one.kind in ("trait", "fact"):
            for product in one.expected_products:
                values = [str(value).lower() for value in items[product].attributes.values()]
                assert any(value in one.meant.lower() for value in values)


def test_codes_name_one_product(plan: Plan, queries: list[Posed]) -> None:
    items = {ware.item.product_id: ware.item for ware in plan.catalogue()}
    codes = [one for one in queries if one.kind == "code"]
    assert len(codes) > 10
    for one in codes:
        (product,) = one.expected_products
        assert one.event.text.reveal() in (items[product].sku, items[product].gtin)


def test_only_the_marked_ones_expire_and_they_have(plan: Plan, queries: list[Posed]) -> None:
    for one in queries:
        assert (one.event.expires_at is not None) == (one.kind == "expired")
        assert one.event.expires_at is None or one.event.expires_at < plan.until


def test_personal_data_in_the_search_box_is_told(queries: list[Posed]) -> None:
    for one in queries:
        assert bool(one.planted) == (one.kind == "personal")
        assert all(value in one.event.text.reveal() for value in one.planted)


def test_some_searchers_are_anonymous(queries: list[Posed]) -> None:
    kinds = Counter((one.event.user_id is None, one.event.session_id is None) for one in queries)
    assert set(kinds) == {(True, False), (False, True)}
