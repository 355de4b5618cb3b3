"""Check digits that more than one recognizer needs."""

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def luhn(number: str) -> bool:
    """The mod-10 check of ISO/IEC 7812-1 over a string of ASCII digits, the check digit last."""
    total = sum(map(int, number[::-2])) + sum(_DOUBLED[int(digit)] for digit in number[-2::-2])
    return total % 10 == 0


def weighted(number: str, weights: tuple[int, ...]) -> int:
    """The sum of digits times weights, in order."""
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))
