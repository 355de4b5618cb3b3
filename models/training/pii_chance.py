"""Seeded chance for made-up texts, and lists of words."""

import random


class Chance(random.Random):
    """The same seed gives the same texts; no secret is drawn from it."""

    def happens(self, share: float) -> bool:
        """True in this share of all cases."""
        return self.random() < share


def words(*lines: str) -> list[str]:
    """The words of some lines."""
    return [word for line in lines for word in line.split()]
