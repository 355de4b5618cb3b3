import random

import pytest

from streams.demo.customers import card, customers, iban, luhn_digit


def digits(text: str) -> list[int]:
    return [int(character) for character in text if character.isdigit()]


@pytest.mark.parametrize("seed", range(20))
def test_a_card_number_passes_luhn(seed: int) -> None:
    number = digits(card(random.Random(seed)))
    doubled = [digit * 2 if place % 2 else digit for place, digit in enumerate(reversed(number))]
    assert len(number) == 16
    assert sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0


def test_the_check_digit_of_a_known_number() -> None:
    assert luhn_digit("7992739871") == 3  # the example of ISO/IEC 7812-1's literature


@pytest.mark.parametrize("seed", range(20))
def test_an_account_number_has_right_check_digits(seed: int) -> None:
    number = iban(random.Random(seed)).replace(" ", "")
    turned = number[4:] + number[:4]
    assert int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def test_customers_differ() -> None:
    crowd = customers(300, random.Random(1))
    assert len({one.user_id for one in crowd}) == len({one.email for one in crowd}) == 300
    assert sum(one.user_id == one.email for one in crowd) == 30
