"""HTML character references: a text as its reader sees it, with the way back to the text as it is written.

`anna&#64;example.org` reads anna@example.org. References are those of HTML (WHATWG, 13.2.5.72 and following):
decimal, hexadecimal and named ones. As browsers do, numeric ones are taken without their semicolon too.
"""

import html
from dataclasses import dataclass

import re2

from privacy.detect.fold import latin1

_REFERENCE = re2.compile(
    rb"&(?:#0*[0-9]{1,7};?|#[xX]0*[0-9a-fA-F]{1,6};?|[A-Za-z][A-Za-z0-9]{1,31};)", latin1()
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A text with its references replaced by what they stand for.

    Args:
        text: as it reads.
        starts: for each code point of `text`, where its writing begins in the original.
        ends: for each code point of `text`, where its writing ends there: a reference is one whole.
    """

    text: str
    starts: list[int]
    ends: list[int]

    def written(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` stands in the original, in code points."""
        return self.starts[start], self.ends[end - 1]


def reading(text: str) -> Reading | None:
    """`text` as it reads; None where it holds no references, and so reads as it is written."""
    if "&" not in text or (";" not in text and "&#" not in text):
        return None
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    # One byte for each code point, so that offsets hold.
    for match in _REFERENCE.finditer(text.encode("ascii", "replace")):
        start, end = match.span()
        meaning = html.unescape(text[start:end])
        pieces += text[position:start], meaning
        starts += [*range(position, start), *(start for _ in meaning)]
        ends += [*range(position + 1, start + 1), *(end for _ in meaning)]
        position = end
    if not position:
        return None
    pieces.append(text[position:])
    starts += range(position, len(text))
    ends += range(position + 1, len(text) + 1)
    return Reading("".join(pieces), starts, ends)
