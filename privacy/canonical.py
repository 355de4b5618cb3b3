"""When two values are one value in two spellings."""

import html
import unicodedata

from privacy.detect.fold import fold

_SEPARATORS = b" .-/()+"


def canonical(value: str) -> str:
    """What all spellings of a value share: case, width, separators and invisible characters do not count.

    In e-mail addresses separators do: `a.b@…` and `ab@…` are two people.
    """
    read = unicodedata.normalize("NFKC", html.unescape(value) if "&" in value else value)
    folded = fold(read).lower()
    if not read.isascii() and (b"?" in folded or not folded.isascii()):
        return read.casefold()  # letters that folding does not tell apart
    kept = folded if b"@" in folded else folded.translate(None, _SEPARATORS)
    return (kept or folded).decode("ascii")
