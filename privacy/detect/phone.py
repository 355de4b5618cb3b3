"""Phone numbers: shapes find candidates, numbering plans verify them (see `numbering_plans`)."""

from collections.abc import Iterator, Sequence

import re2

from privacy.detect.context import words
from privacy.detect.fold import latin1
from privacy.detect.numbering_plans import NumberingPlans
from privacy.detect.recognizer import Found, Pattern, PatternRecognizer, digits, joined

REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "CN", "IN")
"""Whose national formats are known. Numbers with a country code are recognised for all the world."""

_WEAK = 0.15
_SURE = 0.5
_EXTENSION = r"(?: ?(?:x|ext\.?|extension) ?[0-9]{1,6})?"
_TAIL = r"(?:[0-9]{2,9}[ .\-]{1,2}){0,4}[0-9]{2,9}"
# Area codes in parentheses (ITU-T E.123), also with the trunk prefix inside or before them: (06 1), (0-612), 8 (912).
_AREA = r"(?:8 ?)?\([0-9]{1,5}(?:[ \-][0-9]{1,3})?\)"
_NO_WORD = "[^0-9a-z]"
_CUTS = 5
_LEAST_DIGITS = 7
_FEWEST_DIGITS = 6
"""What subscribers of small places have (Greenland, Andorra, local numbers everywhere)."""
_BARE = 8
"""Up to so many digits in one piece might be any number."""
_MOST_DIGITS = 21
_NOT_PHONES = frozenset({b"$", b"#"})
"""What stands before prices and order numbers."""
# "call me at 33 93 31": nothing but small words between, so that the number of an order that the call was about is
# none. "96 228011 office", as on business cards.
_LEAD = re2.compile(
    rb"(?i)(?:^|[^0-9a-z])(?:tel|telephone|telefon[a-z]{0,8}|phone|mobile?|handy|cell(?:phone)?|landline|fax|whatsapp|sms"
    rb"|call|dial|ring|text|reach|contact|answering)"
    rb"(?: (?:me|us|you|him|her|them|back|number|no|nr|num|is|at|on|under|unter|ist|now)){0,4}[ .:]{0,3}$",
    latin1(),
)
_LEAD_REACH = 48
_ROLE = re2.compile(
    rb"(?i)[ \-]{1,2}\(?(?:office|work|home|fax|mobile|cell|landline|switchboard|reception|direct)(?:[^0-9a-z]|$)",
    latin1(),
)
_ROLE_REACH = 16
_GAPS = " .-/("
_BLANKS = str.maketrans("().-/", "     ")


