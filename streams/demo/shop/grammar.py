"""Sentence patterns: `[warm|cosy]` offers a choice, `{colour}` is a slot to fill."""

import re
import string
from collections.abc import Mapping
from random import Random
from typing import Final

_CHOICE: Final = re.compile(r"\[([^\[\]]*)\]")
_BLANKS: Final = re.compile(r" {2,}")


def chosen(pattern: str, chance: Random) -> str:
    """The pattern with one option taken from each choice; choices may be nested, options may be empty."""
    while True:
        text = _CHOICE.sub(lambda match: chance.choice(match[1].split("|")), pattern)
        if text == pattern:
            return _BLANKS.sub(" ", text).strip()
        pattern = text


def slots(pattern: str) -> frozenset[str]:
    """Names of the slots in a pattern."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(pattern) if name)


def written(pattern: str, chance: Random, values: Mapping[str, object]) -> str:
    """A text by the pattern, with a capital at its beginning.

    Raises:
        KeyError: a slot of the options taken has no value.
    """
    text = chosen(pattern, chance).format_map(values)
    return text[:1].upper() + text[1:]
