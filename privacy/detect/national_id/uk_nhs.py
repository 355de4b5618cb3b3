"""NHS numbers of England and Wales: one in eleven passes the check, so context decides."""

from privacy.detect.checksum import weighted
from privacy.detect.context import words
from privacy.detect.recognizer import Pattern, PatternRecognizer, digits

_WEIGHTS = (10, 9, 8, 7, 6, 5, 4, 3, 2)


class BritishNhsNumber(PatternRecognizer):
    """Written 3-3-4 or in one piece (NHS Data Dictionary, NHS NUMBER)."""

    name = "uk_nhs"
    label = "NATIONAL_ID"
    patterns = (Pattern(r"[0-9]{3}[ \-]?[0-9]{3}[ \-]?[0-9]{4}", score=0.3),)
    context = words("nhs, national health")
    check = "the check digit by mod 11"

    def validate(self, value: str) -> bool:
        """Mod 11; a check of 10 is never issued."""
        number = digits(value)
        check = 11 - weighted(number, _WEIGHTS) % 11
        return check != 10 and check % 11 == int(number[9])
