"""What a run of the demo showed, and whether it passed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from models.reviews import LABELS
from streams.contracts.codec import encode
from streams.contracts.results import Recommendations, Result, ReviewInsight, SearchRanking, SupportReply
from streams.demo.evidence import Evidence, Quality
from streams.demo.shop.plan import Census
from streams.demo.showing import shown
from streams.demo.streaming import Sent

BAR: Final = 30


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a run.

    Attributes:
        sent: what was sent, and what came of lesson and changes.
        evidence: what was found.
        census: what should be there.
        clean: whether the workers ended in good order, or run on as they were asked to.
        seconds: the whole run, with starting and stopping the workers.
    """

    sent: Sent
    evidence: Evidence
    census: Census
    clean: bool
    seconds: float

    @property
    def counted(self) -> bool:
        """Whether every count equation holds."""
        return all(balance.holds for balance in self.evidence.balances.values())

    @property
    def malformed_only(self) -> bool:
        """Whether exactly the malformed events became dead letters, each for its reason."""
        return all(
            Counter(balance.dead) == Counter(self.census.malformed.get(name, {}))
            for name, balance in self.evidence.balances.items()
        )

    @property
    def kept(self) -> bool:
        """Whether no planted value got out, by a search that finds what is there."""
        evidence = self.evidence
        return evidence.planted_in_outputs == 0 and evidence.planted_in_inputs == len(self.census.planted)

    @property
    def passed(self) -> bool:
        """Whether the run proves what it should."""
        return self.counted and self.malformed_only and self.kept and self.clean

    @property
    def per_second(self) -> float:
        """Events decided a second, of all topics, while the customers' events flowed."""
        events, seconds = self.sent.streamed
        return events / seconds if seconds else 0.0

    def document(self) -> dict[str, Any]:
        """Everything, for programs."""
        found, outcome = self.evidence.findings, self.sent.outcome
        return {
            "passed": self.passed,
            "run": self.sent.run,
            "counts": {name: balance.document() for name, balance in self.evidence.balances.items()},
            "malformed": {name: dict(reasons) for name, reasons in self.census.malformed.items()},
            "malformed_only": self.malformed_only,
            "privacy": {
                "kept": self.kept,
                "planted": len(self.census.planted),
                "found_in_inputs": self.evidence.planted_in_inputs,
                "found_in_outputs": self.evidence.planted_in_outputs,
                "names_and_addresses": len(self.census.unprotected),
                "names_and_addresses_in_outputs": self.evidence.names_in_outputs,
                "masked": dict(found.masked),
                "sealed": found.sealed,
            },
            "search": found.search.document(),
            "support": found.support.document()
            | {
                "lesson": {
                    "handed_off_before": outcome.before is not None and outcome.before.reply is None,
                    "seconds_to_learn": outcome.learned,
                }
            },
            "recommendations": {"users": len(found.users), "reasons": dict(found.reasons)},
            "changes_seen_after_seconds": outcome.seen,
            "sentiment": dict(found.sentiment),
            "examples": [orjson.loads(encode(one)) for one in found.examples],
            "models": sorted(found.models),
            "workers_ended_cleanly": self.clean,
            "events_per_second": round(self.per_second, 1),
            "seconds": round(self.seconds, 1),
        }


def summary(report: Report) -> Iterator[str]:
    """The report for people, line by line."""
    yield f"{'Passed' if report.passed else 'FAILED'}: {report.sent.run}"
    yield ""
    yield from _counts(report)
    yield ""
    yield from _privacy(report)
    yield ""
    yield from _answers(report)
    yield ""
    yield from _sentiment(report)
    yield ""
    yield "As consumers get them"
    for one in _in_order(report.evidence.findings.examples):
        yield from (f"  {line}" for line in shown(one))
    yield ""
    yield (
        f"Speed: {report.per_second:,.0f} events a second over all topics;"
        f" {report.seconds:.0f} s with starting and stopping the workers;"
        f" by {', '.join(sorted(report.evidence.findings.models)) or 'no model'}"
    )
    if not report.clean:
        yield "The workers did NOT end in good order; see logs/demo-workers.log in the data folder"


def _counts(report: Report) -> Iterator[str]:
    yield "Counts, as a read_committed reader finds them"
    width = max(map(len, report.evidence.balances), default=0)
    for name, balance in report.evidence.balances.items():
        yield f"  {name:<{width}}  {balance}"
    if report.counted:
        yield "  each event is in exactly one result or dead letter, or is a resend"
    dead: Counter[str] = Counter()
    for balance in report.evidence.balances.values():
        dead.update(balance.dead)
    yield f"  dead letters: {', '.join(f'{count} {reason}' for reason, count in sorted(dead.items())) or 'none'}"
    yield (
        "  exactly the malformed events, each with its reason"
        if report.malformed_only
        else "  NOT exactly the malformed events"
    )


def _privacy(report: Report) -> Iterator[str]:
    evidence, planted = report.evidence, len(report.census.planted)
    yield (
        f"Personal data: {planted:,} e-mail addresses, phone, card, account and id numbers were sent;"
        f" {evidence.planted_in_outputs:,} are in results, dead letters, views, changes or logs"
    )
    if evidence.planted_in_inputs != planted:
        yield f"  the search itself is broken: it finds only {evidence.planted_in_inputs:,} of them in the inputs"
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(evidence.findings.masked.items()))
    yield f"  masked: {kinds or 'nothing'}; sealed originals: {evidence.findings.sealed:,}"
    yield (
        f"  of {len(report.census.unprotected):,} names and addresses {evidence.names_in_outputs:,} are there: no"
        " pattern finds them, and no tagger all of them"
    )


def _answers(report: Report) -> Iterator[str]:
    found, outcome = report.evidence.findings, report.sent.outcome
    yield f"Search: a right product in the first ten for {_share(found.search)}"
    yield f"  {_by_kind(found.search)}"
    yield f"Support: answered from the right source, or rightly handed off, {_share(found.support)}"
    yield f"  {_by_kind(found.support)}"
    if outcome.before is not None:
        before = "answered" if outcome.before.reply else "handed to a person"
        after = "not learned" if outcome.learned is None else f"answered {outcome.learned:.1f} s after that"
        yield f"  a new theme: first {before}; an agent resolves it; a ticket like it is {after}"
    for kind, seconds in outcome.seen.items():
        when = "NOT seen" if seconds is None else f"seen by a search after {seconds * 1000:,.0f} ms"
        yield f"Catalogue: {kind.replace('_', ' ')} {when}"
    reasons = ", ".join(
        f"{count:,} {kind.replace('_', ' ')}" for kind, count in sorted(found.reasons.items())
    )
    yield f"Recommendations: {len(found.users):,} users; reasons given: {reasons or 'none'}"


def _share(quality: Quality) -> str:
    return f"{quality.right.total():,} of {quality.asked.total():,}"


def _by_kind(quality: Quality) -> str:
    return ", ".join(f"{kind} {quality.right[kind]}/{quality.asked[kind]}" for kind in sorted(quality.asked))


def _sentiment(report: Report) -> Iterator[str]:
    sentiment = report.evidence.findings.sentiment
    yield f"Sentiment of {sentiment.total():,} reviews"
    most = max(sentiment.values(), default=0) or 1
    for label in LABELS:
        count = sentiment.get(label, 0)
        yield f"  {label:<9}{count:>7,}  {'#' * round(BAR * count / most)}"


def _in_order(examples: list[Result]) -> list[Result]:
    """Of each kind together."""
    kinds = (ReviewInsight, SearchRanking, SupportReply, Recommendations)
    return [one for kind in kinds for one in examples if isinstance(one, kind)]
