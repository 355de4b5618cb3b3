import threading
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from models.catalogue import Catalogue, Product, VectorIndex, product_text, same_text
from models.catalogue.facets import FacetTable, attribute_facet, brand_facet, category_facet
from models.catalogue.vectors import BLOCK_ROWS, Vectors
from tests.models.tiny_products import PRODUCTS, WIDTH, filled, unit_vectors


def ids(found: list[tuple[str, float]]) -> list[str]:
    return [key for key, _ in found]


# --- vectors


def test_the_nearest_are_those_of_a_full_comparison() -> None:
    vectors = unit_vectors(500, 24, seed=1)
    index = VectorIndex(24)
    index.upsert([f"v{n}" for n in range(500)], vectors)
    query = unit_vectors(1, 24, seed=2)[0]
    expected = np.argsort(-(vectors @ query))[:20]
    found = index.nearest(query, 20)
    assert ids(found) == [f"v{n}" for n in expected]
    assert [score for _, score in found] == pytest.approx(
        [float(vectors[n] @ query) for n in expected], abs=1e-6
    )


def test_slots_of_deleted_vectors_are_used_again_and_what_is_free_is_never_found() -> None:
    index = VectorIndex(4)
    index.upsert(["a", "b", "c"], -np.ones((3, 4), np.float32))
    index.delete(["a", "c", "unknown"])
    # Everything that is left points away from the query: a free slot's zero would be nearer.
    assert ids(index.nearest(np.full(4, 0.5, np.float32), 3)) == ["b"]
    assert index.nearest(np.full(4, 0.5, np.float32), 3, np.ones(index.size, np.bool_))[0][0] == "b"
    index.upsert(["d"], np.ones((1, 4), np.float32))
    assert index.size == 3
    slot = index.slot("d")
    assert slot is not None
    assert index.key(slot) == "d"


def test_a_test_of_ids_finds_what_passes_however_far_it_is() -> None:
    index = VectorIndex(8)
    index.upsert([f"v{n}" for n in range(1000)], unit_vectors(1000, 8, seed=3))
    query = unit_vectors(1, 8, seed=4)[0]
    last = index.nearest(query, 1000)[-1][0]
    assert ids(index.nearest(query, 5, lambda key: key == last)) == [last]


def test_vectors_of_all_blocks_are_found_and_their_mean_follows_changes() -> None:
    index = VectorIndex(3)
    count = BLOCK_ROWS + 5
    vectors = unit_vectors(count, 3, seed=5)
    index.upsert([str(n) for n in range(count)], vectors)
    assert index.nearest(vectors[-1], 1)[0][0] == str(count - 1)
    index.delete([str(n) for n in range(100)])
    index.upsert(["200"], np.asarray([[1, 0, 0]], np.float32))
    kept = vectors[100:].copy()
    kept[100] = [1, 0, 0]
    assert index.mean == pytest.approx(kept.mean(axis=0), abs=1e-5)


@pytest.mark.parametrize("bad", [np.zeros((1, 5)), np.zeros((2, 4)), np.full((1, 4), np.nan)])
def test_unfit_vectors_are_refused_and_change_nothing(bad: Vectors) -> None:
    index = VectorIndex(4)
    with pytest.raises(ValueError, match=r"shape|finite"):
        index.upsert(["a"], bad.astype(np.float32))
    assert len(index) == index.size == 0


# --- facets


def test_values_that_are_equal_in_python_are_told_apart_where_people_do() -> None:
    facets = [attribute_facet("lid", value) for value in (True, 1, 1.0, "1", "True")]
    assert facets == ["attribute:lid=true", *["attribute:lid=1"] * 3, "attribute:lid=true"]


def test_the_facet_table_answers_like_sets_through_many_changes() -> None:
    rng = np.random.default_rng(6)
    table, plain = FacetTable(), dict[int, frozenset[str]]()
    for _ in range(9000):
        slot = int(rng.integers(0, 1000))
        if rng.random() < 0.3:
            table.remove(slot)
            plain.pop(slot, None)
        else:
            plain[slot] = frozenset(f"f{n}" for n in rng.integers(0, 12, int(rng.integers(0, 8))))
            table.put(slot, plain[slot])
    required = (("f1", "f2", "unknown"), ("f3", "f4"))
    mask = table.mask(required, 800)
    expected = {
        slot for slot, has in plain.items() if slot < 800 and has & {"f1", "f2"} and has & {"f3", "f4"}
    }
    assert expected
    assert set(np.flatnonzero(mask)) == expected


# --- catalogue


def test_words_and_vectors_find_products_and_a_title_counts_more_than_a_description() -> None:
    catalogue = filled()
    assert ids(catalogue.lexical("waterproof hiking boots", 10))[0] == "boots"
    assert ids(catalogue.lexical("kettle", 10)) == ["kettle", "teapot"]
    vector = catalogue.vector("kettle")
    assert vector is not None
    assert ids(catalogue.nearest(vector, 1)) == ["kettle"]
    allowed = catalogue.nearest(vector, 9, lambda product: product.brand == "Alpina")
    assert set(ids(allowed)) == {"boots", "poles"}


def test_a_chinese_query_finds_a_chinese_title() -> None:
    assert ids(filled().lexical("登山鞋", 10))[0] == "zh"


