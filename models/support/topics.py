"""What sources have in common: how many there are of each topic, and where their vectors lie."""

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

Topic = tuple[Literal["tag", "answer"], str]
"""What sources have in common that support each other: their first tag, else the normal form of their answer."""
Group = tuple[str, str]
"""The primary subtag of a language, empty where it is unknown, and a kind of source."""
Vector = npt.NDArray[np.float32]


class Part(NamedTuple):
    """The sources of one topic and group: how many, and the sum of their vectors, float64 [width]."""

    group: Group
    count: int
    total: npt.NDArray[np.float64]


class Topics:
    """Counts and sums of vectors by topic and group; threads as in `SupportMemory`."""

    def __init__(self) -> None:
        self._parts: dict[Topic, dict[Group, Part]] = {}

    def add(self, topic: Topic, group: Group, vector: Vector) -> None:
        """Count one source in; its vector is float32 [width]."""
        parts = self._parts.setdefault(topic, {})
        before = parts.get(group)
        parts[group] = (
            Part(group, 1, vector.astype(np.float64))
            if before is None
            else Part(group, before.count + 1, before.total + vector)
        )

    def remove(self, topic: Topic, group: Group, vector: Vector) -> None:
        """Count one source out that was counted in with these."""
        parts = self._parts[topic]
        _, count, total = parts[group]
        if count > 1:
            parts[group] = Part(group, count - 1, total - vector)
            return
        del parts[group]
        if not parts:
            del self._parts[topic]

    def count(self, topic: Topic) -> int:
        """How many sources there are of a topic."""
        return sum(part.count for part in self.parts(topic))

    def parts(self, topic: Topic) -> list[Part]:
        """The parts of a topic."""
        return list(self._parts.get(topic, {}).values())


def primary(language: str | None) -> str:
    """The primary subtag of a language (RFC 5646) in lower case; empty where it is unknown."""
    return (language or "").partition("-")[0].casefold()
