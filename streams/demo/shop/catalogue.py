"""The products of the made-up shop."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from streams.contracts.events import AttributeValue, CatalogItem
from streams.contracts.fields import Money
from streams.demo.shop.departments import DEPARTMENTS
from streams.demo.shop.grammar import written
from streams.demo.shop.kinds import Department, Kind, Language, Wording
from streams.demo.shop.words.people import LINES, LINES_ZH

CURRENCY: Final = "EUR"
CENTS: Final = ("00", "50", "90", "95", "99")
CHINESE_EVERY: Final = 7
SOLD_OUT_SHARE: Final = 0.06
TITLES: Final[Mapping[Language, Sequence[str]]] = {
    "en": (
        "{brand} {line} {trait} {name}",
        "{brand} {line} {trait} {name}",
        "{brand} {trait} {name} {line}",
        "{line} {trait} {name} by {brand}",
        "{brand} {line} {trait} {name}, {fact}",
    ),
    "zh": (
        "{brand} {line} {trait}{name}",
        "{brand}{trait}{name} {line}",
        "{line}{trait}{name}（{brand}）",
        "{brand} {trait}{name} {line} {fact}",
    ),
}
LINE_NAMES: Final[Mapping[Language, Sequence[str]]] = {"en": LINES, "zh": LINES_ZH}
FEATURES: Final[Mapping[Language, str]] = {"en": "feature", "zh": "特点"}
FEWEST_SIZES: Final = 3
GAPS: Final[Mapping[Language, str]] = {"en": " ", "zh": ""}
MOST_SENTENCES: Final = 4
SHOP: Final = "https://shop.example"
PREFIX: Final = "20"
"""Of GTINs: GS1 keeps 20 to 29 for numbers inside a shop, so none is another's."""


@dataclass(frozen=True, slots=True)
class Ware:
    """A product, and how it was made up.

    Attributes:
        item: as it is sold.
        department: its name.
        trait: the quality in its title.
        short: brand and line, as people call it.
        facts: its attributes of one value.
        merit: how good it is, 0 to 1; reviews go by it.
    """

    item: CatalogItem
    kind: Kind
    department: str
    language: Language
    trait: str
    short: str
    facts: Mapping[str, str | int]
    merit: float


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a product stands.

    Attributes:
        number: in the shop, from 0.
        of_kind: its number among its kind, from 1.
        run: beginning of its event's id.
        time: of its event.
    """

    number: int
    of_kind: int
    department: Department
    kind: Kind
    language: Language
    run: str
    time: datetime


def wares(count: int, *, run: str, time: datetime, chance: Random) -> Iterator[Ware]:
    """That many products, evenly over the kinds; every seventh of a kind is in Chinese, and no two have one title.

    They are the same in every run of a seed, but for the events' ids and times.

    Args:
        count: how many.
        run: beginning of the events' ids.
        time: of the first event; one a second follows.
        chance: the source of chance.
    """
    titles: set[str] = set()
    places = [(department, kind) for department in DEPARTMENTS for kind in department.kinds]
    chinese = [chance.randrange(CHINESE_EVERY) for _ in places]
    for number in range(count):
        turn, place = divmod(number, len(places))
        department, kind = places[place]
        language: Language = "zh" if turn % CHINESE_EVERY == chinese[place] else "en"
        slot = Slot(number, turn + 1, department, kind, language, run, time + timedelta(seconds=number))
        ware = _ware(slot, chance)
        if ware.item.title in titles:
            # As a model number: more of it are needed than the words can tell apart.
            ware = replace(ware, item=ware.item.model_copy(update={"title": f"{ware.item.title} {turn + 1}"}))
        titles.add(ware.item.title)
        yield ware


def gtin(body: str) -> str:
    """The GTIN-13 that twelve digits begin, with its check digit (GS1 General Specifications, section 7.9)."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return f"{body}{-total % 10}"


def _ware(slot: Slot, chance: Random) -> Ware:
    kind, department, language = slot.kind, slot.department, slot.language
    words = kind.words[language]
    brand = chance.choice(department.brands[language])
    line = chance.choice(LINE_NAMES[language])
    trait = chance.choice(list(words.traits))
    meant = words.means.get(trait, {})
    facts = {name: meant.get(name, chance.choice(values)) for name, values in words.facts.items()}
    worded = [fact for fact in facts.values() if isinstance(fact, str) and not fact[0].isdigit()]
    title = written(
        chance.choice(TITLES[language] if worded else TITLES[language][:-1]),
        chance,
        {
            "brand": brand,
            "line": line,
            "trait": trait,
            "name": meant.get("name", chance.choice(words.names)),
            "fact": next(iter(worded), ""),
        },
    )
    product_id = f"{kind.key}-{slot.of_kind:03d}"
    item = CatalogItem(
        id=f"{slot.run}-item-{product_id}",
        time=slot.time,
        product_id=product_id,
        title=title,
        description=_description(words, trait, facts, language, chance),
        brand=brand,
        categories=[kind.path],
        attributes=_attributes(words, trait, facts, language, chance),
        price=_price(kind.prices, chance),
        stock=0 if chance.random() < SOLD_OUT_SHARE else chance.randint(2, 240),
        sku=f"{''.join(part[0] for part in kind.key.split('-')).upper()}-{10_000 + slot.number}",
        gtin=gtin(f"{PREFIX}{chance.randrange(10**4):04d}{slot.number:06d}"),
        language=language,
        url=f"{SHOP}/p/{product_id}",
        image_url=f"{SHOP}/images/{product_id}.jpg",
        replenishable=kind.replenishable,
    )
    short = f"{brand} {line}" if language == "en" else f"{brand}{line}"
    return Ware(item, kind, department.name, language, trait, short, facts, chance.betavariate(3, 1.4))


def _description(
    words: Wording, trait: str, facts: Mapping[str, str | int], language: Language, chance: Random
) -> str:
    """One to four sentences: of the quality, then of all else."""
    more = min(len(words.said), chance.randint(0, MOST_SENTENCES - 1))
    patterns = [words.traits[trait], *chance.sample(words.said, more)]
    return GAPS[language].join(written(pattern, chance, facts) for pattern in patterns)


def _attributes(
    words: Wording, trait: str, facts: Mapping[str, str | int], language: Language, chance: Random
) -> dict[str, AttributeValue]:
    attributes: dict[str, AttributeValue] = {**facts, FEATURES[language]: trait}
    for name, values in words.ranges.items():
        first = chance.randint(0, len(values) - FEWEST_SIZES)
        last = chance.randint(first + FEWEST_SIZES, len(values))
        attributes[name] = list(values[first:last])
    return attributes


def _price(bounds: tuple[int, int], chance: Random) -> Money:
    """Between the bounds, cheaper ones more often."""
    low, high = bounds
    whole = int(chance.triangular(low, high, low + (high - low) / 4))
    return Money(amount=Decimal(f"{whole}.{chance.choice(CENTS)}"), currency=CURRENCY)
