from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from models.catalogue import Catalogue, Product
from models.catalogue.vectors import Vectors, unit
from models.recommend.history import Action, History
from models.search import Filters, SearchAnswer, Searcher, SearchOptions, SearchRequest
from tests.models.tiny_products import KITCHEN, OUTDOOR, PRODUCTS, WIDTH, filled, unit_vectors, vectors

EVERYTHING = {product.id for product in PRODUCTS}
NOW = 1_000_000_000.0
DAY = 86_400.0


def ask(searcher: Searcher, text: str, vector: Vectors = OUTDOOR, **request: Any) -> SearchAnswer:
    (answer,) = searcher.search([SearchRequest(text, now=NOW, **request)], vector[np.newaxis])
    return answer


def found(answer: SearchAnswer) -> list[str]:
    return [item.product_id for item in answer.items]


@pytest.fixture
def searcher() -> Searcher:
    return Searcher(filled(), "digest")


# --- ranking


def test_words_and_meaning_together_rank_and_the_parts_add_up(searcher: Searcher) -> None:
    answer = ask(searcher, "hiking boots", history=History([Action("poles", "bought", NOW)]))
    assert found(answer)[0] == "boots"
    assert set(found(answer)) == EVERYTHING
    assert answer.found == len(PRODUCTS)
    scores = [item.score for item in answer.items]
    assert scores == sorted(scores, reverse=True)
    for item in answer.items:
        assert list(item.parts) == ["lexical", "vector", "personal"]
        assert item.score == pytest.approx(sum(item.parts.values()))


def test_a_query_without_a_word_goes_by_meaning_alone(searcher: Searcher) -> None:
    answer = ask(searcher, "?!", KITCHEN, limit=3)
    assert set(found(answer)) == {"kettle", "teapot", "apron"}
    assert all(item.parts["lexical"] == 0 for item in answer.items)


def test_an_empty_catalogue_and_no_requests_give_empty_answers() -> None:
    empty = Searcher(Catalogue(WIDTH), "digest")
    assert ask(empty, "boots") == SearchAnswer()
    assert empty.search([], np.empty((0, WIDTH), np.float32)) == []


def test_a_batch_is_answered_in_its_order_as_each_alone() -> None:
    requests = [SearchRequest(text, 3) for text in ("kettle", "hiking boots", "kettle", "登山鞋", "?")]
    queries = np.stack([KITCHEN, OUTDOOR, KITCHEN, OUTDOOR, KITCHEN])
    together = Searcher(filled(), "digest").search(requests, queries)
    alone = Searcher(filled(), "digest")
    for request, query, answer in zip(requests, queries, together, strict=True):
        assert found(ask(alone, request.text, query, limit=3)) == found(answer)


def test_vectors_of_another_shape_are_refused(searcher: Searcher) -> None:
    with pytest.raises(ValueError, match="shape"):
        searcher.search([SearchRequest("boots")], np.zeros((1, 3), np.float32))


# --- filters


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(categories=["hiking"]), {"boots", "poles"}),
        (Filters(categories=["Outdoor >  HIKING"]), {"boots", "poles"}),
        (Filters(categories=["Outdoor > Hiking > Boots", "Tea"]), {"boots", "teapot"}),
        (Filters(categories=["Hik"]), set()),
        (Filters(brands=["alpina", "远山"]), {"boots", "poles", "zh"}),
        (Filters(attributes={"COLOUR": ["Red", "steel"]}), {"poles", "kettle"}),
        (Filters(attributes={"size": [2.0, "42"], "vegan": [False]}), {"boots"}),
        (Filters(attributes={"colour": [["red", "brown"]]}), {"boots", "poles"}),
        (Filters(brands=["Alpina"], categories=["Kitchen"]), set()),
        (Filters(brands=[]), EVERYTHING),
        (Filters(price_min=Decimal("39.50"), price_max=Decimal(59)), {"kettle", "poles"}),
        (Filters(price_max=Decimal(1000), currency="EUR"), {"boots", "poles", "kettle"}),
        (Filters(currency="EUR"), EVERYTHING),
        (Filters(in_stock=True), EVERYTHING - {"poles"}),
        (Filters(brands=["Brewster"], price_max=Decimal(30)), {"teapot"}),
    ],
)
def test_within_a_filter_any_between_filters_all(
    searcher: Searcher, filters: Filters, expected: set[str]
) -> None:
    answer = ask(searcher, "hiking boots kettle", filters=filters)
    assert set(found(answer)) == expected
    assert answer.found == len(expected)
    assert {product.id for product in PRODUCTS if filters.admit(product)} == expected


