"""Tax numbers of Germany (Steuer-ID, § 139b AO): ISO 7064 mod 11,10 and a rule on repeated digits."""

from collections import Counter

from privacy.detect.recognizer import Pattern, PatternRecognizer, digits


class GermanTaxId(PatternRecognizer):
    """Eleven digits; four in a thousand random ones pass both rules."""

    name = "de_tax_id"
    label = "NATIONAL_ID"
    patterns = (Pattern(r"[1-9][0-9] ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}", score=0.5, border="[^0-9a-z]"),)
    check = "the check digit by mod 11,10, and one repeated digit"

    def validate(self, value: str) -> bool:
        """One of the first ten digits occurs twice or three times, all others at most once."""
        number = digits(value)
        repeated = [count for count in Counter(number[:10]).values() if count > 1]
        return repeated in ([2], [3]) and number[10] == _check_digit(number[:10])


def _check_digit(number: str) -> str:
    product = 10
    for digit in number:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)