class PhoneNumber(PatternRecognizer):
    """Numbers with a country code, and the grouped national forms, where a numbering plan has them.

    Other groups of digits, and digits in one piece, might be anything: they need context words, and are then
    taken whether or not a plan has them, because people leave out area codes and mistype.
    """

    name = "phone"
    label = "PHONE"
    patterns = (
        Pattern(rf"(?:\+|00)[1-9](?:[ ().\-/]{{0,3}}[0-9]){{6,14}}{_EXTENSION}", score=0.7),
        Pattern(  # North America
            r"(?:1[ .\-]{1,2})?(?:\([2-9][0-9]{2}\)[ .\-]{0,2}|[2-9][0-9]{2}[ .\-/]{1,2})"
            r"[2-9][0-9]{2}[ .\-]{1,2}[0-9]{4}" + _EXTENSION,
            score=0.6,
            border=_NO_WORD,
        ),
        Pattern(  # the trunk prefix 0 of Europe and Asia
            rf"(?:\(0[1-9][0-9]{{0,4}}\)[ .\-/]{{0,2}}|0[1-9][0-9]{{0,4}}[ .\-/]{{1,2}}){_TAIL}{_EXTENSION}",
            score=0.5,
            border=_NO_WORD,
        ),
        Pattern(  # numbers that are written without it: China, India, Italy, Spain
            r"1[3-9][0-9][ \-][0-9]{4}[ \-][0-9]{4}|[6-9][0-9]{4}[ \-][0-9]{5}|3[0-9]{2}[ \-][0-9]{3}[ \-][0-9]{4}"
            r"|[6-9][0-9]{2}(?: [0-9]{2}){3}",
            score=0.5,
            border=_NO_WORD,
        ),
        Pattern(
            rf"(?:{_AREA}[ .\-]{{0,2}}|[0-9]{{1,5}}[ .\-]{{1,2}}){_TAIL}{_EXTENSION}",
            score=_WEAK,
            border=_NO_WORD,
        ),
        Pattern(rf"[0-9]{{7,12}}{_EXTENSION}", score=_WEAK, border=_NO_WORD),
    )
    context = words(
        "phone*, tel, telephone*, mobile*, mob, ph, cell, cellphone*, landline, hotline, direct line, fax, voicemail",
        "sms, call, called, calling, dial*, contact, contacted, whatsapp, text me, ring me, my number, callback",
        "answering, answers, pick up, picks up, picked up, ringing, rang, switchboard, extension, reception",
        "line is, his number, her number, our number, their number",
        "reach me, reach us, reach you, reach him, reach her, reach them, reachable, erreichbar, erreichen",
        "telefon*, mobiltelefon*, handynummer*, mobilnummer*, anruf*, rufen",
        "téléphone*, mon portable, appel*, joindre, teléfono*, móvil*, celular*, llam*, cellulare, chiam*",
        "telefoon*, mobiel*, bellen",
        "电话, 電話, 手机, 手機, 微信, 联系, फ़ोन, मोबाइल",
    )

    check = "a number that a numbering plan has, or words that say so beside one that might be"

    def __init__(self, regions: Sequence[str] = REGIONS) -> None:
        super().__init__()
        self._plans = NumberingPlans(regions)

    def examine(self, folded: bytes, start: int, end: int, score: float) -> Found | None:
        """Verify a candidate by the plans, or leave it to the context."""
        if joined(folded, start, end) or folded[start - 1 : start] in _NOT_PHONES:
            return None
        value = folded[start:end].decode("latin-1")
        if score >= _SURE:
            length = self._verified(value)
            if length:
                return Found(start, start + length, score)
        if not _plausible(value):
            return None
        count = len(digits(value))
        if count < _LEAST_DIGITS or (count <= _BARE and value.isdigit()):
            return Found(start, end, _SURE) if _introduced(folded, start, end) else None
        return Found(start, end, _SURE if _has_role(folded, end) else _WEAK)

    def _verified(self, value: str) -> int:
        """Length of the beginning that is a phone number, 0 if none is.

        After a plus sign a possible number will do: nothing else is written so, and plans lag behind what is handed
        out, or leave out what is kept for films and tests.
        """
        length = next((len(part) for part in _beginnings(value) if self._plans.have(part)), 0)
        if not length and value.startswith("+"):
            length = next((len(part) for part in _beginnings(value) if self._plans.allow(part)), 0)
        return length


def _beginnings(value: str) -> Iterator[str]:
    """All of `value`, then less and less of its last groups: other numbers may follow a phone number."""
    for _ in range(_CUTS):
        yield value
        last = max(map(value.rfind, _GAPS))
        if last < _LEAST_DIGITS:
            return
        value = value[:last].rstrip(_GAPS)


def _introduced(folded: bytes, start: int, end: int) -> bool:
    """Whether words say at once before or after a number that it is one to call."""
    return _LEAD.search(folded[max(0, start - _LEAD_REACH) : start]) is not None or _has_role(folded, end)


def _has_role(folded: bytes, end: int) -> bool:
    return folded[end : end + 1] in {b" ", b"-"} and _ROLE.match(folded[end : end + _ROLE_REACH]) is not None


def _plausible(value: str) -> bool:
    """As many digits as phone numbers have, an extension included, and no date or pair of years."""
    groups = [digits(group) for group in value.translate(_BLANKS).split()]
    fits = _FEWEST_DIGITS <= sum(map(len, groups)) <= _MOST_DIGITS
    return fits and not _date(groups, spaced=value.count(" ") == 2)


def _date(groups: Sequence[str], *, spaced: bool) -> bool:
    """Whether the groups may be a date; three pairs with spaces between them hardly ever are one."""
    lengths = [len(group) for group in groups]
    if lengths == [2, 2, 2]:
        first, second, third = map(int, groups)
        day_and_month = first <= 31 and second <= 31 and min(first, second) <= 12
        return not spaced and (day_and_month or (second <= 12 and third <= 31))
    years = [len(group) == 4 and group[:2] in {"18", "19", "20"} for group in groups[:3]]
    if years[:2] == [True, True]:
        return True
    if len(lengths) < 3:
        return False
    year_first = years[0] and max(lengths[1:3]) <= 2
    year_last = years[2] and max(lengths[:2]) <= 2
    return year_first or year_last
