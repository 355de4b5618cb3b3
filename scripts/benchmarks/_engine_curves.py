"""Speed over the length of texts and over how many come at once."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.benchmarks._engine_rounds import in_rounds, say
from scripts.benchmarks._engine_systems import System
from scripts.benchmarks._engine_texts import ExactTexts
from scripts.benchmarks._plots import plot

LENGTHS = (16, 32, 64, 128, 256)
REQUESTS = (1, 4, 16, 64, 256)
LENGTH_TOKENS = 8_192
"""Of each point of the curve over length."""
QUIET_SECONDS = 0.1

Curves = dict[str, list[tuple[int, float]]]
"""By system: what was varied, and texts a second."""


def over_length(
    systems: Sequence[System],
    texts: ExactTexts,
    lengths: Sequence[int] = LENGTHS,
    tokens: int = LENGTH_TOKENS,
) -> Curves:
    """Texts a second by tokens in a text, each point with as many texts as make up the same number of tokens."""
    curves: Curves = {system.name: [] for system in systems}
    for length in lengths:
        say(f"  {length} tokens")
        same = texts.take(length, max(1, tokens // length))
        for system, rates in zip(
            systems, in_rounds(systems, [same] * len(systems), 1, QUIET_SECONDS), strict=True
        ):
            curves[system.name].append((length, round(rates.median, 1)))
    return curves


def over_request(
    systems: Sequence[System], texts: Sequence[str], requests: Sequence[int] = REQUESTS
) -> Curves:
    """Texts a second by how many are handed over at once, one request after the other."""
    curves: Curves = {system.name: [] for system in systems}
    for count in requests:
        say(f"  {count} at once")
        some = texts[:count]
        for system, rates in zip(
            systems, in_rounds(systems, [some] * len(systems), 1, QUIET_SECONDS), strict=True
        ):
            curves[system.name].append((count, round(rates.median, 1)))
    return curves


def draw(folder: Path, curves: Mapping[str, Curves]) -> list[str]:
    """Both figures as PNG files; their paths."""
    drawn = [
        plot(
            folder / "engine_length.png",
            "all-MiniLM-L6-v2: speed over the length of texts",
            "tokens in a text",
            "tokens a second",
            {
                name: [(length, length * rate) for length, rate in curve]
                for name, curve in curves["length"].items()
            },
            log_x=True,
        ),
        plot(
            folder / "engine_request.png",
            "all-MiniLM-L6-v2: speed over the size of a request",
            "texts handed over at once",
            "texts a second",
            curves["request"],
            log_x=True,
        ),
    ]
    return [str(path) for path in drawn]


def document(curves: Mapping[str, Curves]) -> dict[str, Any]:
    """For programs."""
    return {
        kind: {name: dict(points) for name, points in by_name.items()} for kind, by_name in curves.items()
    }