def test_a_misspelt_word_finds_what_the_right_one_finds() -> None:
    catalogue = filled()
    assert ids(catalogue.lexical("hikign bootss", 10))[0] == "boots"
    assert catalogue.lexical("zzzzqqq", 10) == []


@pytest.mark.parametrize(
    "query",
    [
        "title:kettle",
        "kettle AND (",
        '"kettle',
        "+kettle -kettle",
        "kettle^9 ~2 *",
        "kettle\\",
        "[a TO kettle}",
    ],
)
def test_nothing_that_a_user_writes_is_an_operator(query: str) -> None:
    assert "kettle" in ids(filled().lexical(query, 10))


def test_a_price_or_stock_change_is_seen_at_once_and_touches_no_index() -> None:
    catalogue = filled()
    before = catalogue.text_generation
    kettle = catalogue.get("kettle")
    vector = catalogue.vector("kettle")
    assert kettle is not None
    assert vector is not None
    changed = replace(kettle, price=Decimal("19.99"), stock=0, updated=2.0)
    # As a vector comes back from a topic in float16.
    catalogue.upsert([changed], vector[np.newaxis].astype(np.float16).astype(np.float32))
    assert catalogue.get("kettle") == changed
    assert not catalogue.uncommitted
    assert catalogue.text_generation == before


def test_a_text_change_replaces_the_old_words_and_moves_the_generation_again_when_committed() -> None:
    catalogue = filled()
    kettle, vector = catalogue.get("kettle"), catalogue.vector("kettle")
    assert kettle is not None
    assert vector is not None
    generations = [catalogue.text_generation]
    changed = replace(kettle, title="Electric samovar", description="", categories=(), brand=None)
    catalogue.upsert([changed], vector[np.newaxis])
    generations.append(catalogue.text_generation)
    catalogue.commit()
    generations.append(catalogue.text_generation)
    assert generations == sorted(set(generations))
    assert ids(catalogue.lexical("samovar", 10)) == ["kettle"]
    assert ids(catalogue.lexical("kettle", 10)) == ["teapot"]


def test_a_deleted_product_is_gone_before_and_after_the_commit_and_may_come_back() -> None:
    catalogue = filled()
    kettle, vector = catalogue.get("kettle"), catalogue.vector("kettle")
    assert kettle is not None
    assert vector is not None
    catalogue.delete(["kettle", "unknown"])
    for _ in range(2):
        assert ids(catalogue.lexical("kettle", 10)) == ["teapot"]
        assert "kettle" not in ids(catalogue.nearest(vector, 99))
        assert catalogue.get("kettle") is None
        assert catalogue.vector("kettle") is None
        catalogue.commit()
    catalogue.upsert([kettle], vector[np.newaxis])
    catalogue.commit()
    assert ids(catalogue.lexical("kettle", 10)) == ["kettle", "teapot"]
    assert len(catalogue) == len(PRODUCTS)


def test_of_an_id_that_comes_twice_the_last_counts() -> None:
    catalogue = Catalogue(WIDTH)
    first, last = (Product("p", f"{word} lamp", 1.0) for word in ("red", "blue"))
    catalogue.upsert([first, last], unit_vectors(2, WIDTH, seed=7))
    catalogue.commit()
    assert catalogue.lexical("red", 10) == []
    assert ids(catalogue.lexical("lamp", 10)) == ["p"]


def test_required_facets_limit_both_sides() -> None:
    catalogue = filled()
    required = ((brand_facet("ALPINA"),), (category_facet("outdoor>hiking"), category_facet("kitchen")))
    (row,) = catalogue.similarities(unit_vectors(1, WIDTH, seed=8))
    assert set(ids(catalogue.best(row, 99, required))) == {"boots", "poles"}
    assert ids(catalogue.lexical("boots kettle", 99, required)) == ["boots"]


def test_searches_go_on_while_another_thread_commits() -> None:
    catalogue = filled()
    products = [Product(f"p{n}", f"gadget {n} of steel", 1.0) for n in range(3000)]
    catalogue.upsert(products, unit_vectors(3000, WIDTH, seed=9))
    thread = threading.Thread(target=catalogue.commit)
    thread.start()
    seen = set()
    while thread.is_alive():
        seen.add(len(catalogue.lexical("gadget", 5000)))
    thread.join()
    assert seen <= {0, 3000}
    assert len(catalogue.lexical("gadget", 5000)) == 3000


# --- text


def test_the_encoder_reads_title_brand_categories_attributes_and_a_bounded_description() -> None:
    product = Product(
        "p", "Trail boots", 1.0, description="word " * 500, brand="Alpina", categories=("Shoes > Boots",),
        attributes={"colour": "brown", "waterproof": True, "vegan": False, "sizes": ("41", "42")},
    )  # fmt: skip
    text = product_text(product)
    assert text.startswith(
        "Trail boots. Alpina. Shoes > Boots. colour: brown; waterproof: waterproof; sizes: 41, 42. word"
    )
    assert len(text) <= 400


def test_only_what_is_read_makes_two_states_different() -> None:
    product = PRODUCTS[0]
    assert same_text(product, replace(product, price=Decimal(1), stock=3, updated=9.0, sku="x"))
    for other in (
        replace(product, title="Other"),
        replace(product, attributes={"colour": "red"}),
        replace(product, categories=()),
    ):
        assert not same_text(product, other)
