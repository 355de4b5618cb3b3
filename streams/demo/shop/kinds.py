"""What the word tables say of a kind of product, in each language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

Language = Literal["en", "zh"]
Mood = Literal["pleased", "torn", "cross"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Wording:
    """How one language speaks of a kind of product. Sentences are patterns (see `grammar`).

    Attributes:
        names: what it is called in titles.
        traits: qualities that stand before the name, each with the sentence that explains it.
        facts: attributes of which a product has one value each; sentences may have them as slots.
        means: what of name and attributes a quality decides; `name` is the name.
        ranges: attributes of which a product has several neighbouring values, such as sizes.
        said: further sentences of descriptions.
        reviews: sentences of reviews, by mood.
        searches: what people type to find it.
        gifts: what people type who would also be content with what goes with it.
    """

    names: Sequence[str]
    traits: Mapping[str, str]
    facts: Mapping[str, Sequence[str | int]]
    said: Sequence[str]
    reviews: Mapping[Mood, Sequence[str]]
    searches: Sequence[str]
    gifts: Sequence[str] = ()
    means: Mapping[str, Mapping[str, str | int]] = field(default_factory=dict)
    ranges: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of product.

    Attributes:
        key: beginning of its products' ids.
        path: its category, from general to special.
        prices: lowest and highest, in euros.
        words: how each language speaks of it.
        goes_with: keys of the kinds that are bought together with it.
        replenishable: whether people buy it again.
    """

    key: str
    path: str
    prices: tuple[int, int]
    words: Mapping[Language, Wording]
    goes_with: Sequence[str] = ()
    replenishable: bool = False


@dataclass(frozen=True, slots=True)
class Department:
    """A category at the top.

    Attributes:
        name: where its kinds' paths begin.
        brands: made-up brands, by language.
        kinds: what it sells.
    """

    name: str
    brands: Mapping[Language, Sequence[str]]
    kinds: Sequence[Kind]
