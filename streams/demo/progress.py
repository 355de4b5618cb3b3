"""How far a run of the demo is: written as it goes, shown by a view."""

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from streams.contracts.dead_letters import DeadLetter
from streams.contracts.results import Recommendations, Result, ReviewInsight, SearchRanking, SupportReply
from streams.contracts.topics import EACH_IN_ONE

RATE_SECONDS: Final = 8.0
"""The window of the throughput that is shown; a batch may take seconds on a slow machine."""


@dataclass(slots=True)
class Tally:
    """One input topic.

    Attributes:
        sent: records that Kafka has.
        decided: events that are answered or a dead letter.
        expected: events that will be; resends don't count.
        lag: offsets that the workers have not committed.
    """

    sent: int = 0
    decided: int = 0
    expected: int = 0
    lag: int = 0
    _history: deque[tuple[float, int]] = field(default_factory=deque)

    @property
    def rate(self) -> float:
        """Events decided a second, of late."""
        if len(self._history) < 2:  # noqa: PLR2004 - a difference needs two
            return 0.0
        (start, before), (end, after) = self._history[0], self._history[-1]
        return (after - before) / (end - start) if end > start else 0.0

    def count(self, decided: int, expected: int) -> None:
        """The counts as they are now."""
        self.decided, self.expected = decided, expected
        now = time.monotonic()
        self._history.append((now, decided))
        while now - self._history[0][0] > RATE_SECONDS:
            self._history.popleft()


@dataclass(slots=True)
class Latest:
    """What came last of each kind; an insight with something masked stays longest."""

    insight: ReviewInsight | None = None
    ranking: SearchRanking | None = None
    reply: SupportReply | None = None
    recommendations: Recommendations | None = None
    letter: DeadLetter | None = None

    def note(self, result: Result) -> None:
        """One more result; empty ones are not worth showing."""
        match result:
            case ReviewInsight() if result.masked or self.insight is None or not self.insight.masked:
                self.insight = result
            case SearchRanking() if result.items:
                self.ranking = result
            case SupportReply() if result.reply or self.reply is None:
                self.reply = result
            case Recommendations() if result.items:
                self.recommendations = result
            case DeadLetter():
                self.letter = result
            case _:
                pass


@dataclass(slots=True)
class Progress:
    """The state of a run.

    Attributes:
        doing: what is under way, in words.
        topics: the input topics' tallies by name.
        latest: results to look at.
    """

    doing: str = "starting"
    topics: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in EACH_IN_ONE})
    latest: Latest = field(default_factory=Latest)
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self.started

    @property
    def sent(self) -> int:
        """Records that Kafka has, of all topics."""
        return sum(tally.sent for tally in self.topics.values())

    @property
    def decided(self) -> int:
        """Events decided, of all topics."""
        return sum(tally.decided for tally in self.topics.values())

    @property
    def expected(self) -> int:
        """Events to be decided, of all topics, as far as they are there."""
        return sum(tally.expected for tally in self.topics.values())

    @property
    def rate(self) -> float:
        """Events decided a second, of late."""
        return sum(tally.rate for tally in self.topics.values())
