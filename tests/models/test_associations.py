"""What the same people take: exactness, order, bounds, forgetting, snapshots."""

import math
import random
from itertools import combinations

import pytest

from models.recommend import associations as module
from models.recommend.associations import SHRINKAGE, Associations

Record = tuple[str, str, float, float]


def filled(records: list[Record], per_user: int = 200) -> Associations:
    associations = Associations(per_user)
    for record in records:
        associations.record(*record)
    return associations


def baskets(*products: str) -> list[Record]:
    """One user a word, one product a letter."""
    return [
        (f"u{user}", product, float(place), 1.0)
        for user, word in enumerate(products)
        for place, product in enumerate(word)
    ]


def test_similarity_is_the_shrunk_cosine_of_the_strengths() -> None:
    records = [
        ("u", "a", 1.0, 1.0),
        ("u", "b", 2.0, 0.3),
        ("u", "b", 3.0, 0.7),  # another kind of action: the strengths add up
        ("u", "b", 4.0, 0.7),  # the same again: nothing new
        ("v", "a", 1.0, 0.3),
        ("v", "b", 2.0, 1.0),
        ("w", "b", 1.0, 0.4),
    ]
    ((other, similarity),) = filled(records).neighbours("a", 5)
    cosine = (1.0 * 1.0 + 0.3 * 1.0) / math.sqrt((1 + 0.09) * (1 + 1 + 0.16))
    assert other == "b"
    assert similarity == pytest.approx(cosine / (1 + SHRINKAGE / math.sqrt(2 * 3)))


def test_many_neighbours_are_those_of_brute_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NEIGHBOURS", 15)
    chance = random.Random(3)
    held = {f"u{user}": set(chance.sample(range(60), 12)) for user in range(80)}
    associations = filled([(user, f"p{p:02}", 0.0, 1.0) for user, products in held.items() for p in products])
    users = {p: {user for user, products in held.items() if p in products} for p in range(60)}
    for one in range(60):
        expected = []
        for other in set(range(60)) - {one}:
            both, size = len(users[one] & users[other]), math.sqrt(len(users[one]) * len(users[other]))
            if both:
                expected.append((-both / size / (1 + SHRINKAGE / size), f"p{other:02}"))
        found = associations.neighbours(f"p{one:02}", 100)
        wanted = sorted((round(value, 9), name) for value, name in expected)[:15]
        assert [(round(-value, 9), name) for name, value in found] == wanted


def test_the_order_of_arrival_and_repetitions_change_nothing() -> None:
    chance = random.Random(5)
    records = [
        (f"u{chance.randrange(8)}", f"p{chance.randrange(30)}", float(chance.randrange(20)), weight)
        for weight in (0.3, 0.7, 1.0)
        for _ in range(200)
    ]
    first = filled(records, per_user=10)
    for _ in range(5):
        chance.shuffle(records)
        other = filled(records + records[:50], per_user=10)
        assert other.dump() == first.dump()
        for product in range(30):
            assert other.neighbours(f"p{product}", 30) == first.neighbours(f"p{product}", 30)


def test_of_a_user_the_latest_count_and_a_hundred_thousand_actions_stay_small() -> None:
    associations = filled([("bot", f"p{number}", float(number), 1.0) for number in range(100_000)])
    assert associations.neighbours("p10", 10) == []
    assert len(associations.neighbours("p99999", 1_000)) == 199
    assert len(associations.dump()) < 10_000


def test_a_popular_product_is_sampled_without_losing_its_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    records = baskets(*["ab"] * 300, *["ac"] * 100)
    exact = dict(filled(records).neighbours("a", 5))
    monkeypatch.setattr(module, "SAMPLE", 200)
    sampled = dict(filled(records).neighbours("a", 5))
    assert sampled == dict(filled(records[::-1]).neighbours("a", 5))
    assert sampled["b"] == pytest.approx(exact["b"], rel=0.15)
    assert sampled != exact


def test_neighbours_follow_new_records() -> None:
    associations = filled(baskets("ab", "ab"))
    assert [name for name, _ in associations.neighbours("a", 5)] == ["b"]
    associations.record("u9", "a", 1.0, 1.0)
    associations.record("u9", "c", 2.0, 1.0)
    assert [name for name, _ in associations.neighbours("a", 5)] == ["b", "c"]


