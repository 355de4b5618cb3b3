"""Identity numbers of Spain: DNI and NIE, with a check letter by mod 23 (RD 1553/2005)."""

from privacy.detect.recognizer import Pattern, PatternRecognizer

_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


class SpanishDni(PatternRecognizer):
    """DNI: eight digits and the letter. NIE: X, Y or Z, seven digits and the letter."""

    name = "es_dni"
    label = "NATIONAL_ID"
    patterns = (
        Pattern(r"[0-9]{8}-?[a-hj-np-tv-z]", score=0.5, border=r"[^0-9a-z\-\xe0]"),
        Pattern(r"[x-z]-?[0-9]{7}-?[a-hj-np-tv-z]", score=0.5, border=r"[^0-9a-z\-\xe0]"),
    )
    check = "the check letter by mod 23"

    def validate(self, value: str) -> bool:
        """The letter at the place that the number modulo 23 gives; X, Y, Z count as 0, 1, 2."""
        number = value.replace("-", "").upper()
        first = str("XYZ".index(number[0])) if number[0] in "XYZ" else number[0]
        return _LETTERS[int(first + number[1:-1]) % 23] == number[-1]
