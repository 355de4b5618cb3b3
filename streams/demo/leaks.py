"""Searches bytes for planted personal values, also encoded or written otherwise."""

import base64
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

import re2

_SEPARATORS: Final = b" -()"
_FEWEST_DIGITS: Final = 7
_BASE64_BLOCK: Final = 3
_AUTOMATON_BYTES: Final = 256 << 20
_ESCAPES: Final = re.compile(rb"(?:\\u[0-9a-f]{4})+")


class LeakSearch:
    """Finds any of some values in any case: as UTF-8 and UTF-16, without separators, in base64, hex, a URL, JSON.

    Attributes:
        found: the values that were found so far.

    Args:
        values: personal values.
    """

    def __init__(self, values: Iterable[str]) -> None:
        self.found: set[str] = set()
        self._value_of = {form: value for value in values for form in forms(value)}
        options = re2.Options()
        options.encoding = re2.Options.Encoding.LATIN1
        options.max_mem = _AUTOMATON_BYTES
        # Longer forms first: a value may begin with another.
        either = b"|".join(re2.escape(form) for form in sorted(self._value_of, key=len, reverse=True))
        self._search = re2.compile(either, options) if either else None

    def look(self, *places: bytes | None) -> bool:
        """Whether one of these byte strings holds a value; which ones is added to `found`."""
        hits: set[str] = set()
        if self._search is not None:
            for place in filter(None, places):
                text = _unescaped(place.lower())
                for writing in (text, text.translate(None, _SEPARATORS)):
                    hits.update(self._value_of[match.group()] for match in self._search.finditer(writing))
        self.found |= hits
        return bool(hits)


def forms(value: str) -> set[bytes]:
    """Ways in which bytes may hold a value, in lower case."""
    plain = value.encode()
    ways = {
        plain,
        value.encode("utf-16-le"),
        value.encode("utf-16-be"),
        plain.hex().encode(),
        quote(value, safe="").encode(),
        *_in_base64(plain),
    }
    if sum(map(str.isdigit, value)) >= _FEWEST_DIGITS and "@" not in value:
        ways.add(plain.translate(None, _SEPARATORS))
    return {way.lower() for way in ways}


def _in_base64(value: bytes) -> Iterable[bytes]:
    """What of a base64 text is the same whatever surrounds the value, for each place where it may begin."""
    for shift in range(_BASE64_BLOCK):
        whole = base64.b64encode(bytes(shift) + value)
        start = (shift * 8 + 5) // 6
        end = (shift + len(value)) * 8 // 6
        yield whole[start:end]
        yield whole[start:end].translate(bytes.maketrans(b"+/", b"-_"))


def _unescaped(text: bytes) -> bytes:
    """JSON's numeric escapes (RFC 8259 §7) as the characters that they stand for."""
    return _ESCAPES.sub(lambda found: _character(found.group()), text) if b"\\u" in text else text


def _character(escapes: bytes) -> bytes:
    units = bytes.fromhex(escapes.replace(b"\\u", b"").decode())
    return units.decode("utf-16-be", "replace").encode()
