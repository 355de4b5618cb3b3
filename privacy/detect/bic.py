"""Business identifier codes of banks (ISO 9362, also called SWIFT codes).

No check digit, and many a capitalised word has the shape (SCOTLAND is one of Laos): the code has to be named
as such, or an IBAN of the same country has to stand near.
"""

import re2

from privacy.detect.context import words
from privacy.detect.fold import latin1
from privacy.detect.iban import Iban
from privacy.detect.recognizer import NOT_ALPHANUMERIC, Found, Pattern, PatternRecognizer

_NAMED = 0.2
_BESIDE_IBAN = 0.6
_NEAR = 80
"""How far an IBAN counts as near, in characters."""

# ISO 3166-1 alpha-2, and XK, which SWIFT uses for Kosovo.
COUNTRIES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
)
_COUNTRY = f"(?:{COUNTRIES.replace(' ', '|')})"
_IBAN_SHAPE = re2.compile(rb"(?i)[a-z]{2}[0-9]{2}[ \-]?[0-9a-z]{4}", latin1())


class Bic(PatternRecognizer):
    """Party prefix, country, location, and a branch or none; in capitals, but for codes behind their name."""

    name = "bic"
    label = "BIC"
    patterns = (
        Pattern(
            rf"(?-i:[A-Z]{{4}}{_COUNTRY}[A-Z0-9]{{2}}(?:[A-Z0-9]{{3}})?)",
            score=_NAMED,
            border=NOT_ALPHANUMERIC,
        ),
        Pattern(
            rf"(?:bic|swift)(?: ?code)? ?[:=] ?[a-z]{{4}}{_COUNTRY}[a-z0-9]{{2}}(?:[a-z0-9]{{3}})?",
            score=0.8,
            border=NOT_ALPHANUMERIC,
            hint=r"(?:bic|swift)(?: ?code)? ?[:=]",
        ),
    )
    context = words("bic, swift, swift-bic, bic/swift, swift/bic, swift code*, swiftcode*")
    check = "an ISO 3166 country code in its place; the name of such codes, or an IBAN of that country, near"

    def __init__(self) -> None:
        super().__init__()
        self._iban = Iban()

    def examine(self, folded: bytes, start: int, end: int, score: float) -> Found | None:
        """Leave the name of a code out; look for an IBAN beside one that has none."""
        if score > _NAMED:
            value = folded[start:end].replace(b"=", b":").rpartition(b":")[2].lstrip()
            return Found(end - len(value), end, score)
        near = folded[max(0, start - _NEAR) : start] + b" " + folded[end : end + _NEAR]
        country = folded[start + 4 : start + 6].lower()
        beside = _IBAN_SHAPE.search(near) is not None and any(
            found is not None and near[found.start : found.start + 2].lower() == country
            for _, _, found in self._iban.candidates(near, 0)
        )
        return Found(start, end, _BESIDE_IBAN if beside else _NAMED)
