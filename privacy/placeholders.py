"""What stands in masked text for a finding: a numbered placeholder, or a token.

Both are in square brackets and begin with the kind, so that language survives around them and a reader knows
what stood there: `[EMAIL_1]`, `[EMAIL:tok_…]`. The colon tells them apart: no kind holds one.
"""

from typing import Final, Protocol

from privacy.canonical import canonical
from privacy.tokens import Tokeniser

DROPPED_KIND: Final = "DROPPED"
DROPPED: Final = f"[{DROPPED_KIND}]"
"""What stands for a whole field that the policy drops."""


class Placeholders(Protocol):
    """Gives the placeholder of a finding."""

    def of(self, label: str, value: str) -> str:
        """What stands for `value`, of the kind `label`."""
        ...


class Numbering:
    """The placeholders of one event: `[EMAIL_1]`, `[EMAIL_2]`, … by kind, in order of appearance.

    The same value gets the same number across the event's fields, also in another spelling (see `canonical`).
    """

    def __init__(self) -> None:
        self._of_value: dict[tuple[str, str], str] = {}
        self._last: dict[str, int] = {}

    def of(self, label: str, value: str) -> str:
        """The placeholder of `value`, a new one if it was not met before."""
        same = label, canonical(value)
        placeholder = self._of_value.get(same)
        if placeholder is None:
            number = self._last[label] = self._last.get(label, 0) + 1
            placeholder = self._of_value[same] = f"[{label}_{number}]"
        return placeholder


class ValueTokens:
    """Keyed tokens, equal for equal values in all events: `[EMAIL:tok_…]`, for joins without the value.

    Whoever holds the token key joins on `Tokeniser.token("value EMAIL", canonical(value))`.
    """

    def __init__(self, tokeniser: Tokeniser) -> None:
        self._tokeniser = tokeniser

    def of(self, label: str, value: str) -> str:
        """The token of `value`, in brackets."""
        return f"[{label}:{self._tokeniser.token(f'value {label}', canonical(value))}]"
