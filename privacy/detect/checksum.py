"""Check digits that more than one recognizer needs."""

_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")


def luhn(number: str) -> bool:
    """The mod-10 check of ISO/IEC 7812-1 over a string of ASCII digits, the check digit last."""
    codes = number.encode("ascii")
    total = sum(codes[::-2]) + sum(codes[-2::-2].translate(_DOUBLED)) - ord("0") * len(codes)
    return total % 10 == 0


def weighted(number: str, weights: tuple[int, ...]) -> int:
    """The sum of digits times weights, in order."""
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))
