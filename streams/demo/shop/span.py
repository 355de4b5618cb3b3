"""A stretch of event time, and moments in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment to another."""

    SPREAD: ClassVar[float] = 0.9
    """How much of its part a moment may lie behind the part's beginning; what happens then has the rest."""

    start: datetime
    end: datetime

    def part(self, count: int) -> timedelta:
        """One of so many equal parts."""
        return (self.end - self.start) / count

    def moments(self, count: int, chance: Random) -> Iterator[datetime]:
        """That many moments in order, one in each of as many equal parts."""
        for number in range(count):
            yield self.start + self.part(count) * (number + chance.random() * self.SPREAD)
