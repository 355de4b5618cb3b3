"""Personal data that belongs to nobody.

Phone numbers are those that regulators set aside for fiction (NANP 555-01XX, Ofcom's and ARCEP's drama numbers), cards
and bank accounts random digits under test prefixes with right check digits, IP addresses those kept for documentation
(RFC 5737), national ids of a region or a number range that was never given out.
"""

from datetime import date, timedelta
from random import Random
from typing import Final

CARD_PREFIXES: Final = ("400000", "555555")
IBAN_PATTERNS: Final = (("DE", "12345678", 10), ("GB", "WEST123456", 8), ("NL", "TEST0", 9))
"""Country, bank, and how many digits the account has (ISO 13616)."""
NETWORKS: Final = ("198.51.100", "203.0.113")
AREA_CODES: Final = (202, 312, 415, 617)

_DNI_LETTERS: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
_RESIDENT_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS: Final = "10X98765432"


def phone(chance: Random) -> str:
    """A number that no one has, in one of the forms that people write."""
    return chance.choice(
        (
            f"({chance.choice(AREA_CODES)}) 555-01{chance.randrange(100):02d}",
            f"+1 {chance.choice(AREA_CODES)}-555-01{chance.randrange(100):02d}",
            f"07700 900{chance.randrange(1000):03d}",
            f"+33 1 99 00 {chance.randrange(100):02d} {chance.randrange(100):02d}",
        )
    )


def card(chance: Random) -> str:
    """A card number that passes Luhn's check (ISO/IEC 7812-1), in one piece or in fours."""
    body = chance.choice(CARD_PREFIXES) + digits(9, chance)
    number = body + str(luhn_digit(body))
    return chance.choice((number, _in_fours(number, " "), _in_fours(number, "-")))


def luhn_digit(body: str) -> int:
    """The check digit that completes a card number."""
    doubled = [int(digit) * (2 - position % 2) for position, digit in enumerate(reversed(body))]
    return -sum(value // 10 + value % 10 for value in doubled) % 10


def iban(chance: Random) -> str:
    """An account number whose check digits are right (ISO 7064, MOD 97-10), in one piece or in fours."""
    country, bank, count = chance.choice(IBAN_PATTERNS)
    account = bank + digits(count, chance)
    as_number = "".join(str(int(character, 36)) for character in f"{account}{country}00")
    number = f"{country}{98 - int(as_number) % 97:02d}{account}"
    return chance.choice((number, _in_fours(number, " ")))


def ip_address(chance: Random) -> str:
    """An address of version 4 that is kept for documentation."""
    return f"{chance.choice(NETWORKS)}.{chance.randint(1, 254)}"


def spanish_id(chance: Random) -> str:
    """A DNI of eight digits beyond those given out, with its letter (RD 1553/2005)."""
    number = f"9999{digits(4, chance)}"
    return number + _DNI_LETTERS[int(number) % len(_DNI_LETTERS)]


def chinese_id(chance: Random) -> str:
    """A resident id of region 100000, which does not exist (GB/T 2260), with its check (GB 11643-1999)."""
    born = date(1960, 1, 1) + timedelta(days=chance.randrange(15_000))
    body = f"100000{born:%Y%m%d}{digits(3, chance)}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _RESIDENT_WEIGHTS, strict=True))
    return body + _RESIDENT_CHECKS[total % len(_RESIDENT_CHECKS)]


def digits(count: int, chance: Random) -> str:
    """That many random digits."""
    return "".join(chance.choices("0123456789", k=count))


def _in_fours(number: str, gap: str) -> str:
    return gap.join(number[start : start + 4] for start in range(0, len(number), 4))