def test_kept_neighbours_are_as_old_as_stated_and_no_older() -> None:
    associations = filled([(f"u{n}", "xyz"[n % 3], 0.0, 1.0) for n in range(999)] + baskets(*["ab"] * 20))
    before = associations.neighbours("a", 5)
    associations.record("u0", "c", 9.0, 1.0)  # one in a thousand records, and no new user of a
    assert associations.neighbours("a", 5) == before
    for number in range(20):
        associations.record(f"v{number}", "q", 9.0, 1.0)
    assert "c" in dict(associations.neighbours("a", 5))


def test_of_a_forgotten_user_nothing_is_left() -> None:
    rest = baskets(*["ab"] * 30, "abc", "cd")  # so many that one more user changes too little to compute anew
    associations = filled([*rest, ("gone", "a", 1.0, 1.0), ("gone", "d", 2.0, 0.3), ("gone", "d", 2.0, 1.0)])
    assert "d" in dict(associations.neighbours("a", 5))
    associations.forget("gone")
    associations.forget("nobody")
    assert associations.dump() == filled(rest).dump()
    assert associations.neighbours("a", 5) == filled(rest).neighbours("a", 5)
    assert b"gone" not in associations.dump()


def test_several_products_add_up_by_their_weights() -> None:
    associations = filled(baskets("ac", "ac", "bc", "bd"))
    related = associations.related([("a", 1.0), ("new", 1.0), ("b", 0.5)])
    near_a, near_b = dict(associations.neighbours("a", 5)), dict(associations.neighbours("b", 5))
    assert related.shares_of(["c", "unknown", "d"]).tolist() == [
        [near_a["c"], 0, 0.5 * near_b["c"]],
        [0, 0, 0],
        [0, 0, 0.5 * near_b["d"]],
    ]
    assert related.best(5, lambda name: name != "c") == ["d"]
    assert associations.related([]).best(5, lambda _: True) == []
    assert associations.related([("new", 1.0)]).shares_of(["a"]).tolist() == [[0]]


def test_equal_products_come_by_id() -> None:
    names = [f"p{number}" for number in range(12)]
    pairs = [("me", name) for name in ("x", *names)]
    associations = filled([(user, name, 0.0, 1.0) for user, name in reversed(pairs)])
    assert [name for name, _ in associations.neighbours("x", 3)] == sorted(names)[:3]
    assert associations.related([("x", 1.0)]).best(3, lambda _: True) == sorted(names)[:3]


def test_a_snapshot_restores_what_was_there_and_goes_on() -> None:
    chance = random.Random(1)
    records = [
        (f"ü{n % 50}", f"p{chance.randrange(40)}", n / 7, chance.choice((0.3, 1.0))) for n in range(900)
    ]
    whole = filled(records, per_user=12)
    restored = Associations.restore(filled(records[:600], per_user=12).dump())
    for record in records[600:]:
        restored.record(*record)
    assert restored.dump() == whole.dump()
    assert Associations.restore(Associations().dump()).neighbours("a", 3) == []


def test_a_damaged_snapshot_is_refused_wherever_the_damage_is() -> None:
    content = filled(baskets("abc", "abd", "bcd")).dump()
    for place in range(len(content)):
        damaged = bytearray(content)
        damaged[place] ^= 0x20
        with pytest.raises(ValueError, match="snapshot of associations"):
            Associations.restore(bytes(damaged))
    for part in (b"", content[:-1], content[:40], content + b"x"):
        with pytest.raises(ValueError, match="snapshot of associations"):
            Associations.restore(part)


@pytest.mark.parametrize(
    ("at", "weight"), [(0, 0), (0, -1), (0, 1.1), (math.nan, 1), (math.inf, 1), (0, math.nan)]
)
def test_a_record_that_makes_no_sense_is_refused(at: float, weight: float) -> None:
    with pytest.raises(ValueError, match="weight"):
        Associations().record("u", "a", at, weight)


def test_every_pair_of_one_basket_knows_each_other() -> None:
    associations = filled(baskets("abcde"))
    for one, other in combinations("abcde", 2):
        assert other in dict(associations.neighbours(one, 10))
        assert one in dict(associations.neighbours(other, 10))
