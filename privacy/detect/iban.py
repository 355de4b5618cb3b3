"""International bank account numbers: ISO 13616, check digits by ISO 7064 mod 97-10, lengths by country."""

from privacy.detect.recognizer import Found, Pattern, PatternRecognizer

# SWIFT, IBAN Registry.
LENGTHS = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI FK FO GL NL SD",
        19: "MK SI",
        20: "AT BA EE KZ LT LU MN XK",
        21: "CH CR HR LI LV",
        22: "BG BH DE GB GE IE IM ME RS VA",
        23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST",
        26: "IS TR",
        27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU YE",
        31: "MT SC",
        32: "LC",
        33: "RU",
    }.items()
    for country in countries.split()
}


class Iban(PatternRecognizer):
    """In one piece or in groups, upper or lower case."""

    name = "iban"
    label = "IBAN"
    patterns = (Pattern(r"[a-z]{2}[0-9]{2}(?:[ .\-]{0,2}[0-9a-z]){11,29}", score=0.9, border=""),)
    check = "the length of its country, and check digits by mod 97"

    def examine(self, folded: bytes, start: int, end: int, score: float) -> Found | None:
        """Cut the match to its country's length, as no shape tells where words begin after it; check."""
        length = LENGTHS.get(folded[start : start + 2].decode("latin-1").upper())
        if length is None or _alphanumeric(folded[start - 1 : start] if start else b""):
            return None
        end = _end_of(folded, start, end, length)
        number = folded[start:end].translate(None, b" .-").decode("latin-1")
        if len(number) != length or _alphanumeric(folded[end : end + 1]):
            return None
        return Found(start, end, score) if mod_97(number) else None


def mod_97(number: str) -> bool:
    """ISO 7064 mod 97-10: the country and check digits moved to the end, letters read as 10..35."""
    rotated = number[4:] + number[:4]
    return int("".join(str(int(character, 36)) for character in rotated)) % 97 == 1


def _alphanumeric(character: bytes) -> bool:
    return character.isalnum()


def _end_of(folded: bytes, start: int, end: int, length: int) -> int:
    """Where the `length`-th letter or digit from `start` on ends."""
    count = 0
    for place in range(start, end):
        if _alphanumeric(folded[place : place + 1]):
            count += 1
            if count == length:
                return place + 1
    return end
