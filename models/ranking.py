"""A ranked product and why it stands where it stands: what search and recommendation give back."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Because:
    """One true reason.

    Attributes:
        kind: `text_match`, `meaning`, `taken_together`, `popular`, …; an open vocabulary of lower-case words.
        products: ids of the products that it refers to.
        note: for people, without personal data.
    """

    kind: str
    products: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A product's place.

    Attributes:
        product_id: which.
        score: what the list is sorted by, highest first.
        parts: what the score is made of; they add up to it.
        reasons: the strongest first.
    """

    product_id: str
    score: float
    parts: Mapping[str, float] = field(default_factory=dict)
    reasons: tuple[Because, ...] = ()
