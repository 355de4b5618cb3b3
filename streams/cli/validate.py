"""`shopstream validate`: check a file of events with the worker's own codec."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import click
import orjson

from streams.cli.session import load_settings
from streams.contracts.codec import decode_counting
from streams.contracts.sealing import sealed_texts
from streams.contracts.topics import TOPICS, inputs
from streams.contracts.violation import ContractViolation


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option(
    "--topic", required=True, type=click.Choice([topic.name for topic in inputs()]), help="Whose contract."
)
@click.option(
    "--limit", default=100, show_default=True, type=click.IntRange(min=0), help="How many bad lines to print."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def validate(*, file: Path, topic: str, limit: int, as_json: bool) -> None:
    """Check events, one JSON object a line, as a worker would; `-` is standard input.

    Prints line number, reason and field of each bad line, never its content. Empty lines are skipped. Texts that their
    producer sealed are counted: what is in them, and so their length, is checked only where they are opened.

    Exit codes: 0 all lines are good; 1 some are bad; 2 the file can't be read.
    """
    with click.open_file(str(file), "rb") as lines:
        report = _Report(limit)
        for number, line in _numbered(lines):
            report.check(topic, number, line)
    click.echo(report.as_json() if as_json else report.as_text())
    if report.bad:
        raise SystemExit(1)


class _Report:
    """What was found in a file."""

    def __init__(self, limit: int) -> None:
        self.good = 0
        self.bad = 0
        self.unknown = 0
        self.sealed = 0
        self.reasons: Counter[str] = Counter()
        self.problems: list[dict[str, str | int | None]] = []
        self._limit = limit
        self._ahead = timedelta(seconds=load_settings().worker.max_future)

    def check(self, topic: str, number: int, line: bytes) -> None:
        try:
            event, unknown = decode_counting(
                TOPICS[topic], line, now=datetime.now(UTC), max_ahead=self._ahead
            )
        except ContractViolation as violation:
            self.bad += 1
            self.reasons[violation.reason.value] += 1
            if len(self.problems) < self._limit:
                self.problems.append(
                    {
                        "line": number,
                        "reason": violation.reason.value,
                        "field": violation.field,
                        "detail": violation.detail,
                    }
                )
        else:
            self.good += 1
            self.unknown += unknown
            self.sealed += len(sealed_texts(event))

    def as_json(self) -> str:
        """Everything, for programs."""
        report = {
            "lines": self.good + self.bad,
            "good": self.good,
            "bad": self.bad,
            "unknown_fields": self.unknown,
            "sealed_texts": self.sealed,
            "reasons": dict(self.reasons),
            "problems": self.problems,
        }
        return orjson.dumps(report, option=orjson.OPT_INDENT_2).decode()

    def as_text(self) -> str:
        """A line for each problem and a summary, for people."""

        def at(field: str | int | None) -> str:
            return f" at {field}" if field else ""

        lines = [
            f"line {problem['line']}: {problem['reason']}{at(problem['field'])}: {problem['detail']}"
            for problem in self.problems
        ]
        if self.bad > len(self.problems):
            lines.append(f"… and {self.bad - len(self.problems)} more bad lines")
        reasons = ", ".join(f"{count} {reason}" for reason, count in self.reasons.most_common())
        lines.append(f"{self.good} good, {self.bad} bad" + (f" ({reasons})" if reasons else ""))
        if self.unknown:
            lines.append(f"{self.unknown} unknown fields would be left out")
        if self.sealed:
            lines.append(f"{self.sealed} texts are sealed: their length can't be checked here")
        return "\n".join(lines)


def _numbered(lines: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(lines, start=1):
        if stripped := line.strip():
            yield number, stripped
