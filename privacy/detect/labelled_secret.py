"""Secrets that people name: "password: swordfish", "my PIN is 4711", "api key = …", "Authorization: Bearer …"."""

import re2

from privacy.detect.context import words
from privacy.detect.entropy import bits_per_character
from privacy.detect.fold import latin1
from privacy.detect.recognizer import Found, Pattern, PatternRecognizer

_WORDS = (
    r"pass ?word|passwd|pwd|pass ?phrase|pass ?code|passwort|kennwort|mot de passe|wachtwoord"
    r"|contrase(?:n?[?\xe0]|n)a|clave secreta|senha|parola d'ordine"
)
_KEY = (
    r"api[ _\-]?(?:key|token|secret)|auth(?:entication)?[ _\-]?token"
    r"|(?:secret|private|access|client|signing)[ _\-](?:access[ _\-])?(?:key|token|secret)"
)
_NUMBER = r"pin(?: ?code| ?number|-?nummer)?|otp|one[ \-]time (?:pass)?code|cv[vc]2?|security code"
# Spaces outside ASCII are question marks where nothing else was worth folding.
_GIVEN = r"[\"']?[ \t?]{0,3}(?:=>|->|:=|[:=])[ \t?]{0,3}[\"']?"
_SAID = r" (?:is|was|ist|lautet|war|est|es) ?:? ?[\"']?"
_VALUE = r"[^\s\"'<>,;]"
# Letters outside ASCII are question marks or placeholders in folded texts; the context says what they were.
_FOREIGN = r"[?\x80\xe0](?:[:=] ?|[?\x80]{2})"

# What is said about a secret, rather than the secret itself; "?" for a letter outside ASCII.
_REMARKS = frozenset(
    word
    for line in (
        "required incorrect wrong invalid expired reset forgot forgotten changed change missing empty none null true",
        "false must please cannot can could not what where when this that the your our and but for with yes unknown",
        "hidden optional protected confirm falsch vergessen abgelaufen ung?ltig bitte nicht olvidada incorrecta",
        "requis requise oubli? vergeten verkeerd errata dimenticata",
    )
    for word in line.split()
)
_PLACEHOLDER = re2.compile(rb"\[[A-Z_]{2,40}_[0-9]{1,6}", latin1())
_MARKS = frozenset(b"0123456789!@#$%^&*_+=~")
_WORD_LEAD, _KEY_LEAD, _NUMBER_LEAD = (
    f"(?:{names})(?:{_GIVEN}|{_SAID})" for names in (_WORDS, _KEY, _NUMBER)
)
_LEAD = re2.compile(
    rf"(?i)(?:{_WORDS}|{_KEY}|{_NUMBER})(?:({_GIVEN})|{_SAID})|cv[vc]2? |(?:bearer|basic) |{_FOREIGN}".encode(
        "latin-1"
    ),
    latin1(),
)
_REST = re2.compile(rf"{_VALUE}*".encode("latin-1"), latin1())
_ASCII_REST = re2.compile(rb"[0-9A-Za-z@#$%!_*+=.\-]*", latin1())
"""Behind a name in a script without spaces, where the sentence goes on without one."""
_NAMED, _KEY_NAMED, _FOREIGN_NAMED = 0.7, 0.75, 0.2
_JUDGED = 256
"""How much of a value is looked at before it is taken to its end: so a row of rejected ones costs linear time."""
_LEAST_KEY = 8
_LEAST_BITS = 2.5


class LabelledSecret(PatternRecognizer):
    """The value behind its name; behind a mere "is" it has to look like none of the words of a sentence."""

    name = "labelled_secret"
    label = "SECRET"
    patterns = (
        Pattern(f"{_WORD_LEAD}{_VALUE}{{3}}", score=_NAMED, border=""),
        Pattern(f"{_KEY_LEAD}{_VALUE}{{8}}", score=_KEY_NAMED, border=""),
        Pattern(r"(?:bearer|basic) [0-9a-z+/=_.~\-]{16}", score=_KEY_NAMED, border=""),
        Pattern(f"(?:{_NUMBER_LEAD})[0-9]{{3,8}}", score=0.8),
        Pattern(r"cv[vc]2? [0-9]{3,4}", score=0.8),
        Pattern(rf"{_FOREIGN}[0-9A-Za-z_]{{3,16}}[0-9@#$%!]", score=_FOREIGN_NAMED, border=""),
    )
    context = words("密码, 密碼, 口令, 验证码, 驗證碼, пароль, रहस्य, पासवर्ड")
    reach = (12, 0)
    check = "a value behind the name of a secret, and no word of a sentence"

    def examine(self, folded: bytes, start: int, end: int, score: float) -> Found | None:
        """Leave the name out, take the value to its end, and judge it by how it is introduced."""
        lead = _LEAD.match(folded, start, end)
        if lead is None or folded[start - 1 : start].isalnum():
            return None
        start = lead.end()
        rest = _ASCII_REST if score == _FOREIGN_NAMED else _REST
        value = folded[start : rest.match(folded, start, min(len(folded), start + _JUDGED)).end()]
        if len(value) == _JUDGED:
            end = rest.match(folded, start).end()
        else:
            value = value.rstrip(b".:)]}?")
            end = start + len(value)
        found = Found(start, end, score)
        if not value or _PLACEHOLDER.match(value):
            return None
        if score == _NAMED:
            return found if _password(value, given=lead.group(1) is not None) else None
        if score == _KEY_NAMED:
            return found if _key(value) else None
        return found if any(map(_MARKS.__contains__, value)) else None


def _password(value: bytes, *, given: bool) -> bool:
    """Whether `value` is what a password is: behind a colon anything but a remark, otherwise no plain word."""
    word = value.strip(b"!?*#_")
    plain = "".join(chr(byte) if byte < 128 else "?" for byte in word).lower()
    if len(value) < 3 or plain in _REMARKS or not any(map(str.isalnum, plain)):
        return False
    return given or (len(word) >= 4 and any(map(_MARKS.__contains__, word)))


def _key(value: bytes) -> bool:
    has_digits = any(map(b"0123456789".__contains__, value))
    return has_digits and len(value) >= _LEAST_KEY and bits_per_character(value) >= _LEAST_BITS
