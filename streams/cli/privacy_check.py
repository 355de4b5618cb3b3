"""Runs a file of events or texts through the policy, dry."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from privacy.dry_run import DryRun, FieldReport
from privacy.plaintext import Plaintext
from privacy.policy import Treatment
from streams.cli.lines import numbered_lines, size_of
from streams.cli.output import progress
from streams.contracts.codec import decode
from streams.contracts.topics import TOPICS
from streams.contracts.violation import ContractViolation
from streams.privacy_rules import detector_of, policy_of, written_fields
from streams.settings import Settings

BATCH = 256
MOST_PROBLEMS = 20
"""Lines that are no events, of which reason and field are told."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to check.

    Attributes:
        file: of lines; `-` is standard input.
        topic: whose rules hold.
        field: the only one to look at; None for all.
        plain: whether a line is a text, not an event.
        explain: whether to say what was considered.
        limit: most fields to keep for printing.
    """

    file: Path
    topic: str
    field: str | None
    plain: bool
    explain: bool
    limit: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line's field in which something was found, or considered."""

    number: int
    report: FieldReport


@dataclass(slots=True)
class CheckOutcome:
    """What was found in a file.

    Attributes:
        topic: whose rules held.
        events: lines that were checked.
        bad: how many lines are no events.
        problems: of the first of them: line number, reason, field.
        found: findings that would be replaced, by kind.
        kept: findings that would stay, by kind.
        dropped: fields whose whole text would be dropped.
        sealed: fields that the producer sealed, which can't be looked into here.
        lines: what to print.
        more: fields that are not printed.
    """

    topic: str
    events: int = 0
    bad: int = 0
    problems: list[tuple[int, str, str | None]] = field(default_factory=list)
    found: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    dropped: int = 0
    sealed: int = 0
    lines: list[Line] = field(default_factory=list)
    more: int = 0

    @property
    def replaced(self) -> int:
        """How many findings would be replaced."""
        return self.found.total()


class Check:
    """A dry run over a file.

    Raises:
        RulesError: the privacy settings can't be used.
        click.UsageError: the topic has no such field.
    """

    def __init__(self, settings: Settings, request: Request) -> None:
        self._request = request
        self._fields = written_fields(TOPICS[request.topic])
        if request.field is not None and request.field not in self._fields:
            raise click.UsageError(f"--field: {request.topic} has {', '.join(self._fields)}")
        self._settings = settings
        self._ahead = timedelta(seconds=settings.worker.max_future)
        self._outcome = CheckOutcome(request.topic)

    async def run(self) -> CheckOutcome:
        """Reads the file to its end, a batch at a time."""
        from streams.name_tagger import tagger_of

        async with tagger_of(self._settings.models) as tagger:
            await self._read(DryRun(detector_of(self._settings), policy_of(self._settings), tagger=tagger))
        return self._outcome

    async def _read(self, dry: DryRun) -> None:
        batch: list[tuple[int, Mapping[str, Plaintext]]] = []
        with progress("checking", size_of(self._request.file)) as advance:
            read = 0
            async for number, line in numbered_lines(self._request.file):
                read += len(line) + 1
                if (texts := self._texts(number, line)) is not None:
                    batch.append((number, texts))
                if len(batch) == BATCH:
                    await self._take(dry, batch)
                    batch = []
                    advance(read)
            await self._take(dry, batch)

    def _texts(self, number: int, line: bytes) -> Mapping[str, Plaintext] | None:
        """What people wrote in a line; None where it can't be told."""
        if self._request.plain:
            return {self._request.field or self._fields[0]: Plaintext(line.decode("utf-8", "replace"))}
        try:
            event = decode(TOPICS[self._request.topic], line, now=datetime.now(UTC), max_ahead=self._ahead)
        except ContractViolation as violation:
            self._outcome.bad += 1
            if self._outcome.bad <= MOST_PROBLEMS:
                self._outcome.problems.append((number, violation.reason.value, violation.field))
            return None
        wanted = [self._request.field] if self._request.field else self._fields
        texts = {name: text for name in wanted if (text := getattr(event, name)) is not None}
        readable = {name: text for name, text in texts.items() if text.sealed is None}
        self._outcome.sealed += len(texts) - len(readable)
        return readable

    async def _take(self, dry: DryRun, batch: list[tuple[int, Mapping[str, Plaintext]]]) -> None:
        outcome = self._outcome
        events = [(self._request.topic, texts) for _, texts in batch]
        reports = await dry.report(events, explain=self._request.explain)
        outcome.events += len(batch)
        for (number, _), fields in zip(batch, reports, strict=True):
            for report in fields:
                outcome.dropped += report.rule.treatment is Treatment.DROP
                outcome.found.update(one.span.label for one in report.findings if one.stays is None)
                outcome.kept.update(one.span.label for one in report.findings if one.stays is not None)
                if not (report.findings or report.candidates or report.rule.treatment is Treatment.DROP):
                    continue
                if len(outcome.lines) < self._request.limit:
                    outcome.lines.append(Line(number, report))
                else:
                    outcome.more += 1
