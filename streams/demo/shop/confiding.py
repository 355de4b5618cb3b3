"""Texts of people, with what they give away in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from streams.demo.shop.grammar import chosen, slots
from streams.demo.shop.shoppers import DETECTED, UNDETECTED, Shopper


@dataclass(frozen=True, slots=True)
class Told:
    """A text, and the personal values in it.

    Attributes:
        planted: those that patterns find.
        unprotected: names and addresses.
    """

    text: str
    planted: frozenset[str] = frozenset()
    unprotected: frozenset[str] = frozenset()

    def then(self, more: "Told", gap: str = " ") -> "Told":
        """This and more after it."""
        return Told(
            f"{self.text}{gap}{more.text}", self.planted | more.planted, self.unprotected | more.unprotected
        )


def told(pattern: str, chance: Random, who: Shopper, values: Mapping[str, object]) -> Told:
    """What a shopper writes by a pattern, whose slots are `values` and the shopper's personal data."""
    plain = chosen(pattern, chance)
    text = plain.format_map({**who.personal, **values})
    used = slots(plain)
    return Told(
        text[:1].upper() + text[1:],
        frozenset(who.personal[kind] for kind in used & DETECTED),
        frozenset(who.personal[kind] for kind in used & UNDETECTED),
    )
