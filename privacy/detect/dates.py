"""Dates as people write them, in figures and in words of several languages (RE2 syntax, on folded texts)."""

from collections.abc import Iterator
from datetime import date

import re2

from privacy.detect.fold import latin1

# What the months' names begin with in English, German, French, Spanish, Italian, Dutch and Portuguese. Letters
# with accents are placeholders in folded texts, or a letter and a mark.
_ACCENT = r"[?\xe0]"
MONTHS = (
    rf"jan|gen|ene|j{_ACCENT}n|ja{_ACCENT}n",
    rf"feb|fev|f{_ACCENT}v|fe{_ACCENT}v",
    rf"mar|maa|mrt|m{_ACCENT}r|ma{_ACCENT}r",
    "apr|avr|abr",
    "may|mai|mei|mag",
    "jun|juin|giu",
    "jul|juil|lug",
    rf"aug|ago|aout|ao{_ACCENT}t|aou{_ACCENT}t",
    "sep|set",
    "oct|okt|ott|out",
    "nov",
    rf"dec|dez|dic|d{_ACCENT}c|de{_ACCENT}c",
)
"""By month, from January."""

_YEAR = "(?:18|19|20)[0-9]{2}"
_DAY = r"[0-3]?[0-9](?:st|nd|rd|th|er|\.|\xba)?"
_MONTH = rf"(?:{'|'.join(MONTHS)})[a-z?\xe0]{{0,8}}\.?"
_OF = r"[ ,\-/]{0,2}(?:(?:of|de|del|di)[ ])?"
_SIGN = r" ?[?\x80] ?"

IN_FIGURES = (
    rf"[0-3]?[0-9](?:[./\-] ?[0-3]?[0-9][./\-] ?(?:{_YEAR}|[0-9]{{2}})| [0-3]?[0-9] {_YEAR})",
    rf"{_YEAR}[./\-][0-3]?[0-9][./\-][0-3]?[0-9]",
    rf"{_YEAR}[01][0-9][0-3][0-9]|[0-3][0-9][01][0-9]{_YEAR}",
    rf"{_YEAR}{_SIGN}[01]?[0-9]{_SIGN}[0-3]?[0-9](?: ?[?\x80])?",  # with signs for year, month and day
)
IN_WORDS = (
    rf"{_DAY}{_OF}{_MONTH}{_OF}{_YEAR}",
    rf"{_MONTH} {{0,2}}{_DAY}[ ,]{{1,2}}{_YEAR}",
    rf"{_YEAR}[ ,\-/]{{1,2}}{_MONTH}[ \-/]{{1,2}}{_DAY}",
)

_DIGITS_ONLY = bytes(byte if byte in b"0123456789" else ord(" ") for byte in range(256))
_NAMES = tuple(re2.compile(f"(?i)[^a-z?\xe0](?:{names})".encode("latin-1"), latin1()) for names in MONTHS)
_EARLIEST = 1880
"""The year before which nobody alive was born."""


def past_date(written: bytes) -> date | None:
    """The date that `written` stands for: one that exists, since 1880 and not in the future; None if there is none.

    Where day and month could be either, the first reading that exists, day first, counts.
    """
    today = date.today()  # noqa: DTZ011 - a day more or less
    for year, month, day in _readings(written):
        try:
            candidate = date(year, month, day)
        except ValueError:
            continue
        if candidate.year >= _EARLIEST and candidate <= today:
            return candidate
    return None


def _readings(written: bytes) -> Iterator[tuple[int, int, int]]:
    """What `written` might mean, as year, month and day."""
    numbers = written.translate(_DIGITS_ONLY).decode().split()
    if len(numbers) == 1 and len(numbers[0]) == 8:
        whole = numbers[0]
        yield int(whole[:4]), int(whole[4:6]), int(whole[6:])
        numbers = [whole[:2], whole[2:4], whole[4:]]
    if len(numbers) == 2:
        name = b" " + written
        month = next((place for place, names in enumerate(_NAMES, 1) if names.search(name)), 0)
        for one, other in (numbers, numbers[::-1]):
            if len(one) == 4:
                yield int(one), month, int(other)
    elif len(numbers) == 3 and len(numbers[0]) == 4:
        yield int(numbers[0]), int(numbers[1]), int(numbers[2])
    elif len(numbers) == 3:
        first, second = int(numbers[0]), int(numbers[1])
        for year in _centuries(numbers[2]):
            yield year, second, first
            yield year, first, second


def _centuries(year: str) -> tuple[int, ...]:
    return (int(year),) if len(year) == 4 else (1900 + int(year), 2000 + int(year))
