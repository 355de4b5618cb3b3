"""Several detectors on the same texts, in turns, timed."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from privacy.detect.span import Span

CHUNK = 256
"""Texts in a turn: as many as a worker takes at once, and enough to last some milliseconds."""
WARM_UP = 2
"""Turns at the beginning that don't count for speed where there are more: automata and vocabularies are built as texts
come, and streams run for days. They are not repeated, so that no timed text was seen before."""

Progress = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class System:
    """A detector to evaluate.

    Args:
        name: what the report calls it.
        find: the findings in each text, which may overlap.
        kinds: ours that it looks for; what else is labelled is reported as not covered.
        about: versions and settings.
    """

    name: str
    find: Callable[[Sequence[str]], Sequence[Sequence[Span]]]
    kinds: frozenset[str]
    about: str


@dataclass(slots=True)
class Turns:
    """What one system did.

    Attributes:
        findings: of each text, in order.
        texts: how many were in each turn.
        seconds: that each turn took.
    """

    findings: list[Sequence[Span]] = field(default_factory=list)
    texts: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def timed(self) -> slice:
        """The turns that count for speed."""
        return slice(WARM_UP if len(self.seconds) > WARM_UP else 0, None)

    @property
    def texts_timed(self) -> int:
        """How many texts count for speed."""
        return sum(self.texts[self.timed])

    @property
    def texts_per_second(self) -> float:
        """Over the turns that count."""
        return self.texts_timed / sum(self.seconds[self.timed])


def in_turns(
    texts: Sequence[str], systems: Sequence[System], progress: Progress = lambda _done: None
) -> list[Turns]:
    """Run all systems on all texts, a chunk each in turn, so that noise on the machine meets all of them.

    Who begins a round changes from round to round.

    Args:
        texts: at least one.
        systems: at least one.
        progress: is told how many texts all systems have done.
    """
    turns = [Turns() for _ in systems]
    for number, start in enumerate(range(0, len(texts), CHUNK)):
        chunk = texts[start : start + CHUNK]
        for place in range(len(systems)):
            which = (place + number) % len(systems)
            begun = time.perf_counter()
            findings = systems[which].find(chunk)
            turns[which].seconds.append(time.perf_counter() - begun)
            turns[which].texts.append(len(chunk))
            turns[which].findings.extend(findings)
        progress(start + len(chunk))
    return turns


def ratios(ours: Turns, peers: Turns) -> list[float]:
    """How many times as fast the first was, in each turn that counts."""
    both = zip(ours.seconds[ours.timed], peers.seconds[peers.timed], strict=True)
    return [theirs / own for own, theirs in both]
