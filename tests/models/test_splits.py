import hashlib
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from models.training.splits import Part, first_of_each, part_of, positions


@given(st.text())
def test_a_text_is_tested_on_where_its_hash_is_divisible_by_seven(text: str) -> None:
    divisible = int(hashlib.sha256(text.encode()).hexdigest(), 16) % 7 == 0
    assert (part_of(text) is Part.TEST) == divisible


def test_parts_have_their_shares() -> None:
    shares = Counter(part_of(f"review {number}") for number in range(20_000))
    assert abs(shares[Part.TEST] / 20_000 - 1 / 7) < 0.01
    assert abs(shares[Part.VALIDATION] / 20_000 - 6 / 49) < 0.01


def test_a_repeat_differs_by_more_than_case_and_space() -> None:
    assert first_of_each(["Nice dress", "nice  DRESS\n", "nice dress!", "Nice dress"]) == [0, 2]


def test_positions_of_a_part() -> None:
    assert positions([Part.TEST, Part.TRAIN, Part.TEST], Part.TEST) == [0, 2]


def test_a_lone_surrogate_has_a_part() -> None:
    assert part_of("\ud800") in Part
