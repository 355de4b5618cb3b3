"""Citizen service numbers of the Netherlands (BSN): one in eleven passes the check, so context decides."""

from privacy.detect.checksum import weighted
from privacy.detect.context import words
from privacy.detect.recognizer import Pattern, PatternRecognizer, digits

_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


class DutchBsn(PatternRecognizer):
    """In one piece, or grouped by dots or spaces."""

    name = "nl_bsn"
    label = "NATIONAL_ID"
    patterns = (
        Pattern(r"[0-9]{9}", score=0.2, border=r"[^0-9a-z\-]"),
        Pattern(r"[0-9]{4}[ .][0-9]{2}[ .][0-9]{3}|[0-9]{3}[ .][0-9]{3}[ .][0-9]{3}", score=0.2),
    )
    context = words("bsn, burgerservicenummer*, sofinummer*, sofi")
    check = "the weighted sum by mod 11"

    def validate(self, value: str) -> bool:
        """Weights 9 to 2 and -1, divisible by 11."""
        number = digits(value)
        return number != "000000000" and weighted(number, _WEIGHTS) % 11 == 0
