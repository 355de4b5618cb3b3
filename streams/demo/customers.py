"""Made-up customers, with personal data that belongs to nobody.

E-mail domains are those of RFC 2606, phone numbers those that regulators set aside for fiction (NANP 555-01XX, Ofcom's
and ARCEP's drama numbers), cards and bank accounts random digits under test prefixes with right check digits.
"""

import random
from dataclasses import dataclass
from typing import Final

FIRST: Final = (
    "ada", "bruno", "chiara", "dilan", "elif", "femi", "greta", "hugo", "ines",
    "jonas", "kaya", "lena", "malik", "nora", "oskar", "priya", "rosa", "sven",
)  # fmt: skip
LAST: Final = (
    "abara", "berg", "castellan", "dubois", "eriksen", "fontaine", "hollis", "ivers", "jansen",
    "kovac", "lindgren", "moreau", "novak", "okafor", "quist", "rossi", "tamm",
)  # fmt: skip
DOMAINS: Final = ("example.com", "example.org", "example.net", "mail.example")
CARD_PREFIXES: Final = ("400000", "555555")
IBAN_PATTERNS: Final = (("DE", "12345678", 10), ("GB", "WEST123456", 8), ("NL", "TEST0", 9))
"""Country, bank, and how many digits the account has (ISO 13616)."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Someone who writes reviews, and what they might give away.

    Attributes:
        user_id: a plain number, or for a few the e-mail address.
    """

    user_id: str
    email: str
    phone: str
    card: str
    iban: str


def customers(count: int, chance: random.Random) -> list[Customer]:
    """That many, all different; every tenth uses the e-mail address as user id."""
    return [_customer(number, chance) for number in range(count)]


def _customer(number: int, chance: random.Random) -> Customer:
    email = f"{chance.choice(FIRST)}.{chance.choice(LAST)}{number}@{chance.choice(DOMAINS)}"
    return Customer(
        user_id=email if number % 10 == 9 else f"user-{number:04d}",  # noqa: PLR2004 - the tenth
        email=email,
        phone=phone(chance),
        card=card(chance),
        iban=iban(chance),
    )


def phone(chance: random.Random) -> str:
    """A number that no one has, in one of the forms that people write."""
    return chance.choice(
        (
            f"({chance.choice((202, 312, 415, 617))}) 555-01{chance.randrange(100):02d}",
            f"+1 {chance.choice((202, 312, 415, 617))}-555-01{chance.randrange(100):02d}",
            f"07700 900{chance.randrange(1000):03d}",
            f"+33 1 99 00 {chance.randrange(100):02d} {chance.randrange(100):02d}",
        )
    )


def card(chance: random.Random) -> str:
    """A card number that passes Luhn's check (ISO/IEC 7812-1), in one piece or in fours."""
    body = chance.choice(CARD_PREFIXES) + _digits(9, chance)
    number = body + str(luhn_digit(body))
    return chance.choice((number, _in_fours(number, " "), _in_fours(number, "-")))


def luhn_digit(body: str) -> int:
    """The check digit that completes a card number."""
    doubled = [int(digit) * (2 - position % 2) for position, digit in enumerate(reversed(body))]
    return -sum(value // 10 + value % 10 for value in doubled) % 10


def iban(chance: random.Random) -> str:
    """An account number whose check digits are right (ISO 7064, MOD 97-10), in one piece or in fours."""
    country, bank, digits = chance.choice(IBAN_PATTERNS)
    account = bank + _digits(digits, chance)
    as_number = "".join(str(int(character, 36)) for character in f"{account}{country}00")
    number = f"{country}{98 - int(as_number) % 97:02d}{account}"
    return chance.choice((number, _in_fours(number, " ")))


def _digits(count: int, chance: random.Random) -> str:
    return "".join(chance.choices("0123456789", k=count))


def _in_fours(number: str, gap: str) -> str:
    return gap.join(number[start : start + 4] for start in range(0, len(number), 4))
