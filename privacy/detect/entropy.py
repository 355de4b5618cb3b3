"""How random a string looks."""

from collections import Counter
from math import log2


def bits_per_character(value: bytes) -> float:
    """Shannon's entropy of the characters' frequencies, in bits (C. E. Shannon, 1948)."""
    length = len(value)
    return -sum(count / length * log2(count / length) for count in Counter(value).values())