def crowd(count: int) -> tuple[list[Product], Vectors]:
    """Many boots that the query fits well, and one, the last, that it fits worst."""
    products = [Product(f"p{n}", f"hiking boots {n}", 1.0, price=Decimal(100)) for n in range(count - 1)]
    products.append(Product("rare", "Stiefel", 1.0, brand="Seldom", price=Decimal(5)))
    near = unit(OUTDOOR + 0.1 * unit_vectors(count - 1, WIDTH, seed=1))
    return products, np.concatenate([near, -OUTDOOR[np.newaxis]])


@pytest.mark.parametrize("filters", [Filters(brands=["seldom"]), Filters(price_max=Decimal(10))])
def test_a_restrictive_filter_finds_what_lies_beyond_the_first_candidates(filters: Filters) -> None:
    catalogue = Catalogue(WIDTH)
    catalogue.upsert(*crowd(300))
    catalogue.commit()
    searcher = Searcher(catalogue, "digest", SearchOptions(depth=40))
    assert found(ask(searcher, "hiking boots", filters=filters)) == ["rare"]


# --- codes

FULL_WIDTH = "".join(chr(ord(digit) + 0xFEE0) for digit in "4006381333931")


def coded_catalogue() -> Catalogue:
    """Products of which one is named by codes; by words and meaning it fits worst."""
    products, vectors = crowd(50)
    products[-1] = replace(products[-1], sku="AB-1234-X", gtin="4006381333931")
    catalogue = Catalogue(WIDTH)
    catalogue.upsert(products, vectors)
    catalogue.commit()
    return catalogue


@pytest.mark.parametrize("query", ["AB-1234-X", "ab 1234 x", "4006381333931", "boots ab-1234-x", FULL_WIDTH])
def test_what_a_query_names_by_its_code_comes_first_and_the_reason_says_so(query: str) -> None:
    answer = ask(Searcher(coded_catalogue(), "digest"), query, OUTDOOR)
    first = answer.items[0]
    assert first.product_id == "rare"
    assert first.parts["code"] > 1
    assert sum(first.parts.values()) == pytest.approx(first.score)
    assert first.reasons[0].kind == "code"
    assert all("code" not in other.parts for other in answer.items[1:])


def test_a_filter_holds_for_what_a_query_names_too() -> None:
    searcher = Searcher(coded_catalogue(), "digest")
    for filters in (Filters(brands=["another"]), Filters(price_min=Decimal(50))):
        assert "rare" not in found(ask(searcher, "AB-1234-X", OUTDOOR, filters=filters))
    assert found(ask(searcher, "AB-1234-X", OUTDOOR, filters=Filters(price_max=Decimal(10))))[0] == "rare"


def test_a_code_is_forgotten_with_its_product_and_when_it_changes() -> None:
    catalogue = coded_catalogue()
    rare, vector = catalogue.get("rare"), catalogue.vector("rare")
    assert rare is not None
    assert vector is not None
    assert catalogue.has_term("ab1234x")
    catalogue.upsert([replace(rare, sku="CD-9876-Y")], vector[np.newaxis])
    assert (catalogue.coded("AB-1234-X"), catalogue.coded("CD-9876-Y")) == ([], ["rare"])
    catalogue.delete(["rare"])
    assert not catalogue.coded("CD-9876-Y")
    assert not catalogue.has_term("cd9876y")


def test_a_word_or_a_size_is_no_code() -> None:
    catalogue = Catalogue(WIDTH)
    catalogue.upsert(
        [Product("boots", "Boots", 1.0), Product("42", "Socks", 1.0)], np.stack([OUTDOOR, KITCHEN])
    )
    assert catalogue.coded("boots size 42") == []
    assert catalogue.coded("42") == ["42"]


# --- the user's taste

LIKES_KITCHEN = History([Action("teapot", "bought", NOW - DAY), Action("apron", "viewed", NOW)])


