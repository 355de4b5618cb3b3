"""What the labels of a file mean: words in English and Chinese, and numbers by which of them occur."""

from collections.abc import Iterable, Mapping
from typing import Final

NEGATIVE, NEUTRAL, POSITIVE = 0, 1, 2
"""Indices into `models.reviews.labels.LABELS`."""

WORDS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("neg", "negative", "bad", "差评", "负面", "消极", "负"), NEGATIVE),
    **dict.fromkeys(("neu", "neutral", "mixed", "中评", "中性", "中立"), NEUTRAL),
    **dict.fromkeys(("pos", "positive", "good", "好评", "正面", "积极", "正"), POSITIVE),
}
NUMBERS: Final[Mapping[frozenset[str], Mapping[str, int]]] = {
    frozenset("01"): {"0": NEGATIVE, "1": POSITIVE},
    frozenset("12"): {"1": NEGATIVE, "2": POSITIVE},  # stars would not all be bad ones
    frozenset(("-1", "1")): {"-1": NEGATIVE, "1": POSITIVE},
    frozenset(("-1", "0", "1")): {"-1": NEGATIVE, "0": NEUTRAL, "1": POSITIVE},
    frozenset("012"): {"0": NEGATIVE, "1": NEUTRAL, "2": POSITIVE},
}
_STARS: Final = frozenset("12345")
_DIGITS: Final = _STARS | {"0", "-1"}
_RARE: Final = 0.001
"""Share of rows below which a value is taken for a slip, and does not decide what the others mean."""


def is_label(value: str) -> bool:
    """Whether it may be a sentiment or stars."""
    return _plain(value) in WORDS or _plain(value) in _DIGITS


def sentiments(values: Iterable[str]) -> dict[str, int]:
    """Index into `LABELS` by value as it stands in the file, for those that are known.

    `1` and `0` are positive and negative, `1`, `0`, `-1` have neutral between them, and so on. Empty where the values
    are stars, 1 to 5, or nothing that is known.
    """
    counts: dict[str, int] = {}
    total = 0
    for value in values:
        counts[value.strip()] = counts.get(value.strip(), 0) + 1
        total += 1
    words = {value: WORDS[_plain(value)] for value in counts if _plain(value) in WORDS}
    if words:
        return words
    common = frozenset(
        _plain(value)
        for value, count in counts.items()
        if count >= _RARE * total and _plain(value) in _DIGITS
    )
    meaning = NUMBERS.get(common) or next(
        (meaning for known, meaning in NUMBERS.items() if common and common < known and not common <= _STARS),
        {},
    )
    return {value: meaning[_plain(value)] for value in counts if _plain(value) in meaning}


def _plain(value: str) -> str:
    """Without case, brackets of a label (`__label__pos`), plus sign and `.0`."""
    plain = value.strip().casefold().removeprefix("__label__").removeprefix("+")
    return plain.removesuffix(".0")
