"""Social security numbers of France (NIR, INSEE): 13 characters and a key by mod 97."""

from privacy.detect.recognizer import NOT_ALPHANUMERIC, Pattern, PatternRecognizer


class FrenchNir(PatternRecognizer):
    """Sex, year, month, department (2A and 2B: Corsica), commune, order, key."""

    name = "fr_nir"
    label = "NATIONAL_ID"
    patterns = (
        Pattern(
            r"[1-478] ?[0-9]{2} ?(?:0[1-9]|[1-3][0-9]|4[0-2]|[5-9][0-9])"
            r" ?(?:[0-9]{2}|2[ab]) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}",
            score=0.7,
            border=NOT_ALPHANUMERIC,
        ),
    )
    check = "the key by mod 97"

    def validate(self, value: str) -> bool:
        """Key = 97 - number mod 97; for it 2A counts as 19 and 2B as 18."""
        number = value.replace(" ", "").upper().replace("2A", "19").replace("2B", "18")
        return int(number[13:]) == 97 - int(number[:13]) % 97
