"""Text for terminals."""

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")
LONGEST = 300


def printable(text: str, longest: int = LONGEST) -> str:
    """Text on one line, cut to `longest` characters; nothing in it steers the terminal."""
    line = _CONTROL.sub(" ", text)
    return line if len(line) <= longest else line[: longest - 1] + "…"
