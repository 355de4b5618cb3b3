"""How good a tagger is on labelled texts, by characters, kinds told apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.training.pii_text import Entity

_SAME = frozenset({"ADDRESS", "PLACE"})
"""Data sets differ in whether a town belongs to an address; each is right on the other."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Characters found, of those right; characters labelled, of those found rightly; spans found."""

    found: int = 0
    right: int = 0
    labelled: int = 0
    recalled: int = 0
    spans: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.found + other.found,
            self.right + other.right,
            self.labelled + other.labelled,
            self.recalled + other.recalled,
            self.spans + other.spans,
        )

    @property
    def precision(self) -> float:
        """Share of the found characters that are right."""
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Share of the labelled characters that were found."""
        return self.recalled / self.labelled if self.labelled else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def f2(self) -> float:
        """Recall weighs twice as much as precision (van Rijsbergen 1979)."""
        below = 4 * self.precision + self.recall
        return 5 * self.precision * self.recall / below if below else 0.0


def counts_of(labelled: Iterable[Entity], found: Sequence[Entity]) -> Counts:
    """The counts of one text."""
    truth = {place: _kind(one) for one in labelled for place in range(one.start, one.end)}
    claims = {place: _kind(one) for one in found for place in range(one.start, one.end)}
    right = sum(truth.get(place) == kind for place, kind in claims.items())
    return Counts(len(claims), right, len(truth), right, len(found))


def _kind(entity: Entity) -> str:
    return "ADDRESS" if entity.kind in _SAME else entity.kind
