"""Dates of birth: a date like any other, so somebody has to say that it is one."""

from privacy.detect.context import words
from privacy.detect.dates import IN_FIGURES, IN_WORDS, past_date
from privacy.detect.recognizer import NOT_ALPHANUMERIC, Found, Pattern, PatternRecognizer

_WEAK = 0.2


class BirthDate(PatternRecognizer):
    """Dates in figures and in words, where birth is spoken of close by."""

    name = "birth_date"
    label = "BIRTH_DATE"
    patterns = (
        *(Pattern(regex, score=_WEAK, border=r"[^0-9a-z\-/\xe0]") for regex in IN_FIGURES),
        *(Pattern(regex, score=_WEAK, border=NOT_ALPHANUMERIC) for regex in IN_WORDS),
    )
    context = words(
        "born, dob, d.o.b, d.o.b., date of birth, birth date, birthdate*, birth day, year of birth, birthday is",
        "geboren*, geb, geburtsdatum*, né, née, né(e), naissance, nacimiento, nací, nació, nacido, nacida, f. nac",
        "nascita, nato, nata il, geboortedatum*, nascimento, nascido, nascida, род*, дата рождения",
        "出生, 生日, 生于, 生於, जन्म*",
    )
    reach = (40, 15)
    check = "a date that exists and is not in the future"

    def examine(self, folded: bytes, start: int, end: int, score: float) -> Found | None:
        """A date of the calendar, in one of its readings."""
        return Found(start, end, score) if past_date(folded[start:end]) is not None else None
