"""Context words: what people write beside a number when they say what it is."""

import string

import re2

BEFORE = 60
AFTER = 30
"""How far context counts, in code points before and after a finding."""

_BORDERS = string.punctuation + string.whitespace
NEVER = r"[^\x00-\x{10FFFF}]"


def words(*lists: str) -> tuple[str, ...]:
    """Context words from lists separated by commas."""
    return tuple(word.strip() for line in lists for word in line.split(","))


class Context:
    """A set of words to look for around a finding, in any case.

    A word of a script with spaces has to stand alone; `telefon*` matches what begins with it; words of other
    scripts match anywhere, because nothing separates words there.
    """

    def __init__(self, vocabulary: tuple[str, ...], before: int = BEFORE, after: int = AFTER) -> None:
        self._words = re2.compile(_expression(vocabulary).encode()) if vocabulary else None
        self._before = before
        self._after = after

    def near(self, text: str, start: int, end: int) -> str | None:
        """The word that stands near `text[start:end]` (the beginning of it, for `telefon*`); None if none does."""
        return self._found(text[max(0, start - self._before) : start]) or self._found(
            text[end : end + self._after]
        )

    def _found(self, window: str) -> str | None:
        match = self._words.search(window.encode("utf-8", "replace")) if self._words else None
        return None if match is None else match.group().decode("utf-8", "replace").strip(_BORDERS)


def _expression(vocabulary: tuple[str, ...]) -> str:
    """One expression for all words; the classes of letters are large, so each occurs once."""
    spaced = [word for word in vocabulary if _spaced(word)]
    whole = "|".join(re2.escape(word) for word in spaced if not word.endswith("*"))
    stems = "|".join(re2.escape(word[:-1]) for word in spaced if word.endswith("*"))
    anywhere = [re2.escape(word) for word in vocabulary if not _spaced(word)]
    standing_alone = rf"(?:^|[^\pL\p{{Nd}}])(?:(?:{whole or NEVER})(?:[^\pL\p{{Nd}}]|$)|{stems or NEVER})"
    return "(?i)" + "|".join([standing_alone, *anywhere])


def _spaced(word: str) -> bool:
    return word[0].isascii() or word.upper() != word.lower()
