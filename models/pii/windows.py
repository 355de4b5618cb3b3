"""Windows over texts that are longer than a model takes, so that all is read. Exact: in the model's own tokens."""

import unicodedata
from collections.abc import Sequence
from typing import Final, TypeAlias

from models.engine.backend import Row
from models.engine.tokenising import Tokeniser

Window: TypeAlias = tuple[int, int]
"""Begin and end, in characters."""

SPECIAL_TOKENS: Final = 4
"""At most: what a tokenizer puts around a text, and the space that some put before it."""
OVERLAP: Final = 200
"""Characters that two windows share, at most: more than a name or an address has. Never over a quarter of a window."""
CHARACTERS_A_TOKEN: Final = 8
"""Characters that are looked at for each token of a window; common texts have fewer, so that a window is full."""


def surely_whole(text: str, max_tokens: int) -> bool:
    """Whether a text fits, by its length: no tokenizer makes more tokens of it than it has bytes.

    Normalisers may take accents, Hangul and ligatures apart, and others may not.
    """
    if text.isascii():
        most = len(text)
    else:
        most = max(len(form.encode()) for form in (text, unicodedata.normalize("NFKD", text)))
    return most + SPECIAL_TOKENS <= max_tokens


def windows(texts: Sequence[str], tokeniser: Tokeniser) -> list[list[Window]]:
    """Windows that cover each text; one where it fits.

    Each begins and ends at white space where there is some, and shares up to `OVERLAP` characters with the next, so
    that what one cuts in two is whole in the other. What may be too long is tokenised here; so this takes time.

    Args:
        texts: without lone surrogates.
        tokeniser: the model's, with offsets.
    """
    found: list[list[Window]] = [
        [(0, len(text))] if surely_whole(text, tokeniser.max_tokens) else [] for text in texts
    ]
    reach = CHARACTERS_A_TOKEN * tokeniser.max_tokens
    places = {number: 0 for number, known in enumerate(found) if not known}
    while places:
        rows = tokeniser.rows([texts[number][begin : begin + reach] for number, begin in places.items()])
        following: dict[int, int] = {}
        for (number, begin), row in zip(places.items(), rows, strict=True):
            text = texts[number]
            covered = begin + _covered(row, min(reach, len(text) - begin), tokeniser.max_tokens)
            if covered == len(text):
                found[number].append((begin, covered))
                continue
            end, following[number] = _cut(text, begin, covered)
            found[number].append((begin, end))
        places = following
    return found


def _covered(row: Row, length: int, max_tokens: int) -> int:
    """Characters that a row is of, of the `length` that it was to be of; always some."""
    if row.offsets is None or len(row.ids) < max_tokens:
        return length
    return max(1, *(end for _, end in row.offsets))


def _cut(text: str, begin: int, covered: int) -> tuple[int, int]:
    """Where a window ends that could end at `covered`, and where the next one begins; further on than this one."""
    fits = covered - begin
    end = next(
        (at + 1 for at in range(covered - 1, covered - fits // 2 - 1, -1) if text[at].isspace()), covered
    )
    earliest = end - min(OVERLAP, fits // 4)
    return end, next((at + 1 for at in range(earliest, end - 1) if text[at].isspace()), earliest)
