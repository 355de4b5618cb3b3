"""Pools of made-up values of one country, by Faker (MIT) and own lists."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.training.pii_chance import Chance, words
from models.training.pii_companies import company

if TYPE_CHECKING:
    from collections.abc import Callable

    from faker import Faker

POOL = 160
"""Values of a kind and locale; the big ones get more."""
_LATIN_JAPANESE = "ja_JP"

_UNITS = (
    *("Apt. {}", "Apt {}", "apartment {}", "Suite {}", "Unit {}", "Flat {}", "#{}", "Room {}", "Floor {}"),
    "Ste {}",
)
_STREETS = words(
    "Street St St. Road Rd Avenue Ave Ave. Lane Ln Drive Dr Blvd Boulevard Court Ct Place Way Terrace Circle",
    "Parkway Pkwy Highway Close Crescent Square",
)
_STREET_WORDS = words(
    "Oak Maple Cedar Pine Elm Main High Church Park Station Mill King Queen Victoria Washington Lincoln Lake River",
    "Hill Market Bridge School Spring Forest Garden Meadow Orchard Willow Chestnut Walnut Cherry Ash Birch Sunset",
    "Ridge Valley North South East West Town Gandhi Nehru Temple Anna Railway Canal Harbour College Union Liberty",
    "Franklin Jackson",
)
_BOXES = (
    "PSC {a}, Box {b}\nAPO {area} {code}",
    "USS {name}\nFPO {area} {code}",
    "Unit {a} Box {b}\nDPO {area} {code}",
    "PO Box {a}, {city} {code}",
    "P.O. Box {b}",
)
"""Addresses without a street, military ones too (USPS Publication 28)."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Values of one locale, by slot."""

    values: dict[str, list[str]]

    def draw(self, slot: str, random_: Chance) -> str | None:
        """One of them; None where there are none."""
        values = self.values.get(slot)
        return random_.choice(values) if values else None


def pool_of(locale: str, seed: int, size: int) -> Pool:
    """Values of one language and country, such as `en_GB`.

    Args:
        locale: as Faker names it.
        seed: of the values.
        size: how many of each kind.
    """
    from faker import Faker

    fake = Faker(locale)
    fake.seed_instance(f"{seed} {locale}")
    _order_towns(fake)
    random_ = Chance(f"{seed} {locale}")
    if locale == _LATIN_JAPANESE:
        return Pool(_japanese(fake, size))
    streets = [_street(fake, random_, locale) for _ in range(size)]
    cities = [fake.city() for _ in range(size // 2)]
    values = {
        "person": [_person(fake, random_) for _ in range(size)],
        "first": [fake.first_name() for _ in range(size)],
        "last": [fake.last_name() for _ in range(size)],
        "street": streets,
        "city": cities,
        "zip": [fake.postcode() for _ in range(size // 4)],
        "country": [fake.country() for _ in range(40)],
        "company": [company(fake, random_) for _ in range(size)],
        "state": _states(fake, size // 4),
        "unit": [random_.choice(_UNITS).format(random_.randint(1, 999)) for _ in range(40)],
        "number": [str(random_.randint(1, 20_000)) for _ in range(40)],
    }
    values["address"] = [_address(fake, random_, values) for _ in range(size)]
    return Pool(values)


def _order_towns(fake: "Faker") -> None:
    """Italian towns come from a set, in another order in each process; texts are to be the same in all."""
    for provider in fake.get_providers():
        if isinstance(towns := getattr(provider, "cities", None), list):
            provider.cities = sorted(towns)


def _japanese(fake: "Faker", size: int) -> dict[str, list[str]]:
    return {
        "person": [fake.romanized_name() for _ in range(size)],
        "first": [fake.first_romanized_name() for _ in range(size)],
        "last": [fake.last_romanized_name() for _ in range(size)],
    }


def _person(fake: "Faker", random_: Chance) -> str:
    first, last = fake.first_name(), fake.last_name()
    forms = {
        f"{first} {last}": 72,
        f"{first} {random_.choice('ABCDEFGHJKLMNPRSTW')}. {last}": 8,
        f"{last}, {first}": 6,
        f"{first} {fake.last_name()} {last}": 6,
        f"{first[0]}. {last}": 4,
        f"{last} {first}": 4,
    }
    return random_.choices(list(forms), list(forms.values()))[0]


def _street(fake: "Faker", random_: Chance, locale: str) -> str:
    if locale.startswith("en") and random_.happens(0.6):
        words = " ".join(random_.sample(_STREET_WORDS, random_.choice((1, 1, 1, 2))))
        name = random_.choice((words, words, fake.last_name(), f"{random_.randint(1, 99)}th"))
        number = f"{random_.randint(1, 12_000)} " if random_.happens(0.8) else ""
        return f"{number}{name} {random_.choice(_STREETS)}"
    street = " ".join(fake.street_address().split())
    # In many countries the number follows; people also write it first.
    return f"{random_.randint(1, 99)} {street}" if random_.happens(0.15) else street


def _states(fake: "Faker", size: int) -> list[str]:
    makers = [getattr(fake, name, None) for name in ("state", "state_abbr", "administrative_unit", "region")]
    return [maker() for maker in makers if maker is not None for _ in range(size)]


def _address(fake: "Faker", random_: Chance, values: dict[str, list[str]]) -> str:
    forms: tuple[Callable[[], str], ...] = (
        lambda: str(fake.address()),
        lambda: _box(fake, random_, values),
        lambda: _composed(random_, values),
    )
    (form,) = random_.choices(forms, (25, 5, 70))
    return form().replace("\n", random_.choice((", ", ", ", " ", "\n", "\n ")))


def _box(fake: "Faker", random_: Chance, values: dict[str, list[str]]) -> str:
    return random_.choice(_BOXES).format(
        a=random_.randint(10, 9999),
        b=random_.randint(100, 9999),
        area=random_.choice(("AA", "AE", "AP")),
        code=random_.choice(values["zip"]),
        city=random_.choice(values["city"]),
        name=fake.last_name(),
    )


def _composed(random_: Chance, values: dict[str, list[str]]) -> str:
    pick = random_.choice
    state, code = (pick(values["state"]) if values["state"] else ""), pick(values["zip"])
    parts = [pick(values["street"])]
    if random_.happens(0.35):
        parts.append(pick(values["unit"]))
    if random_.happens(0.85):
        city = pick(values["city"])
        end = pick((f"{city} {code}", f"{code} {city}", city, f"{city}, {state} {code}", f"{city}, {state}"))
        parts.append(end.rstrip(", "))
    if random_.happens(0.3):
        parts.append(pick(values["country"]))
        if random_.happens(0.5):
            parts[-1] += f" {code}"
    return pick((", ", ", ", "\n", " ", "\n ")).join(parts)


def real_cities(seed: int) -> list[str]:
    """Towns of the whole world, by Faker's list of places on land (GeoNames, CC BY 4.0)."""
    from faker import Faker

    fake = Faker("en_US")
    fake.seed_instance(f"{seed} land")
    names = {fake.location_on_land()[2] for _ in range(4_000)}
    return sorted(name for name in names if name.replace(" ", "").replace("-", "").isalpha())
