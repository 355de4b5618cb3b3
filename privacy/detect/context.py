"""Context words: what people write beside a number when they say what it is."""

import re2

BEFORE = 60
AFTER = 30
"""How far context counts, in code points before and after a finding."""

NEVER = r"[^\x00-\x{10FFFF}]"


def words(*lists: str) -> tuple[str, ...]:
    """Context words from lists separated by commas."""
    return tuple(word.strip() for line in lists for word in line.split(","))


class Context:
    """A set of words to look for around a finding, in any case.

    A word of a script with spaces has to stand alone; `telefon*` matches what begins with it; words of other
    scripts match anywhere, because nothing separates words there.
    """

    def __init__(self, vocabulary: tuple[str, ...]) -> None:
        self._words = re2.compile(_expression(vocabulary).encode())

    def near(self, text: str, start: int, end: int) -> bool:
        """Whether one of the words stands near `text[start:end]`."""
        return self._found(text[max(0, start - BEFORE) : start]) or self._found(text[end : end + AFTER])

    def _found(self, window: str) -> bool:
        return self._words.search(window.encode("utf-8", "replace")) is not None


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
