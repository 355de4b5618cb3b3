"""Training, validation and test parts, by the hash of the text: the same everywhere, on any day, in any order."""

import hashlib
from collections.abc import Iterable, Sequence
from enum import StrEnum

PARTS = 7
_VALIDATION_SALT = "validation\n"


class Part(StrEnum):
    """What a text may be used for."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


def part_of(text: str) -> Part:
    """The part of a text: test where SHA-256(text) is divisible by 7; of the rest, validation by a second hash.

    About 14 % test, 12 % validation, 74 % training.
    """
    if _digest(text) % PARTS == 0:
        return Part.TEST
    if _digest(_VALIDATION_SALT + text) % PARTS == 0:
        return Part.VALIDATION
    return Part.TRAIN


def first_of_each(texts: Iterable[str]) -> list[int]:
    """Positions of texts that have not come before. Case and white space don't make a text another one.

    Apply it before `part_of`, so that no text is on both sides of a split.
    """
    seen: set[str] = set()
    kept = []
    for position, text in enumerate(texts):
        key = " ".join(text.split()).casefold()
        if key not in seen:
            seen.add(key)
            kept.append(position)
    return kept


def positions(parts: Sequence[Part], wanted: Part) -> list[int]:
    """Where `wanted` stands in `parts`."""
    return [position for position, part in enumerate(parts) if part is wanted]


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