def test_taste_reorders_what_is_equally_relevant() -> None:
    catalogue = Catalogue(WIDTH)
    twins = [Product(key, "Gift voucher", 1.0) for key in ("tent", "pan")]
    catalogue.upsert([*PRODUCTS, *twins], np.concatenate([vectors(), np.stack([OUTDOOR, KITCHEN])]))
    catalogue.commit()
    searcher = Searcher(catalogue, "digest")
    neutral = unit(OUTDOOR + KITCHEN)
    likes_outdoor = History([Action("boots", "carted", NOW), Action("teapot", "dismissed", NOW)])
    for history, first in ((LIKES_KITCHEN, "pan"), (likes_outdoor, "tent")):
        answer = ask(searcher, "gift voucher", neutral, history=history)
        assert found(answer)[0] == first
        personal = {item.product_id: item.parts["personal"] for item in answer.items}
        assert personal[first] == max(personal["tent"], personal["pan"]) > 0


def test_whatever_the_history_a_clearly_more_relevant_product_stays_before_another() -> None:
    products, rows = crowd(200)
    rows = unit_vectors(200, WIDTH, seed=2)
    catalogue = Catalogue(WIDTH)
    catalogue.upsert(products, rows)
    catalogue.commit()
    fraction = 0.15
    searcher = Searcher(catalogue, "digest", SearchOptions(personal_fraction=fraction))
    moved = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        history = History([Action(f"p{n}", "bought", NOW) for n in rng.integers(0, 199, 3)])
        query = unit_vectors(1, WIDTH, seed=100 + seed)[0]
        items = ask(searcher, "boots 7", query, history=history, limit=200).items
        relevance = [item.score - item.parts["personal"] for item in items]
        for above, below in pairwise(items):
            less, more = above.score - above.parts["personal"], below.score - below.parts["personal"]
            assert more <= (1 + fraction) * less + 1e-6
        for item, plain in zip(items, relevance, strict=True):
            assert 0 <= item.parts["personal"] <= fraction * plain + 1e-6
        moved += relevance != sorted(relevance, reverse=True)
    assert moved == 20


def test_what_was_bought_is_not_lifted_unless_it_is_bought_again(searcher: Searcher) -> None:
    bought = History(
        [Action("kettle", "bought", NOW), Action("teapot", "bought", NOW)], {"kettle": NOW, "teapot": NOW}
    )
    personal = {
        item.product_id: item.parts["personal"]
        for item in ask(searcher, "kettle", KITCHEN, history=bought).items
    }
    assert personal["kettle"] == 0
    assert personal["teapot"] > 0


def test_recent_actions_count_more_than_old_ones_and_a_bad_review_turns_away(searcher: Searcher) -> None:
    def lift(*actions: Action) -> float:
        items = ask(searcher, "apron", KITCHEN, history=History(actions)).items
        return next(item.parts["personal"] for item in items if item.product_id == "apron")

    old, new = NOW - 300 * DAY, NOW
    assert lift(Action("boots", "bought", old), Action("kettle", "bought", new)) > lift(
        Action("boots", "bought", new), Action("kettle", "bought", old)
    )
    assert lift(Action("kettle", "reviewed", NOW, opinion=1.0)) > 0
    assert lift(Action("kettle", "reviewed", NOW, opinion=-1.0)) == 0


@pytest.mark.parametrize(
    "history",
    [
        History(),
        History([Action("gone", "bought", NOW)]),
        History([Action("kettle", "reviewed", NOW)]),
        History([Action("kettle", "bought", 0.0)]),
    ],
)
def test_a_history_that_says_nothing_changes_nothing(searcher: Searcher, history: History) -> None:
    with_history = ask(searcher, "kettle", KITCHEN, history=history)
    assert found(with_history) == found(ask(searcher, "kettle", KITCHEN))
    assert all(item.parts["personal"] < 1e-6 for item in with_history.items)


# --- reasons


