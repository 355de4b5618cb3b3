"""Social security numbers of the United States: no check digit, so context words decide (20 CFR 422.103)."""

from privacy.detect.context import words
from privacy.detect.recognizer import Pattern, PatternRecognizer, digits

_NEVER_VALID = {"078051120", "219099999"}  # printed in advertisements


class AmericanSsn(PatternRecognizer):
    """Area 000, 666 and 900-999, group 00 and serial 0000 were never issued."""

    name = "us_ssn"
    label = "NATIONAL_ID"
    patterns = (
        Pattern(r"[0-9]{3}-[0-9]{2}-[0-9]{4}", score=0.4, border=r"[^0-9\-]"),
        Pattern(r"[0-9]{3} [0-9]{2} [0-9]{4}", score=0.3),
        Pattern(r"[0-9]{9}", score=0.2, border=r"[^0-9a-z\-]"),
    )
    context = words("ssn, ssns, ss#, social security, social, soc sec, taxpayer, tin, tax id")
    check = "area, group and serial that were issued"

    def validate(self, value: str) -> bool:
        """The ranges that are never issued."""
        number = digits(value)
        area, group, serial = number[:3], number[3:5], number[5:]
        never = area in {"000", "666"} or area >= "900" or group == "00" or serial == "0000"
        return not never and number not in _NEVER_VALID
