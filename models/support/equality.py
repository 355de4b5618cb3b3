"""When two answers are the same, and when they say the same but with other numbers."""

import re
import unicodedata
from functools import lru_cache

PLACEHOLDER = re.compile(r"\[[A-Z][A-Z0-9_]*_\d+\]")
"""What masking writes: `[PERSON_1]`, `[EMAIL_2]`."""

NEAR = 0.8
"""Least resemblance of answers that say the same but for numbers."""

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


def differ_in_numbers(one: str, other: str) -> bool:
    """Whether two normal forms say nearly the same with other numbers: 14 days here, 30 there.

    Without their numbers, their sets of three neighbouring characters resemble each other by `NEAR` or more (Broder
    1997, "On the resemblance and containment of documents"): shingles of characters need no words, so Chinese is
    treated as English is. What contradicts itself in words ("you can", "you can't", "thirty days") is not noticed, nor
    what is said in quite different sentences or languages.
    """
    if _NUMBER.findall(one) == _NUMBER.findall(other):
        return False
    shingles, others = _shingles(one), _shingles(other)
    either = len(shingles | others)
    return either > 0 and len(shingles & others) / either >= NEAR


@lru_cache(maxsize=1_024)
def _shingles(text: str) -> frozenset[str]:
    text = _NUMBER.sub(" ", text)[:_LONGEST]
    return frozenset(text[at : at + _SHINGLE] for at in range(len(text) - _SHINGLE + 1))
