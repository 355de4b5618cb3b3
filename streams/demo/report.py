"""What a run of the demo showed, and whether it passed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from models.reviews import LABELS
from streams.contracts.results import ReviewInsight
from streams.counting import Balance

BAR: Final = 30
EXAMPLES: Final = 3


@dataclass(frozen=True, slots=True)
class Privacy:
    """Where the planted personal values were found.

    Attributes:
        planted: different values that were sent.
        in_inputs: how many of them the search finds in the input topic, as it should.
        in_outputs: how many it finds in results, dead letters and the workers' log, as it should not.
        masked: placeholders in results, by kind.
        sealed: originals that results carry, encrypted.
    """

    planted: int
    in_inputs: int
    in_outputs: int
    masked: Mapping[str, int] = field(default_factory=dict)
    sealed: int = 0

    @property
    def kept(self) -> bool:
        """Whether nothing got out, by a search that finds what is there."""
        return self.in_outputs == 0 and self.in_inputs == self.planted


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a run.

    Attributes:
        run: its name, with which its event ids begin.
        balance: the count equation.
        malformed: malformed reviews that were sent, by the reason that their dead letters should give.
        privacy: where planted values were found.
        sentiment: insights by label.
        examples: insights with something masked.
        models: what made the insights, as `id version`.
        per_second: reviews answered a second, from the first to the last insight.
        sent_per_second: the pace at which they were sent.
        clean: whether the workers ended in good order.
        seconds: the whole run, with starting and stopping the workers.
    """

    run: str
    balance: Balance
    malformed: Mapping[str, int]
    privacy: Privacy
    sentiment: Mapping[str, int]
    examples: Sequence[ReviewInsight]
    models: Sequence[str]
    per_second: float
    sent_per_second: float
    clean: bool
    seconds: float

    @property
    def malformed_only(self) -> bool:
        """Whether exactly the malformed reviews became dead letters, each for its reason."""
        return Counter(self.balance.dead) == Counter(self.malformed)

    @property
    def passed(self) -> bool:
        """Whether the run proves what it should."""
        return self.balance.holds and self.malformed_only and self.privacy.kept and self.clean

    def document(self) -> dict[str, Any]:
        """Everything, for programs."""
        return {
            "passed": self.passed,
            "run": self.run,
            "counts": self.balance.document(),
            "malformed": dict(self.malformed),
            "malformed_only": self.malformed_only,
            "privacy": {
                "kept": self.privacy.kept,
                "planted": self.privacy.planted,
                "found_in_inputs": self.privacy.in_inputs,
                "found_in_outputs": self.privacy.in_outputs,
                "masked": dict(self.privacy.masked),
                "sealed": self.privacy.sealed,
            },
            "sentiment": dict(self.sentiment),
            "examples": [example(insight) for insight in self.examples],
            "models": list(self.models),
            "workers_ended_cleanly": self.clean,
            "events_per_second": round(self.per_second, 1),
            "sent_per_second": round(self.sent_per_second, 1),
            "seconds": round(self.seconds, 1),
        }


def example(insight: ReviewInsight) -> dict[str, Any]:
    """What people look at in an insight."""
    return {
        "product_id": insight.product_id,
        "rating": insight.rating,
        "title": insight.title,
        "text": insight.text,
        "sentiment": insight.sentiment.label,
        "probability": round(getattr(insight.sentiment.probabilities, insight.sentiment.label), 3),
        "masked": dict(insight.masked),
        "sealed": sorted(insight.sealed),
    }


def summary(report: Report) -> Iterator[str]:
    """The report for people, line by line."""
    yield f"{'Passed' if report.passed else 'FAILED'}: {report.run}"
    yield ""
    yield from _counts(report)
    yield ""
    yield from _privacy(report.privacy)
    yield ""
    yield f"Sentiment of {report.balance.answered:,} reviews, by {' and '.join(report.models) or 'no model'}"
    yield from _bars(report.sentiment)
    yield ""
    yield "As a consumer gets them"
    for insight in report.examples:
        shown = example(insight)
        stars = f", {shown['rating']} stars" if shown["rating"] else ""
        yield f"  {shown['product_id']}{stars}: {shown['sentiment']} ({shown['probability']:.0%})"
        yield f"    {shown['text']}"
    yield ""
    yield (
        f"Speed: {report.per_second:,.0f} reviews a second, sent at {report.sent_per_second:,.0f} a second;"
        f" {report.seconds:.0f} s with starting and stopping the workers"
    )
    if not report.clean:
        yield "The workers did NOT end in good order; see logs/demo-workers.log in the data folder"


def _counts(report: Report) -> Iterator[str]:
    yield f"Counts, as a read_committed reader finds them: {report.balance}"
    if report.balance.holds:
        yield "  each review is in exactly one result or dead letter"
    reasons = ", ".join(f"{count} {reason}" for reason, count in report.balance.dead.items())
    yield f"  dead letters: {reasons or 'none'}"
    if report.malformed_only:
        yield "  exactly the malformed reviews, each with its reason"
    else:
        sent = ", ".join(f"{count} {reason}" for reason, count in report.malformed.items())
        yield f"  NOT exactly the malformed reviews, which were: {sent}"


def _privacy(privacy: Privacy) -> Iterator[str]:
    yield (
        f"Personal data: {privacy.planted:,} e-mail addresses, phone, card and account numbers were sent;"
        f" {privacy.in_outputs:,} are in results, dead letters or logs"
    )
    if privacy.in_inputs != privacy.planted:
        yield f"  the search itself is broken: it finds only {privacy.in_inputs:,} of them in the input"
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(privacy.masked.items()))
    yield f"  masked: {kinds or 'nothing'}; sealed originals: {privacy.sealed:,}"


def _bars(sentiment: Mapping[str, int]) -> Iterator[str]:
    most = max(sentiment.values(), default=0) or 1
    for label in LABELS:
        count = sentiment.get(label, 0)
        yield f"  {label:<9}{count:>7,}  {'#' * round(BAR * count / most)}"
