"""Resident identity numbers of China: region, birth date, order, ISO 7064 mod 11-2 (GB 11643-1999)."""

from datetime import date

from privacy.detect.checksum import weighted
from privacy.detect.recognizer import Pattern, PatternRecognizer

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


class ChineseResidentId(PatternRecognizer):
    """Eighteen characters, the last a digit or X."""

    name = "cn_resident_id"
    label = "NATIONAL_ID"
    patterns = (Pattern(r"[1-8][0-9]{5}(?:18|19|20)[0-9]{2}[01][0-9][0-3][0-9]{4}[0-9x]", score=0.8),)
    check = "a birth date that exists, and the check character by mod 11-2"

    def validate(self, value: str) -> bool:
        """A date that exists, and the check character."""
        try:
            date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
        except ValueError:
            return False
        return _CHECKS[weighted(value[:17], _WEIGHTS) % 11] == value[17].upper()
