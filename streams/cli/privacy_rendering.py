"""A dry run's outcome for people and for programs: places and kinds; what was found only where it is asked for."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from privacy.detect.explanation import Explanation
from privacy.dry_run import FieldReport, Found
from privacy.echoes import ECHO
from privacy.policy import Treatment
from streams.cli.privacy_check import CheckOutcome, Line
from streams.printing import printable


def lines(outcome: CheckOutcome, *, show_values: bool) -> Iterator[str]:
    """A head for each field, a line for each finding, and below it what was considered."""
    for number, reason, field in outcome.problems:
        yield f"line {number}: no event of {outcome.topic}: {reason} at {field or 'the value'}"
    for line in outcome.lines:
        yield _head(line)
        for one in line.report.findings:
            yield f"  {_finding(one, show_values=show_values)}"
        for candidate in line.report.candidates:
            yield f"    {_reason(candidate)}"
        if show_values and line.report.findings:
            yield f"  leaves as: {printable(line.report.leaves.reveal())}"
    if outcome.more:
        yield f"… and {outcome.more} more fields; --limit says how many to print"


def summary(outcome: CheckOutcome) -> str:
    """All in one line."""
    parts = [f"{outcome.events} checked", f"{outcome.replaced} would be replaced{_by_kind(outcome.found)}"]
    if outcome.kept:
        parts.append(f"{outcome.kept.total()} found and kept{_by_kind(outcome.kept)}")
    if outcome.dropped:
        parts.append(f"{outcome.dropped} fields dropped whole")
    if outcome.sealed:
        parts.append(f"{outcome.sealed} fields sealed by their producer and not looked into")
    if outcome.bad:
        parts.append(f"{outcome.bad} lines are no events of {outcome.topic}")
    return ", ".join(parts)


def document(outcome: CheckOutcome, *, show_values: bool) -> dict[str, Any]:
    """Everything, for programs."""
    return {
        "topic": outcome.topic,
        "checked": outcome.events,
        "replaced": dict(outcome.found),
        "kept": dict(outcome.kept),
        "dropped_fields": outcome.dropped,
        "sealed_fields": outcome.sealed,
        "bad": outcome.bad,
        "problems": [
            {"line": number, "reason": reason, "field": field} for number, reason, field in outcome.problems
        ],
        "fields": [_field(line, show_values=show_values) for line in outcome.lines],
        "fields_left_out": outcome.more,
    }


def _field(line: Line, *, show_values: bool) -> dict[str, Any]:
    report = line.report
    return {
        "line": line.number,
        "field": report.name,
        "treatment": report.rule.treatment,
        "original": _original(report),
        "findings": [
            {
                "kind": one.span.label,
                "start": one.span.start,
                "end": one.span.end,
                "score": round(one.span.score, 3),
                "recognizer": one.span.recognizer,
                "masked": one.becomes or None,
                "stays": None if one.stays is None else one.stays.value,
                **({"value": one.value.reveal()} if show_values else {}),
            }
            for one in report.findings
        ],
        "considered": [_considered(one) for one in report.candidates],
        **({"leaves_as": report.leaves.reveal()} if show_values else {}),
    }


def _considered(one: Explanation) -> dict[str, Any]:
    return {
        "kind": one.span.label,
        "start": one.span.start,
        "end": one.span.end,
        "recognizer": one.span.recognizer,
        "verdict": one.verdict.value,
        "pattern_score": round(one.pattern_score, 3),
        "score": round(one.span.score, 3),
        "threshold": one.threshold,
        "check": one.check or None,
        "context_word": one.context_word,
    }


def _head(line: Line) -> str:
    report = line.report
    head = f"line {line.number}, {report.name}: {report.rule.treatment.value}"
    return f"{head}, original {_original(report)}" if report.rule.treatment.looks else head


def _original(report: FieldReport) -> str:
    """What becomes of the original text."""
    if report.rule.treatment is Treatment.KEEP:
        return "leaves"
    return "sealed" if report.rule.seals else "dropped"


def _finding(one: Found, *, show_values: bool) -> str:
    span = one.span
    fate = f"stays: {one.stays.value}" if one.stays else f"-> {one.becomes}"
    value = f"  {printable(one.value.reveal(), 80)!r}" if show_values else ""
    found = "as elsewhere in the event" if span.recognizer == ECHO else f"by {span.recognizer}"
    return f"{span.label} {span.start}..{span.end} score {span.score:.2f} {found} {fate}{value}"


def _reason(one: Explanation) -> str:
    """Why a candidate was found or rejected, in one line."""
    span = one.span
    raised = f", raised to {span.score:.2f} by the word {one.context_word!r}" if one.context_word else ""
    check = f"; check: {one.check}" if one.check else ""
    return (
        f"{one.verdict.value}: {span.label} {span.start}..{span.end} by {span.recognizer}, "
        f"pattern {one.pattern_score:.2f}{raised}, needs {one.threshold:.2f}{check}"
    )


def _by_kind(counts: Counter[str]) -> str:
    return f" ({', '.join(f'{count} {kind}' for kind, count in counts.most_common())})" if counts else ""
