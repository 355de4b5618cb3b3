"""What became of the lines of a file that was produced."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import click

from streams.cli.roll_call import RollCall
from streams.contracts.violation import ContractViolation

LISTED = 100
"""Bad lines that are listed; the others are counted."""


@dataclass(slots=True)
class Report:
    """What became of the lines."""

    lines: int = 0
    sent: int = 0
    bad: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, Any]] = field(default_factory=list)
    roll: RollCall | None = None

    def note(self, line: int, violation: ContractViolation) -> None:
        """Counts a bad line."""
        self.bad += 1
        self.reasons[violation.reason.value] += 1
        if len(self.problems) < LISTED:
            self.problems.append(
                {
                    "line": line,
                    "reason": violation.reason.value,
                    "field": violation.field,
                    "detail": violation.detail,
                }
            )

    def document(self) -> dict[str, Any]:
        """Everything, for programs."""
        return {
            "lines": self.lines,
            "sent": self.sent,
            "bad": self.bad,
            "reasons": dict(self.reasons),
            "problems": self.problems,
            "answers": self.roll.document() if self.roll else None,
        }

    def show(self) -> None:
        """A line for each problem, then the counts."""
        for problem in self.problems:
            place = f" {problem['field']}" if problem["field"] else ""
            click.echo(f"line {problem['line']}: {problem['reason']}{place}: {problem['detail']}", err=True)
        if self.bad > len(self.problems):
            click.echo(f"… and {self.bad - len(self.problems)} more bad lines", err=True)
        click.echo(f"{self.sent} sent, {self.bad} bad")
        if self.roll:
            click.echo(self.roll.sentence())
