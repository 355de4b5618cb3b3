"""Entries of the topics, joined to the real indexes; and through a snapshot into new ones."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from models.catalogue.catalogue import Catalogue
from models.support.memory import SupportMemory
from streams.contracts.codec import encode
from streams.contracts.events import CONTRACT, CatalogItem
from streams.contracts.fields import Money
from streams.contracts.records import CatalogEntry, MemoryEntry, UserChange
from streams.contracts.results import Probabilities, Sentiment
from streams.contracts.vectors import pack
from streams.views.associations import AssociationsView
from streams.views.catalogue import CatalogueView
from streams.views.memory import MemoryView
from streams.views.products import to_item, to_product
from streams.views.rows import Rows, read_rows
from streams.views.view import View

WIDTH = 8
TIME = datetime(2026, 3, 1, 12, 30, 15, 123_457, tzinfo=UTC)


def vector(number: int) -> Any:
    """A unit vector of its own."""
    return np.eye(WIDTH, dtype=np.float32)[number % WIDTH]


def item(key: str, title: str = "A lamp", **fields: Any) -> CatalogItem:
    return CatalogItem(id=key, time=TIME, product_id=key, title=title, **fields)


def entry(product: CatalogItem, number: int = 0) -> bytes:
    made = CatalogEntry(
        id=f"r-{product.id}", causes=[product.id], time=TIME, product=product, vector=pack(vector(number))
    )
    return encode(made)


def source(key: str, number: int = 0, **fields: Any) -> bytes:
    given = {"kind": "article", "title": "Returns", "answer": "Within 30 days", "tags": ["returns"], **fields}
    return encode(
        MemoryEntry(
            id=f"r-{key}", causes=[key], time=TIME, source_id=key, vector=pack(vector(number)), **given
        )
    )


def change(user: str, product: str | None, kind: str, **fields: Any) -> bytes:
    given = {"kind": kind, "product_id": product, **fields}
    return encode(UserChange(id=f"{user}-{product}-{kind}", causes=["e"], time=TIME, user=user, **given))


def restored(old: View, new: View) -> None:
    """Fills a new view from the old one's snapshot."""
    new.restore(memoryview(b"".join(old.dump().chunks())))
    new.commit()


FULL = item(
    "lamp",
    description="Bright",
    brand="Lux",
    categories=["Home > Light", "Sale"],
    attributes={"colour": "red", "sizes": ["s", "m"], "watts": 7, "weight": 1.5, "new": True},
    price=Money(amount=Decimal("19.90"), currency="EUR"),
    stock=0,
    sku="L-1",
    gtin="12345678",
    language="en",
    url="https://shop.example/lamp",
    image_url="https://shop.example/lamp.png",
    replenishable=True,
)


def test_a_product_has_all_that_its_event_says_and_gives_it_back() -> None:
    product = to_product(FULL)
    assert product.price == Decimal("19.90")
    assert product.categories == ("Home > Light", "Sale")
    assert product.attributes["sizes"] == ("s", "m")
    assert to_item(product) == FULL
    assert to_item(to_product(item("bare"))) == item("bare")


def test_products_come_change_and_go() -> None:
    view = CatalogueView(Catalogue(WIDTH))
    view.apply([entry(FULL, 0), entry(item("vase", "A blue vase"), 1)], [])
    view.commit()
    assert [key for key, _ in view.catalogue.lexical("vase", 5)] == ["vase"]
    assert view.catalogue.nearest(vector(0), 1)[0][0] == "lamp"
    view.apply([entry(item("vase", "A green jar", stock=3), 1)], ["lamp", "unknown"])
    view.commit()
    assert len(view) == len(view.catalogue) == 1
    assert view.catalogue.lexical("lamp", 5) == []
    found = view.catalogue.get("vase")
    assert found is not None
    assert (found.title, found.stock) == ("A green jar", 3)


def test_a_catalogue_comes_back_from_its_snapshot() -> None:
    old = CatalogueView(Catalogue(WIDTH))
    many = [entry(item(f"p{number}", f"Thing {number}"), number) for number in range(600)]
    old.apply([entry(FULL), *many], [])
    new = CatalogueView(Catalogue(WIDTH))
    restored(old, new)
    assert len(new) == len(new.catalogue) == 601
    assert new.catalogue.get("lamp") == to_product(FULL)
    assert new.catalogue.get("p7") == old.catalogue.get("p7")
    assert new.catalogue.nearest(vector(7), 1)[0][1] == pytest.approx(1, abs=1e-3)
    assert [key for key, _ in new.catalogue.lexical("bright", 5)] == ["lamp"]
    new.clear()
    new.commit()
    assert len(new) == len(new.catalogue) == 0


def test_a_dump_does_not_show_later_changes() -> None:
    view = CatalogueView(Catalogue(WIDTH))
    view.apply([entry(FULL, 0)], [])
    dump = view.dump()
    view.apply([entry(item("lamp", "Another"), 1), entry(item("vase"), 2)], [])
    other = CatalogueView(Catalogue(WIDTH))
    other.restore(memoryview(b"".join(dump.chunks())))
    assert len(other) == 1
    assert other.catalogue.get("lamp") == to_product(FULL)
    assert other.catalogue.nearest(vector(0), 1)[0][1] == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    "bad",
    [
        b"no json",
        b"{}",
        entry(FULL).replace(f'"{CONTRACT}"'.encode(), b'"2.0"'),
        encode(
            CatalogEntry(id="r", causes=["c"], time=TIME, product=FULL, vector=pack(np.ones(4, np.float32)))
        ),
        encode(
            CatalogEntry(
                id="r", causes=["c"], time=TIME, product=FULL, vector=pack(np.full(WIDTH, np.nan, np.float32))
            )
        ),
    ],
    ids=["no json", "no entry", "newer contract", "another width", "no number"],
)
def test_an_unreadable_entry_stops_no_other(bad: bytes) -> None:
    view = CatalogueView(Catalogue(WIDTH))
    assert list(view.apply([entry(item("a")), bad, entry(item("b"), 1)], [])) == [1]
    assert len(view) == 2


