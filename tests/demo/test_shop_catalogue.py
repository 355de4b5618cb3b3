"""The made-up shop's products: many, different, valid, in two languages."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest

from streams.contracts.codec import decode, encode_event
from streams.contracts.topics import CATALOG
from streams.demo.shop.catalogue import Ware, gtin, wares
from streams.demo.shop.departments import DEPARTMENTS, KINDS
from streams.demo.shop.grammar import slots
from streams.demo.shop.plan import Plan

OPENED = datetime(2026, 4, 1, tzinfo=UTC)


def some(count: int = 350, seed: int = 7) -> list[Ware]:
    return list(wares(count, run="demo-1", time=OPENED, chance=random.Random(seed)))


@pytest.fixture(scope="module")
def shop() -> list[Ware]:
    return some()


def test_there_are_over_300_products_in_eight_departments_and_all_kinds(shop: list[Ware]) -> None:
    assert len(shop) >= 320
    assert len({ware.department for ware in shop}) == len(DEPARTMENTS) == 8
    assert {ware.kind.key for ware in shop} == set(KINDS)
    assert all(ware.item.categories[0].split(" > ")[0] == ware.department for ware in shop)


def test_every_product_follows_the_contract(shop: list[Ware]) -> None:
    for ware in shop:
        value = encode_event(ware.item)
        assert decode(CATALOG, value, now=OPENED + timedelta(days=1)) == ware.item
        assert "{" not in ware.item.title + ware.item.description
        assert "[" not in ware.item.title + ware.item.description


def test_no_two_products_have_one_title_id_gtin_or_sku(shop: list[Ware]) -> None:
    items = [ware.item for ware in shop]
    for value in ("title", "product_id", "gtin", "sku", "id"):
        assert len({getattr(item, value) for item in items}) == len(items)


def test_titles_differ_even_where_the_words_run_out() -> None:
    titles = [ware.item.title for ware in some(12_000)]
    assert len(set(titles)) == len(titles)


def test_gtins_are_valid_and_of_the_range_that_no_company_has(shop: list[Ware]) -> None:
    assert gtin("400638133393") == "4006381333931"  # the example of GS1's calculator
    for ware in shop:
        number = ware.item.gtin or ""
        digits = [int(digit) for digit in number]
        assert len(digits) == 13
        assert (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0
        assert number.startswith("20")


def test_about_15_in_a_hundred_are_chinese_and_every_kind_has_some(shop: list[Ware]) -> None:
    chinese = [ware for ware in shop if ware.language == "zh"]
    assert 0.12 <= len(chinese) / len(shop) <= 0.18
    assert {ware.kind.key for ware in chinese} == set(KINDS)
    for ware in chinese:
        assert ware.item.language == "zh"
        for text in (ware.item.title, ware.item.description, "".join(ware.item.attributes)):
            assert any("\u4e00" <= letter <= "\u9fff" for letter in text)


def test_descriptions_prices_and_stock_vary(shop: list[Ware]) -> None:
    items = [ware.item for ware in shop]
    assert len({item.description for item in items}) > len(items) * 0.8
    assert len({item.price.amount for item in items if item.price}) > 150
    assert 5 <= sum(item.stock == 0 for item in items) <= 50
    assert 50 <= sum(item.replenishable for item in items) <= 150


def test_a_title_names_the_quality_that_description_and_attributes_state(shop: list[Ware]) -> None:
    for ware in shop:
        assert ware.trait.lower() in ware.item.title.lower()
        assert ware.trait in ware.item.attributes.values()


def test_a_seed_gives_its_products_again_and_another_gives_others() -> None:
    assert some(60) == some(60)
    assert {ware.item.title for ware in some(60)}.isdisjoint(ware.item.title for ware in some(60, seed=8))


def test_kinds_go_with_kinds_that_there_are() -> None:
    for kind in KINDS.values():
        assert set(kind.goes_with) <= set(KINDS)


def test_every_kind_speaks_both_languages_and_its_sentences_have_only_slots_that_it_can_fill() -> None:
    for kind in KINDS.values():
        assert set(kind.words) == {"en", "zh"}
        for words in kind.words.values():
            sentences = [*words.traits.values(), *words.said, *chain(*words.reviews.values())]
            for sentence in sentences:
                assert slots(sentence) <= set(words.facts), (kind.key, sentence)
            assert set(words.means) <= set(words.traits)
            for meant in words.means.values():
                assert set(meant) <= {"name", *words.facts}
                assert meant.get("name", words.names[0]) in words.names


def test_chinese_and_english_products_of_a_kind_share_its_category() -> None:
    shelves = Plan().shelves
    for key, group in shelves.by_kind.items():
        assert {ware.item.categories[0] for ware in group} == {KINDS[key].path}
        assert Counter(ware.language for ware in group).keys() == {"en", "zh"}
