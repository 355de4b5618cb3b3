"""Aadhaar numbers of India: twelve digits, the last by Verhoeff's dihedral check (UIDAI)."""

from privacy.detect.context import words
from privacy.detect.recognizer import Found, Pattern, PatternRecognizer, digits

_WEAK = 0.2


def _multiply(left: int, right: int) -> int:
    """The product in the dihedral group of the pentagon."""
    if left < 5:
        return (left + right) % 5 if right < 5 else 5 + (left + right) % 5
    return 5 + (left - right) % 5 if right < 5 else (left - right) % 5


_ROTATION = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
_PERMUTATIONS = [tuple(range(10))]
for _ in range(7):
    _PERMUTATIONS.append(tuple(_ROTATION[digit] for digit in _PERMUTATIONS[-1]))


def verhoeff(number: str) -> bool:
    """Verhoeff's check over a string of ASCII digits, the check digit last."""
    interim = 0
    for place, digit in enumerate(reversed(number)):
        interim = _multiply(interim, _PERMUTATIONS[place % 8][int(digit)])
    return interim == 0


class IndianAadhaar(PatternRecognizer):
    """Printed 4-4-4; in one piece it looks like a bar code, and needs context words."""

    name = "in_aadhaar"
    label = "NATIONAL_ID"
    patterns = (
        Pattern(r"[2-9][0-9]{3}[ \-][0-9]{4}[ \-][0-9]{4}", score=0.5),
        Pattern(r"[2-9][0-9]{11}", score=_WEAK),
    )
    context = words("aadhaar*, aadhar*, adhaar*, uidai, uid, आधार")
    check = "Verhoeff's check digit"

    def examine(self, folded: bytes, start: int, end: int, score: float) -> Found | None:
        """Verhoeff's check; three groups out of a longer row of groups are none."""
        if not verhoeff(digits(folded[start:end].decode("latin-1"))):
            return None
        before, after = folded[max(0, start - 2) : start], folded[end : end + 2]
        in_a_row = (before[:1].isdigit() and before[-1:] in {b" ", b"-"}) or (
            after[1:].isdigit() and after[:1] in {b" ", b"-"}
        )
        return Found(start, end, _WEAK if in_a_row else score)