def test_a_snapshot_of_another_width_is_refused() -> None:
    old = CatalogueView(Catalogue(WIDTH))
    old.apply([entry(FULL)], [])
    with pytest.raises(ValueError, match="width"):
        restored(old, CatalogueView(Catalogue(WIDTH + 1)))


def test_support_memory_comes_changes_goes_and_comes_back() -> None:
    view = MemoryView(SupportMemory(WIDTH), WIDTH)
    asked = {"kind": "ticket", "title": None, "question": "Where is [PERSON_1]'s parcel?"}
    bad = view.apply([source("a", 0), source("b", 1, **asked), b"{}", source("c", 2)], [])
    view.apply([source("a", 3, answer="Within 14 days", url="https://shop.example/a")], ["c"])
    assert list(bad) == [2]
    assert len(view) == len(view.memory) == 2
    assert view.memory.nearest(vector(3), 1)[0][0] == "a"
    new = MemoryView(SupportMemory(WIDTH), WIDTH)
    restored(view, new)
    assert new.memory.nearest(vector(1), 1)[0][0] == "b"
    for key in ("a", "b"):
        assert new.memory.get(key) == view.memory.get(key)
    found = new.memory.get("a")
    assert found is not None
    assert (found.answer, found.tags, found.updated) == ("Within 14 days", ("returns",), TIME.timestamp())
    new.clear()
    assert len(new) == len(new.memory) == 0


def sentiment(positive: float) -> Sentiment:
    odds = Probabilities(negative=1 - positive, neutral=0, positive=positive)
    return Sentiment(label="positive" if positive > 0.5 else "negative", probabilities=odds)


def test_what_people_took_together_is_associated_and_comes_back() -> None:
    view = AssociationsView()
    bought = [change(f"u{user}", product, "bought") for user in range(5) for product in ("bread", "butter")]
    bad = view.apply([*bought, b"{}", change("u0", None, "searched", text="lamp")], [])
    assert list(bad) == [10]
    assert [key for key, _ in view.associations.neighbours("bread", 5)] == ["butter"]
    new = AssociationsView()
    restored(view, new)
    assert new.associations.neighbours("bread", 5) == view.associations.neighbours("bread", 5)
    assert len(new) == 5


def test_an_erased_user_leaves_the_associations_and_their_snapshot_and_may_come_back() -> None:
    view = AssociationsView()
    bought = [change(f"u{user}", product, "bought") for user in range(5) for product in ("bread", "butter")]
    without = AssociationsView()
    without.apply([one for one in bought if b'"u3"' not in one], [])
    view.apply([*bought, change("u3", None, "forgotten")], [])
    assert view.associations.dump() == without.associations.dump()
    view.apply([change("u3", "jam", "bought")], [])
    assert len(view) == 5


def test_sources_of_a_user_are_found_also_after_a_restart() -> None:
    view = MemoryView(SupportMemory(WIDTH), WIDTH)
    asked = {"kind": "ticket", "question": "Where is it?"}
    view.apply([source("a", 0, user="u1", **asked), source("b", 1, user="u2", **asked), source("c", 2)], [])
    new = MemoryView(SupportMemory(WIDTH), WIDTH)
    restored(view, new)
    assert view.memory.of_users(["u1", "u3"]) == new.memory.of_users(["u1", "u3"]) == {"u1": ["a"], "u3": []}
    assert "u1" not in repr(new.memory.get("a"))


@pytest.mark.parametrize(
    ("kind", "fields", "counts"),
    [
        ("viewed", {}, True),
        ("dismissed", {}, False),
        ("removed", {}, False),
        ("reviewed", {"sentiment": sentiment(0.9)}, True),
        ("reviewed", {"sentiment": sentiment(0.1)}, False),
        ("reviewed", {"rating": 5}, True),
        ("reviewed", {"rating": 1}, False),
        ("reviewed", {}, True),  # they have it, and say nothing against it
    ],
)
def test_what_says_that_a_product_suits_counts(kind: str, fields: dict[str, Any], counts: bool) -> None:
    view = AssociationsView()
    view.apply([change("u", "bread", "bought"), change("u", "jam", kind, **fields)], [])
    assert bool(view.associations.neighbours("bread", 5)) == counts


def test_a_purchase_says_more_than_a_look() -> None:
    view = AssociationsView()
    for kind, product in (("bought", "butter"), ("viewed", "jam")):
        view.apply(
            [
                change(f"u{user}-{kind}", one, how)
                for user in range(9)
                for one, how in (("bread", "bought"), (product, kind))
            ],
            [],
        )
    view.apply([change(f"x{user}", "jam", "bought") for user in range(9)], [])
    strengths = dict(view.associations.neighbours("bread", 5))
    assert strengths["butter"] > strengths["jam"]


def test_unknown_fields_of_a_snapshot_are_refused() -> None:
    old = CatalogueView(Catalogue(WIDTH))
    old.apply([entry(FULL)], [])
    payload = b"".join(old.dump().chunks())
    broken = payload.replace(b'"brand"', b'"brend"')
    assert broken != payload
    with pytest.raises(ValueError, match="product"):
        CatalogueView(Catalogue(WIDTH)).restore(memoryview(broken))


def test_an_empty_view_can_be_kept_and_restored() -> None:
    payload = b"".join(bytes(chunk) for chunk in Rows([], np.empty((0, WIDTH), np.float16)).chunks())
    assert list(read_rows(memoryview(payload), WIDTH)) == []