def test_reasons_name_the_words_in_the_title_the_meaning_and_the_products_that_drove_it(
    searcher: Searcher,
) -> None:
    items = {
        item.product_id: item for item in ask(searcher, "boot kettel", KITCHEN, history=LIKES_KITCHEN).items
    }
    kettle = {one.kind: one for one in items["kettle"].reasons}
    assert kettle["text_match"].note == "in the title: kettle"
    assert kettle["personal"].products == ("teapot", "apron")
    assert [one.kind for one in items["kettle"].reasons] == ["text_match", "personal"]
    assert {one.kind: one.note for one in items["teapot"].reasons}["text_match"] == (
        "in brand, category, attributes or description"
    )
    assert {one.kind for one in items["apron"].reasons} == {"meaning", "personal"}
    assert items["boots"].reasons[0].note == "in the title: boot"


def test_chinese_words_are_named_whole(searcher: Searcher) -> None:
    answer = ask(searcher, "登山鞋 男款")
    assert answer.items[0].product_id == "zh"
    assert answer.items[0].reasons[0].note == "in the title: 登山鞋, 男款"


# --- the cache


def test_retrieval_is_remembered_over_prices_and_histories_but_not_over_texts_and_filters() -> None:
    catalogue = filled()
    searcher = Searcher(catalogue, "digest")

    def counts() -> tuple[int, int]:
        return searcher.cache_hits, searcher.cache_misses

    affordable = Filters(price_max=Decimal(30))
    assert found(ask(searcher, "Kettle", KITCHEN, filters=affordable)) == ["teapot"]
    before = counts()
    kettle, vector = catalogue.get("kettle"), catalogue.vector("kettle")
    assert kettle is not None
    assert vector is not None
    catalogue.upsert([replace(kettle, price=Decimal(20))], vector[np.newaxis])
    answer = ask(searcher, " kettle ", KITCHEN, filters=affordable, history=LIKES_KITCHEN)
    assert found(answer) == ["kettle", "teapot"]
    assert counts() == (before[0] + 1, before[1])
    ask(searcher, "kettle", KITCHEN, filters=Filters(brands=["Brewster"]))
    catalogue.upsert([replace(kettle, title="Samovar")], vector[np.newaxis])
    catalogue.commit()
    assert "kettle" in found(ask(searcher, "samovar", KITCHEN))
    ask(searcher, "kettle", KITCHEN)
    assert counts() == (before[0] + 1, before[1] + 3)


def test_the_cache_forgets_what_was_longest_unused() -> None:
    searcher = Searcher(filled(), "digest", SearchOptions(cached_queries=2))
    for text in ("kettle", "boots", "kettle", "poles", "kettle", "boots"):
        ask(searcher, text)
    assert (searcher.cache_hits, searcher.cache_misses) == (2, 4)


def test_without_vectors_words_decide_unless_the_search_is_remembered() -> None:
    searcher = Searcher(filled(), "digest")
    boots = SearchRequest("hiking boots", now=NOW)
    (by_words,) = searcher.search([boots], None)
    assert found(by_words)[0] == "boots"
    assert all(item.parts["vector"] == 0 < item.parts["lexical"] for item in by_words.items)
    whole = ask(searcher, "hiking boots")
    assert set(found(by_words)) < set(found(whole)), "what was found by words alone must not be remembered"
    assert searcher.search([boots], None) == [whole]


def test_a_code_that_a_product_lost_is_not_remembered() -> None:
    catalogue = coded_catalogue()
    searcher = Searcher(catalogue, "digest")
    assert ask(searcher, "AB-1234-X", OUTDOOR).items[0].product_id == "rare"
    rare, vector = catalogue.get("rare"), catalogue.vector("rare")
    assert rare is not None
    assert vector is not None
    catalogue.upsert([replace(rare, sku="CD-9876-Y")], vector[np.newaxis])
    assert all("code" not in item.parts for item in ask(searcher, "AB-1234-X", OUTDOOR).items)
    assert ask(searcher, "CD-9876-Y", OUTDOOR).items[0].parts["code"] > 1


def test_what_a_user_disliked_is_no_reason(searcher: Searcher) -> None:
    history = History([Action("teapot", "dismissed", NOW)])
    answer = ask(searcher, "hiking boots kettle", history=history)
    assert all("teapot" not in reason.products for item in answer.items for reason in item.reasons)


def test_a_word_that_no_product_has_is_read_as_one_that_they_have(searcher: Searcher) -> None:
    assert ask(searcher, "Hikign bootts").read_as is not None
    assert ask(searcher, "hiking boots").read_as is None
    assert ask(searcher, "red bootts, please").read_as == "red boots, please"
