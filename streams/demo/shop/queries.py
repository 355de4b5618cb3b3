"""What shoppers search for, and what they should find."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from random import Random
from typing import Final, Literal

from privacy.plaintext import Plaintext
from streams.contracts.events import Query, QueryFilters
from streams.demo.shop.catalogue import CURRENCY, Ware
from streams.demo.shop.departments import KINDS
from streams.demo.shop.kinds import Kind, Language
from streams.demo.shop.shelves import Shelves
from streams.demo.shop.shoppers import Shopper
from streams.demo.shop.typos import misspelt

Posing = Literal["plain", "trait", "fact", "gift", "typo", "price", "code", "personal", "nothing", "expired"]
WEIGHTS: Final[Mapping[Posing, int]] = {
    "plain": 30, "trait": 20, "typo": 16, "price": 10, "fact": 8, "gift": 6, "code": 4, "personal": 3, "nothing": 2,
    "expired": 2,
}  # fmt: skip
ANONYMOUS_SHARE: Final = 0.2
PATIENCE: Final = timedelta(seconds=2)
FOR_NOTHING: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": (
        "helicopter rotor blades",
        "tax return software",
        "second-hand tractor",
        "violin bow rosin",
        "xkqz 77 wv",
    ),
    "zh": ("二手拖拉机", "报税软件", "钢琴调音扳手"),
}
STRAY: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": ("{search} {email}", "{email} {search}", "{search} send to {email}", "{search} call {phone}"),
    "zh": ("{search} {email}", "{search} 电话 {phone}"),
}
"""What slips into the search box."""


@dataclass(frozen=True, slots=True)
class Posed:
    """A query, and what is right for it.

    Attributes:
        expected_category: path of the products that it is about; None where nothing is right.
        expected_products: ids of all products that are right; empty where nothing is.
        kind: what is special about it; `expired` ones may not be answered at all.
        meant: its text without typo and stray personal data.
        planted: personal values in its text.
    """

    event: Query
    expected_category: str | None
    expected_products: frozenset[str]
    kind: Posing
    meant: str
    planted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Idea:
    """What a query is about, before it is typed."""

    text: str
    kind: Kind | None
    right: frozenset[str]
    filters: QueryFilters = field(default_factory=QueryFilters)


def posed(event_id: str, moment: datetime, who: Shopper, shelves: Shelves, chance: Random) -> Posed:
    """A query of a shopper, about one of the shopper's interests."""
    kind = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    ware = shelves.popular(chance.choice(who.interests), chance)
    idea = _IDEAS.get(kind, _plain)(ware, who.language, shelves, chance)
    text, planted = idea.text, frozenset[str]()
    if kind == "typo":
        text = misspelt(text, chance)
        kind = kind if text != idea.text else "plain"
    elif kind == "personal":
        stray = chance.choice(STRAY[who.language])
        text = stray.format(search=text, **who.personal)
        planted = frozenset(value for value in who.personal.values() if value in text)
    anonymous = chance.random() < ANONYMOUS_SHARE
    event = Query(
        id=event_id,
        time=moment,
        text=Plaintext(text),
        filters=idea.filters,
        user_id=None if anonymous else who.user_id,
        session_id=f"visit-{event_id}" if anonymous else None,
        language=who.language,
        expires_at=moment + PATIENCE if kind == "expired" else None,
    )
    return Posed(event, idea.kind.path if idea.kind else None, idea.right, kind, idea.text, planted)


def _plain(ware: Ware, language: Language, shelves: Shelves, chance: Random) -> _Idea:
    search = chance.choice(ware.kind.words[language].searches)
    return _Idea(search, ware.kind, _ids(shelves, ware.kind))


def _trait(ware: Ware, language: Language, shelves: Shelves, chance: Random) -> _Idea:
    """A quality that some product of the kind has."""
    of_language = [other for other in shelves.by_kind[ware.kind.key] if other.language == language]
    model = chance.choice(of_language or [ware])
    trait = model.trait
    words = ware.kind.words[model.language]
    name = words.means.get(trait, {}).get("name", chance.choice(words.names))
    text = f"{trait} {name}".lower() if model.language == "en" else f"{trait}{name}"
    return _Idea(text, ware.kind, _ids(shelves, ware.kind, lambda other: other.trait == trait))


def _fact(ware: Ware, language: Language, shelves: Shelves, chance: Random) -> _Idea:
    """An attribute in words, such as a colour or a material."""
    of_language = [other for other in shelves.by_kind[ware.kind.key] if other.language == language]
    model = chance.choice(of_language or [ware])
    worded = [value for value in model.facts.values() if isinstance(value, str) and not value[:1].isdigit()]
    if not worded:
        return _trait(ware, language, shelves, chance)
    fact = chance.choice(worded)
    name = chance.choice(ware.kind.words[model.language].names)
    text = f"{fact} {name}".lower() if model.language == "en" else f"{fact}{name}"
    return _Idea(text, ware.kind, _ids(shelves, ware.kind, lambda other: fact in other.facts.values()))


def _gift(ware: Ware, language: Language, shelves: Shelves, chance: Random) -> _Idea:
    """A wish that what goes with the kind also fulfils; another department where nobody wishes for this one."""
    wishes = ware.kind.words[language].gifts
    kind = ware.kind
    if not wishes:
        kind = chance.choice([other for other in KINDS.values() if other.words[language].gifts])
        wishes = kind.words[language].gifts
    right = _ids(shelves, kind).union(*(_ids(shelves, KINDS[key]) for key in kind.goes_with))
    return _Idea(chance.choice(wishes), kind, right)


def _price(ware: Ware, language: Language, shelves: Shelves, chance: Random) -> _Idea:
    """No dearer than the product at hand."""
    if ware.item.price is None:
        return _plain(ware, language, shelves, chance)
    bound = ware.item.price.amount.to_integral_value(ROUND_CEILING)
    return _Idea(
        chance.choice(ware.kind.words[language].searches),
        ware.kind,
        _ids(shelves, ware.kind, lambda other: _costs(other) <= bound),
        QueryFilters(price_max=bound, currency=CURRENCY),
    )


def _code(ware: Ware, language: Language, shelves: Shelves, chance: Random) -> _Idea:  # noqa: ARG001 - as the others
    code = chance.choice((ware.item.gtin, ware.item.sku))
    return _Idea(code or ware.item.title, ware.kind, frozenset({ware.item.product_id}))


def _nothing(ware: Ware, language: Language, shelves: Shelves, chance: Random) -> _Idea:  # noqa: ARG001 - as the others
    return _Idea(chance.choice(FOR_NOTHING[language]), None, frozenset())


def _costs(ware: Ware) -> Decimal:
    return ware.item.price.amount if ware.item.price else Decimal(0)


def _ids(shelves: Shelves, kind: Kind, right: Callable[[Ware], bool] = lambda _: True) -> frozenset[str]:
    return frozenset(ware.item.product_id for ware in shelves.by_kind[kind.key] if right(ware))


_IDEAS: Final[Mapping[Posing, Callable[[Ware, Language, Shelves, Random], _Idea]]] = {
    "trait": _trait,
    "fact": _fact,
    "gift": _gift,
    "price": _price,
    "code": _code,
    "nothing": _nothing,
}
