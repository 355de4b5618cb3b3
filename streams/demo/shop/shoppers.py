"""The people who buy in the made-up shop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from streams.demo.shop.departments import DEPARTMENTS
from streams.demo.shop.kinds import Language
from streams.demo.shop.personal import card, chinese_id, iban, ip_address, phone, spanish_id
from streams.demo.shop.words.people import (
    FIRST,
    FIRST_ZH,
    LAST,
    LAST_ZH,
    STREETS,
    STREETS_ZH,
    TOWNS,
    TOWNS_ZH,
)

DOMAINS: Final = ("example.com", "example.org", "example.net")
"""RFC 2606."""
DETECTED: Final = frozenset({"email", "phone", "card", "iban", "ip", "national_id"})
"""Personal data that patterns find."""
UNDETECTED: Final = frozenset({"name", "address", "town"})
"""Personal data that only a tagger model finds."""

_EVERY_FIFTH: Final = 5
_EVERY_TENTH: Final = 10


@dataclass(frozen=True, slots=True)
class Shopper:
    """Someone who buys and writes, and what they might give away.

    Attributes:
        number: from 0.
        user_id: `user-0001`, or for every tenth the e-mail address.
        interests: names of two or three departments.
        personal: personal data by kind: those of `DETECTED` and of `UNDETECTED`.
    """

    number: int
    user_id: str
    language: Language
    interests: Sequence[str]
    personal: Mapping[str, str]


def shoppers(count: int, chance: Random) -> list[Shopper]:
    """That many, all different; every fifth writes Chinese."""
    return [_shopper(number, chance) for number in range(count)]


def _shopper(number: int, chance: Random) -> Shopper:
    chinese = number % _EVERY_FIFTH == _EVERY_FIFTH - 2
    personal = _chinese(number, chance) if chinese else _european(number, chance)
    personal |= {
        "phone": phone(chance),
        "card": card(chance),
        "iban": iban(chance),
        "ip": ip_address(chance),
    }
    return Shopper(
        number=number,
        user_id=personal["email"] if number % _EVERY_TENTH == _EVERY_TENTH - 1 else f"user-{number:04d}",
        language="zh" if chinese else "en",
        interests=chance.sample([department.name for department in DEPARTMENTS], chance.choice((2, 3))),
        personal=personal,
    )


def _european(number: int, chance: Random) -> dict[str, str]:
    first, last = chance.choice(FIRST), chance.choice(LAST)
    town = chance.choice(TOWNS)
    local = chance.choice((f"{first}.{last}{number}", f"{first[0]}{last}{number}", f"{last}_{first}{number}"))
    return {
        "name": f"{first} {last}",
        "email": f"{local.lower()}@{chance.choice(DOMAINS)}",
        "town": town,
        "address": f"{chance.randint(1, 180)} {chance.choice(STREETS)}, {town}",
        "national_id": spanish_id(chance),
    }


def _chinese(number: int, chance: Random) -> dict[str, str]:
    (first, first_sound), (last, last_sound) = chance.choice(FIRST_ZH), chance.choice(LAST_ZH)
    town = chance.choice(TOWNS_ZH)
    return {
        "name": f"{last}{first}",
        "email": f"{last_sound}{first_sound}{number}@{chance.choice(DOMAINS)}",
        "town": town,
        "address": f"{town}{chance.choice(STREETS_ZH)}{chance.randint(1, 300)}号",
        "national_id": chinese_id(chance),
    }
