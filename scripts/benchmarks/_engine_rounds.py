"""Systems timed in turn, round by round, so that a ratio holds although the machine's speed drifts."""

import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scripts.benchmarks._engine_systems import System

QUIET_SECONDS = 0.5
"""Between two measurements, for threads that spin after their work."""
LEAST_SECONDS = 0.4
"""That a timing lasts; shorter work is repeated."""


def say(what: str) -> None:
    """Progress, beside the result."""
    print(what, file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Rates:
    """Texts a second of one system, by round."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.rounds)

    def times(self, other: "Rates") -> float:
        """How many times as fast as another: the median of the rounds' ratios."""
        return statistics.median(
            ours / theirs for ours, theirs in zip(self.rounds, other.rounds, strict=True)
        )

    def document(self) -> dict[str, Any]:
        """For programs."""
        return {
            "texts_per_second": round(self.median, 1),
            "lowest": round(min(self.rounds), 1),
            "highest": round(max(self.rounds), 1),
            "rounds": [round(one, 1) for one in self.rounds],
        }


def rate(system: System, texts: Sequence[str]) -> float:
    """Texts a second, once."""
    done, started = 0, time.perf_counter()
    while True:
        system.encode(texts)
        done += len(texts)
        if (took := time.perf_counter() - started) >= LEAST_SECONDS:
            return done / took


def in_rounds(
    systems: Sequence[System], texts: Sequence[Sequence[str]], rounds: int, quiet: float = QUIET_SECONDS
) -> list[Rates]:
    """Each system in turn, some rounds; who goes first alternates.

    Args:
        systems: what is timed, each warmed up by its texts first.
        texts: of each system.
        rounds: how many.
        quiet: seconds of rest before each measurement.

    Returns:
        The rates of each system.
    """
    found: list[list[float]] = [[] for _ in systems]
    for system, of_system in zip(systems, texts, strict=True):
        system.encode(of_system)
    order = list(range(len(systems)))
    for number in range(rounds):
        for one in order if number % 2 == 0 else reversed(order):
            time.sleep(quiet)
            found[one].append(rate(systems[one], texts[one]))
    return [Rates(tuple(one)) for one in found]
