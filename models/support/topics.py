"""What sources have in common."""

from typing import Literal

Topic = tuple[Literal["tag", "answer"], str]
"""Sources of one topic support each other: those of one first tag, else those of one normal form of their answers."""
Group = tuple[str, str]
"""The primary subtag of a language, empty where it is unknown, and a kind of source."""


def primary(language: str | None) -> str:
    """The primary subtag of a language (RFC 5646) in lower case; empty where it is unknown."""
    return (language or "").partition("-")[0].casefold()
