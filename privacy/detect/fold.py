"""One byte for each character: the form in which texts are searched.

The patterns are about ASCII digits and letters. Folding gives them those: full-width and other decimal digits
become ASCII digits, dashes and spaces of all kinds plain ones, invisible characters and combining marks
vanish, letters with accents and of other cased scripts become one placeholder, everything else another. The
result is Latin-1, so a byte offset is a character offset, whatever the text holds (lone surrogates included);
only where characters vanished an offset map is needed.
"""

import unicodedata
from functools import cache
from itertools import compress

import re2

LETTER = 0xE0
"""Stands for a letter that is not ASCII, of a script that has upper and lower case."""
OTHER = 0x80

_CACHED = 65_536
_MINUS = 0x2212
_FULL_WIDTH = range(0xFF01, 0xFF5F)
"""Forms of ASCII as wide as ideographs, in the same order."""
_FULL_WIDTH_SHIFT = 0xFF01 - ord("!")


@cache
def latin1() -> "re2.Options":
    """The options of every pattern on folded texts: bytes are characters."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    return options


# Decimal digits of other scripts in wide use, full-width and mathematical ones.
_DIGITS = (
    r"\x{660}-\x{669}\x{6F0}-\x{6F9}\x{966}-\x{96F}\x{9E6}-\x{9EF}\x{E50}-\x{E59}"
    r"\x{FF10}-\x{FF19}\x{1D7CE}-\x{1D7FF}"
)
# Few texts that are not ASCII hold anything whose folding could matter: such a digit, an at or plus sign, an
# unusual separator after a digit, an invisible character or a full-width colon after an ASCII one. The rest is
# spared the slow way.
_SEPARATORS = r"\p{Pd}\p{Zs}\x{2212}\x{FF08}-\x{FF0F}"
_WORTH_FOLDING = re2.compile(
    rf"[@\x{{FF20}}\x{{FF0B}}{_DIGITS}]|[!-~][\p{{Cf}}\p{{M}}\x{{FF1A}}]|[0-9][{_SEPARATORS}][^ ]".encode()
)


class _Folding(dict[int, int | None]):
    """Character to byte, or to None where it vanishes; filled as characters are met, up to a bound."""

    def __missing__(self, code: int) -> int | None:
        folded = _folded(code)
        if len(self) < _CACHED:
            self[code] = folded
        return folded


_BY_CATEGORY = {
    **dict.fromkeys(("Cf", "Mn", "Me"), None),
    **dict.fromkeys(("Ll", "Lu", "Lt"), LETTER),
    "Pd": ord("-"),
    "Zs": ord(" "),
}


def _folded(code: int) -> int | None:
    character = chr(code)
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return ord("0") + int(digit)
    if _FULL_WIDTH[0] <= code <= _FULL_WIDTH[-1]:
        return code - _FULL_WIDTH_SHIFT
    return _BY_CATEGORY.get(unicodedata.category(character), OTHER)


_FOLDING = _Folding({code: code for code in range(128)} | {_MINUS: ord("-")})


def fold(text: str) -> bytes:
    """The text to search; as long as `text` unless characters vanished."""
    if text.isascii():
        return text.encode("ascii")
    if _WORTH_FOLDING.search(text.encode("utf-8", "replace")) is None:
        return text.encode("ascii", "replace")
    return text.translate(_FOLDING).encode("latin-1")


def offsets(text: str, folded: bytes) -> list[int] | None:
    """For each byte of `folded` the place in `text` that it stands for; None where the two are the same."""
    if len(text) == len(folded):
        return None
    kept = (_FOLDING[ord(character)] is not None for character in text)
    return list(compress(range(len(text)), kept))
