"""National insurance numbers of the United Kingdom (HMRC, NIM39110): no check digit, so context decides."""

from privacy.detect.context import words
from privacy.detect.recognizer import NOT_ALPHANUMERIC, Pattern, PatternRecognizer


class BritishNino(PatternRecognizer):
    """Two letters, six digits, a letter A to D."""

    name = "uk_nino"
    label = "NATIONAL_ID"
    patterns = (
        Pattern(
            r"[abceghj-prstw-z][abceghj-nprstw-z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[a-d]",
            score=0.4,
            border=NOT_ALPHANUMERIC,
        ),
    )
    context = words("nino, ni number, ni no, national insurance, insurance number")
    check = "a prefix that is handed out"

    def validate(self, value: str) -> bool:
        """Prefixes that are not allocated."""
        return value[:2].upper() not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}
