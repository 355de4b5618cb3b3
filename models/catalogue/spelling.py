"""Words that a misspelt one may stand for, from the words of the catalogue."""

from collections import Counter
from collections.abc import Callable, Iterable

from models.catalogue.analysis import is_cjk

SHORTEST = 4
"""Letters of a word that may be misspelt: nearly every shorter one has a neighbour that means something else."""
MOST = 2

Vocabulary = Callable[[str], Iterable[tuple[str, int]]]
"""Gives the words that begin with a text, and in how many documents each is."""


def corrections(word: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The commonest words that are one edit away and begin with the same letter, at most two.

    Four of five misspellings are one edit from the right word, and few are in the first letter (Damerau 1964, "A
    technique for computer detection and correction of spelling errors"; Pollock and Zamora 1984).
    """
    if len(word) < SHORTEST or is_cjk(word) or not word.isalpha():
        return ()
    found: Counter[str] = Counter()
    for other, documents in vocabulary(word[0]):
        if one_edit_apart(word, other):
            found[other] += documents
    return tuple(other for other, _ in found.most_common(MOST))


def one_edit_apart(one: str, other: str) -> bool:
    """Whether one insertion, deletion, replacement or exchange of neighbours makes two different texts equal."""
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    if len(longer) - len(shorter) > 1 or one == other:
        return False
    start = 0
    while start < len(shorter) and longer[start] == shorter[start]:
        start += 1
    if len(longer) > len(shorter):
        return longer[start + 1 :] == shorter[start:]
    after = start + 1
    if longer[after:] == shorter[after:]:
        return True
    exchanged = longer[start : start + 2] == shorter[start : start + 2][::-1]
    return exchanged and longer[start + 2 :] == shorter[start + 2 :]
