"""The made-up shop's users: all different, with personal data that is nobody's and that looks like somebody's."""

import random
from collections import Counter

import pytest

from privacy.detect import Detector
from streams.demo.shop.departments import DEPARTMENTS
from streams.demo.shop.personal import card, chinese_id, iban, luhn_digit, spanish_id
from streams.demo.shop.shoppers import DETECTED, UNDETECTED, Shopper, shoppers

LABELS = {
    "email": "EMAIL",
    "phone": "PHONE",
    "card": "CARD",
    "iban": "IBAN",
    "ip": "IP",
    "national_id": "NATIONAL_ID",
}


@pytest.fixture(scope="module")
def crowd() -> list[Shopper]:
    return shoppers(200, random.Random(5))


def test_users_differ_and_every_tenth_goes_by_the_e_mail_address(crowd: list[Shopper]) -> None:
    assert len({one.user_id for one in crowd}) == len({one.personal["email"] for one in crowd}) == 200
    assert sum(one.user_id == one.personal["email"] for one in crowd) == 20


def test_every_fifth_writes_chinese_and_all_have_two_or_three_interests(crowd: list[Shopper]) -> None:
    assert Counter(one.language for one in crowd) == {"en": 160, "zh": 40}
    assert {len(one.interests) for one in crowd} == {2, 3}
    assert {name for one in crowd for name in one.interests} == {one.name for one in DEPARTMENTS}


def test_every_kind_of_personal_data_is_there(crowd: list[Shopper]) -> None:
    for one in crowd:
        assert set(one.personal) == DETECTED | UNDETECTED


@pytest.mark.parametrize("kind", sorted(DETECTED))
def test_the_detector_finds_each_kind(kind: str, crowd: list[Shopper]) -> None:
    introductions = {
        "phone": "my phone number is",
        "ip": "my IP address is",
        "national_id": "my ID number is",
    }
    detector = Detector()
    for one in crowd:
        text = f"{introductions.get(kind, 'it is')} {one.personal[kind]} ."
        found = {(text[span.start : span.end], span.label) for span in detector.detect([text])[0]}
        assert (one.personal[kind], LABELS[kind]) in found


@pytest.mark.parametrize("seed", range(20))
def test_check_digits_are_right(seed: int) -> None:
    chance = random.Random(seed)
    number = [int(digit) for digit in card(chance) if digit.isdigit()]
    doubled = [digit * 2 if place % 2 else digit for place, digit in enumerate(reversed(number))]
    assert sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0
    account = iban(chance).replace(" ", "")
    assert int("".join(str(int(letter, 36)) for letter in account[4:] + account[:4])) % 97 == 1
    spanish = spanish_id(chance)
    assert spanish[-1] == "TRWAGMYFPDXBNJZSQVHLCKE"[int(spanish[:-1]) % 23]
    chinese = chinese_id(chance)
    # ISO 7064 mod 11-2: the weights are the powers of two, the check character included.
    values = [10 if letter == "X" else int(letter) for letter in chinese]
    assert sum(value * 2 ** (17 - place) for place, value in enumerate(values)) % 11 == 1


def test_the_check_digit_of_a_known_card() -> None:
    assert luhn_digit("7992739871") == 3
