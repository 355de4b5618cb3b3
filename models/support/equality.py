"""When two answers are the same: by their normal form, or nearly so under one tag."""

import re
import unicodedata
from functools import lru_cache

PLACEHOLDER = re.compile(r"\[[A-Z][A-Z0-9_]*_\d+\]")
"""What masking writes: `[PERSON_1]`, `[EMAIL_2]`."""

NEAR = 0.8
"""Least resemblance of near-equal answers."""

_APART = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"\d+")
_SHINGLE = 3
_LONGEST = 1_000
"""Code points of which shingles are made; the opening of a long article tells it from others."""


def answer_key(answer: str) -> str:
    """The normal form of an answer: NFKC (Unicode Annex 15), case-folded, words only, without masked values.

    An answer without words keeps its signs.
    """
    text = unicodedata.normalize("NFKC", PLACEHOLDER.sub(" ", answer)).casefold()
    return _APART.sub(" ", text).strip() or text.strip()


def near_equal(one: str, other: str) -> bool:
    """Whether two normal forms say nearly the same.

    They have the same numbers in the same order (14 days are not 30), and their sets of three neighbouring characters
    resemble each other by `NEAR` or more (Broder 1997, "On the resemblance and containment of documents"): shingles of
    characters need no words, so Chinese is treated as English is.
    """
    if one == other:
        return True
    if _NUMBER.findall(one) != _NUMBER.findall(other):
        return False
    shingles, others = _shingles(one), _shingles(other)
    either = len(shingles | others)
    return either > 0 and len(shingles & others) / either >= NEAR


@lru_cache(maxsize=1_024)
def _shingles(text: str) -> frozenset[str]:
    text = text[:_LONGEST]
    return frozenset(text[at : at + _SHINGLE] for at in range(len(text) - _SHINGLE + 1))
