"""Phone numbers: shapes find candidates, numbering plans verify them (see `numbering_plans`)."""

from collections.abc import Iterator, Sequence

from privacy.detect.context import words
from privacy.detect.numbering_plans import NumberingPlans
from privacy.detect.recognizer import Found, Pattern, PatternRecognizer, digits, joined

REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "CN", "IN")
"""Whose national formats are known. Numbers with a country code are recognised for all the world."""

_WEAK = 0.15
_SURE = 0.5
_EXTENSION = r"(?: ?(?:x|ext\.?|extension) ?[0-9]{1,6})?"
_TAIL = r"(?:[0-9]{2,8}[ .\-]{1,2}){0,4}[0-9]{2,8}"
_NO_WORD = "[^0-9a-z]"
_CUTS = 5
_LEAST_DIGITS = 7
_MOST_DIGITS = 21
_NOT_PHONES = frozenset({b"$", b"#"})
"""What stands before prices and order numbers."""
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
        Pattern(
            rf"(?:\([0-9]{{2,5}}\)[ .\-]{{0,2}}|[0-9]{{1,5}}[ .\-]{{1,2}}){_TAIL}{_EXTENSION}",
            score=_WEAK,
            border=_NO_WORD,
        ),
        Pattern(rf"[0-9]{{9,12}}{_EXTENSION}", score=_WEAK, border=_NO_WORD),
    )
    context = words(
        "phone*, tel, telephone*, mobile*, mob, ph, cell, cellphone*, landline, hotline, direct line, fax",
        "sms, call, called, calling, dial, contact, contacted, whatsapp, text me, ring me, my number",
        "telefon*, mobiltelefon*, handynummer*, mobilnummer*, anruf*, rufen",
        "téléphone*, mon portable, appel*, joindre, teléfono*, móvil*, celular*, llam*, cellulare, chiam*",
        "telefoon*, mobiel*, bellen",
        "电话, 電話, 手机, 手機, 微信, 联系, फ़ोन, मोबाइल",
    )

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
        return Found(start, end, _WEAK) if _plausible(value) else None

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


def _plausible(value: str) -> bool:
    """As many digits as phone numbers have, an extension included, and no date or pair of years."""
    groups = [digits(group) for group in value.translate(_BLANKS).split()]
    return _LEAST_DIGITS <= sum(map(len, groups)) <= _MOST_DIGITS and not _date(groups)


def _date(groups: Sequence[str]) -> bool:
    years = [len(group) == 4 and group[:2] in {"18", "19", "20"} for group in groups[:3]]
    if years[:2] == [True, True]:
        return True
    lengths = [len(group) for group in groups[:3]]
    if len(lengths) < 3:
        return False
    year_first = years[0] and max(lengths[1:]) <= 2
    year_last = years[2] and max(lengths[:2]) <= 2
    return year_first or year_last
