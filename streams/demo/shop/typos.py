"""Words as hasty fingers type them."""

from random import Random
from typing import Final

SHORTEST: Final = 5
"""Letters of a word that is worth a typo."""
TWICE_SHARE: Final = 0.25
"""Of the words with two slips in them."""
NEIGHBOURS: Final = {
    "a": "sqz", "b": "vgn", "c": "xdv", "d": "sfe", "e": "wrd", "f": "dgr", "g": "fht", "h": "gjy", "i": "uok",
    "j": "hku", "k": "jli", "l": "kop", "m": "nj", "n": "bmh", "o": "ipl", "p": "ol", "q": "wa", "r": "etf",
    "s": "adw", "t": "ryg", "u": "yij", "v": "cfb", "w": "qes", "x": "zcs", "y": "tuh", "z": "xa",
}  # fmt: skip
"""Keys beside each other on an English keyboard."""


def misspelt(text: str, chance: Random) -> str:
    """The text with one of its longer English words 1 or 2 edits off; as it is where it has none.

    An edit drops, doubles or replaces a letter; swapped letters are two edits (Levenshtein's distance).
    """
    words = text.split(" ")
    places = [
        place
        for place, word in enumerate(words)
        if len(word) >= SHORTEST and word.isascii() and word.isalpha()
    ]
    if not places:
        return text
    place = chance.choice(places)
    word = words[place]
    while words[place] == word:
        words[place] = _slipped(word, chance)
    return " ".join(words)


def _slipped(word: str, chance: Random) -> str:
    # The first letter is the one that people get right.
    at = chance.randrange(1, len(word) - 1)
    if chance.random() < TWICE_SHARE:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    kind = chance.choice(("drop", "double", "replace"))
    letter = word[at]
    put = {
        "drop": "",
        "double": letter * 2,
        "replace": chance.choice(NEIGHBOURS.get(letter.lower(), letter)),
    }[kind]
    return word[:at] + put + word[at + 1 :]
