"""Values of slots that are no names or addresses: orders, cards, products, brands, days, amounts."""

from collections.abc import Callable

from models.training.pii_chance import Chance, words
from models.training.pii_text import Value

_PRODUCTS = words(
    "jeans dress sweater jacket blouse shirt coat skirt boots sneakers sandals backpack lamp kettle headphones",
    "charger phone case watch ring necklace sofa chair table mattress pillow blanket book game console laptop",
    "keyboard mouse",
    "monitor camera tripod drone knife pan pot toaster blender vacuum cleaner shampoo lotion perfume lipstick mascara",
)
_BRANDS = (
    *words(
        "Levi's Nike Adidas Puma Reebok Gucci Prada Chanel Hermes Zara Uniqlo Samsung Apple Sony Bose Philips Bosch",
        "Dyson Lego Hasbro Nintendo Canon Nikon Dell Lenovo Asus Logitech Anker Fossil Casio Seiko Rolex Columbia",
        "Patagonia Timberland Converse Vans Birkenstock Crocs Skechers Lacoste Burberry Versace Armani Gap Diesel",
    ),
    *(
        "Calvin Klein",
        "Tommy Hilfiger",
        "Ralph Lauren",
        "Michael Kors",
        "Kate Spade",
        "Christian Dior",
        "Hugo Boss",
    ),
    *(
        "Yves Saint Laurent",
        "Dr. Martens",
        "Jack Daniel's",
        "Johnson & Johnson",
        "Harley-Davidson",
        "Estee Lauder",
    ),
    *("Victoria's Secret", "Ben & Jerry's", "Marc Jacobs", "Steve Madden", "Tory Burch", "Vera Bradley"),
)
_COLOURS = words(
    "red blue green black white grey navy ivory olive maroon teal burgundy beige pink rose ruby amber violet"
)
_MONTHS = words("January February March April May June July August September October November December")
_DAYS = words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday today tomorrow")
_JOBS = (
    *(
        "engineer",
        "Head of Sales",
        "CEO",
        "purchasing manager",
        "teacher",
        "nurse",
        "Chief Technology Officer",
    ),
    *("accountant", "lawyer", "Vice President", "designer", "Customer Success Manager"),
)
_NATIONALITIES = words(
    "American British Canadian Australian Irish Indian Pakistani Chinese Japanese Korean Vietnamese Thai Filipino",
    "French German Italian Spanish Portuguese Dutch Belgian Swiss Austrian Swedish Norwegian Danish Finnish Polish",
    "Czech Greek Hungarian Romanian Russian Ukrainian Turkish Israeli Egyptian Moroccan Nigerian Kenyan Ethiopian",
    "Mexican Cuban Brazilian Argentinian Chilean Peruvian",
)
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_PREFIXES = ("Mr.", "Mrs.", "Ms.", "Miss", "Dr.", "Mr", "Mrs", "Prof.")


def neutral(slot: str, random_: Chance) -> Value | None:
    """What a slot is filled with; None for slots that are not of this sort."""
    make = _MAKERS.get(slot)
    return None if make is None else Value(make(random_))


def _digits(count: int) -> Callable[[Chance], str]:
    return lambda random_: "".join(random_.choices("0123456789", k=count))


def _order(random_: Chance) -> str:
    return f"{random_.choice(('', '', '#', 'ORD-', 'A'))}{random_.randint(1_000, 99_999_999)}"


def _card(random_: Chance) -> str:
    digits = f"4{random_.randint(0, 10**15 - 1):015}"
    if random_.happens(0.5):
        return digits
    return " ".join(digits[start : start + 4] for start in range(0, 16, 4))


def _phone(random_: Chance) -> str:
    number = f"{random_.randint(2_000_000_000, 9_899_999_999)}"
    forms = (
        "{0}{1}{2}",
        "({0}) {1}-{2}",
        "{0}-{1}-{2}",
        "+1 {0} {1} {2}",
        "0{0} {1}{2}",
        "{0}.{1}.{2}",
        "+44 {0} {1}{2}",
    )
    return random_.choice(forms).format(number[:3], number[3:6], number[6:])


def _code(random_: Chance) -> str:
    return "".join(random_.choices(_LETTERS + _LETTERS.lower() + "0123456789", k=random_.randint(5, 10)))


def _iban(random_: Chance) -> str:
    return f"GB{random_.randint(10, 99)}{''.join(random_.choices(_LETTERS, k=4))}{random_.randint(10**13, 10**14 - 1)}"


def _date(random_: Chance) -> str:
    day, month, year = random_.randint(1, 28), random_.randint(1, 12), random_.randint(1950, 2026)
    return random_.choice(
        (
            f"{month}/{day}/{year}",
            f"{year}-{month:02}-{day:02}",
            f"{day}th of {_MONTHS[month - 1]}",
            f"{day}.{month}.{year}",
        )
    )


def _url(random_: Chance) -> str:
    return f"https://www.{_user(random_)}.{random_.choice(('com', 'net', 'de', 'co.uk', 'hu', 'ch'))}/"


def _user(random_: Chance) -> str:
    words = random_.sample([*_PRODUCTS, *_COLOURS], 2)
    return f"{words[0]}{words[1]}{random_.choice(('', str(random_.randint(1, 99))))}"


_MAKERS: dict[str, Callable[[Chance], str]] = {
    "order": _order,
    "card": _card,
    "phone": _phone,
    "email": lambda random_: f"{_user(random_)}@{random_.choice(('example.com', 'gmail.com', 'mail.net'))}",
    "code": _code,
    "iban": _iban,
    "date": _date,
    "time": lambda random_: f"{random_.randint(0, 23)}:{random_.randint(0, 59):02}",
    "url": _url,
    "user": _user,
    "ip": lambda random_: ".".join(str(random_.randint(1, 254)) for _ in range(4)),
    "day": lambda random_: random_.choice(_DAYS),
    "month": lambda random_: random_.choice(_MONTHS),
    "year": lambda random_: str(random_.randint(1950, 2026)),
    "colour": lambda random_: random_.choice(_COLOURS),
    "product": lambda random_: random_.choice(_PRODUCTS),
    "brand": lambda random_: random_.choice(_BRANDS),
    "Brand": lambda random_: random_.choice(_BRANDS).upper(),
    "size": lambda random_: random_.choice(("XS", "S", "M", "L", "XL", "8", "10", "12", "32x34")),
    "nationality": lambda random_: random_.choice(_NATIONALITIES),
    "nation_woman": lambda random_: f"{random_.choice(_NATIONALITIES)} woman",
    "nation_plural": lambda random_: f"{random_.choice(_NATIONALITIES)} people",
    "age": lambda random_: str(random_.randint(1, 99)),
    "amount": lambda random_: f"{random_.choice('$€£')}{random_.randint(1, 999)}.{random_.randint(0, 99):02}",
    "title": lambda random_: random_.choice(_JOBS),
    "prefix": lambda random_: random_.choice(_PREFIXES),
    "digits": _digits(4),
    "digit": _digits(1),
    "figures": lambda random_: _digits(random_.randint(3, 10))(random_),
    "ssn": lambda random_: (
        f"{random_.randint(100, 899)}-{random_.randint(10, 99)}-{random_.randint(1000, 9999)}"
    ),
}
