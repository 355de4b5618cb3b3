"""What sources have in common."""

from typing import Literal

Topic = tuple[Literal["tag", "answer"], str]
"""Sources of one topic support each other: those of one first tag, else those of one normal form of their answers."""
Group = tuple[str, str]
"""The primary subtag of a language, empty where it is unknown, and a kind of source."""
