"""Fiscal codes of Italy: 16 characters, the last a check (DM 23 dicembre 1976)."""

from privacy.detect.recognizer import NOT_ALPHANUMERIC, Pattern, PatternRecognizer

_DIGIT = "[0-9lmnp-v]"
_ODD_VALUES = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)


class ItalianCodiceFiscale(PatternRecognizer):
    """Six letters, year, month letter, day, place, check letter; digits may be letters (omocodia)."""

    name = "it_codice_fiscale"
    label = "NATIONAL_ID"
    patterns = (
        Pattern(
            rf"[a-z]{{6}}{_DIGIT}{{2}}[a-ehlmprst]{_DIGIT}{{2}}[a-z]{_DIGIT}{{3}}[a-z]",
            score=0.8,
            border=NOT_ALPHANUMERIC,
        ),
    )
    check = "the check letter by mod 26"

    def validate(self, value: str) -> bool:
        """The sum over odd and even places, modulo 26. A number without any digit is a long word."""
        code = value.upper()
        places = [
            int(character) if character.isdigit() else ord(character) - ord("A") for character in code[:15]
        ]
        total = sum(_ODD_VALUES[place] for place in places[::2]) + sum(places[1::2])
        return ord(code[15]) - ord("A") == total % 26 and any(map(str.isdigit, code))
