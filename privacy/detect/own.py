"""A shop's own kinds of personal data: customer numbers, loyalty cards and the like, from its settings."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import re2

from privacy.detect.checksum import luhn
from privacy.detect.fold import latin1
from privacy.detect.iban import mod_97
from privacy.detect.national_id.in_aadhaar import verhoeff
from privacy.detect.recognizer import NOT_ALPHANUMERIC, Found, Pattern, PatternRecognizer, digits

CHECKSUMS: Mapping[str, Callable[[str], bool]] = {
    "luhn": lambda value: luhn(digits(value)),
    "mod97": lambda value: mod_97("".join(filter(str.isalnum, value))),
    "verhoeff": lambda value: verhoeff(digits(value)),
}
"""By name: ISO/IEC 7812-1 and Verhoeff's over the digits, ISO 7064 mod 97-10 over letters and digits."""

_LABEL = re2.compile(r"[A-Z][A-Z0-9_]{0,39}")
_LONGEST_REGEX = 2000


class PatternError(ValueError):
    """One of the shop's own patterns cannot be used; the message names its label and says why."""


@dataclass(frozen=True, slots=True)
class OwnPattern:
    """A kind of personal data that only this shop has.

    Args:
        label: what it is called in placeholders, in capitals: `CUSTOMER_NUMBER`.
        regex: RE2 syntax, ASCII, without regard to case unless it says `(?-i:…)`, of bounded length. A match
            has to stand alone, without letters or digits right before or after it.
        context: words that people write near it; `kunden*` for all words that begin so.
        score: how sure a match is without context words (0..1); they add 0.4.
        checksum: one of `CHECKSUMS` that a match has to pass.
    """

    label: str
    regex: str
    context: tuple[str, ...] = ()
    score: float = 0.8
    checksum: str | None = None


class OwnRecognizer(PatternRecognizer):
    """Finds what an `OwnPattern` describes.

    Raises:
        PatternError: the pattern cannot be used.
    """

    def __init__(self, own: OwnPattern) -> None:
        _checked(own)
        self.name = f"own:{own.label}"
        self.label = own.label
        self.patterns = (Pattern(own.regex, own.score, NOT_ALPHANUMERIC),)
        self.context = own.context
        self.check = own.checksum or ""
        self._passes = CHECKSUMS[own.checksum] if own.checksum else None
        super().__init__()

    def examine(self, folded: bytes, start: int, end: int, score: float) -> Found | None:
        """The checksum, where the pattern names one."""
        value = folded[start:end].decode("latin-1")
        if not value or (self._passes is not None and not (value.isascii() and self._passes(value))):
            return None
        return Found(start, end, score)


def own(patterns: Iterable[OwnPattern]) -> tuple[OwnRecognizer, ...]:
    """A recognizer for each of `patterns`, for `Detector([*DEFAULT, *own(patterns)])`.

    Raises:
        PatternError: one of them cannot be used.
    """
    return tuple(map(OwnRecognizer, patterns))


def _checked(own: OwnPattern) -> None:
    fault = _fault_of_regex(own.regex)
    if _LABEL.fullmatch(own.label) is None:
        fault = (
            "a label is capitals, digits and underscores, begins with a letter and has 40 characters at most"
        )
    elif not 0 < own.score <= 1:
        fault = f"its score {own.score} is not above 0 and up to 1"
    elif any(not word.strip(" *") for word in own.context):
        fault = "one of its context words is empty"
    elif own.checksum is not None and own.checksum not in CHECKSUMS:
        fault = f"its checksum {own.checksum!r} is none of {', '.join(CHECKSUMS)}"
    if fault:
        raise PatternError(f"pattern {own.label!r}: {fault}")


def _fault_of_regex(regex: str) -> str:
    if not regex.isascii() or len(regex) > _LONGEST_REGEX:
        return f"its regex has to be ASCII and {_LONGEST_REGEX} characters at most (context words may be any)"
    if _unbounded(regex):
        return "its regex repeats without end (*, + or {n,}); bound it, say by {1,40}, so that searching stays linear"
    try:
        compiled = re2.compile(regex.encode(), latin1())
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        return f"its regex is not valid RE2 syntax: {reason}"
    return "its regex matches the empty text" if compiled.search(b"") is not None else ""


def _unbounded(regex: str) -> bool:
    """Whether a repetition has no upper bound, outside character classes and escapes."""
    plain = re2.sub(r"\[\^?\]?[^\]]*\]", "", re2.sub(r"\\.", "", regex))
    return any(sign in plain for sign in ("*", "+", ",}"))
