"""How far a run of the demo is: written as it goes, shown by a view."""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from streams.contracts.results import ReviewInsight

LATEST: Final = 6
RATE_SECONDS: Final = 8.0
"""The window of the throughput that is shown; a batch may take seconds on a slow machine."""


@dataclass(slots=True)
class Progress:
    """The state of a run.

    Attributes:
        of: reviews that will be sent.
        doing: what is under way, in words.
        sent: reviews that Kafka has.
        answered: reviews with an insight.
        dead: reviews that became a dead letter.
        latest: insights that came last, newest first; one with masked data stays longest.
    """

    of: int
    doing: str = "starting"
    sent: int = 0
    answered: int = 0
    dead: int = 0
    latest: deque[ReviewInsight] = field(default_factory=lambda: deque(maxlen=LATEST))
    masked: ReviewInsight | None = None
    started: float = field(default_factory=time.monotonic)
    _history: deque[tuple[float, int]] = field(default_factory=deque)

    @property
    def decided(self) -> int:
        """Reviews that are answered or a dead letter."""
        return self.answered + self.dead

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self.started

    @property
    def rate(self) -> float:
        """Reviews decided a second, of late."""
        if len(self._history) < 2:  # noqa: PLR2004 - a difference needs two
            return 0.0
        (start, before), (end, after) = self._history[0], self._history[-1]
        return (after - before) / (end - start) if end > start else 0.0

    def heard(self, insights: Iterable[ReviewInsight], answered: int, dead: int) -> None:
        """Answers were read; `answered` and `dead` are totals."""
        for insight in insights:
            self.latest.appendleft(insight)
            if insight.masked:
                self.masked = insight
        self.answered, self.dead = answered, dead
        now = time.monotonic()
        self._history.append((now, self.decided))
        while now - self._history[0][0] > RATE_SECONDS:
            self._history.popleft()
