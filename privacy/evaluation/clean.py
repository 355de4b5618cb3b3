"""False alarms: findings in texts that are declared free of personal data."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from privacy.detect.span import Span
from privacy.evaluation.dataset import Part
from privacy.evaluation.errors import EvaluationDataError
from privacy.evaluation.files import unpacked
from privacy.evaluation.turns import System

PER = 200
"""Texts to which the rate refers."""
_AROUND = 40
_LONGEST_CELL = 10_000_000
_KINDS = (".csv", ".tsv", ".jsonl", ".ndjson", ".txt")


@dataclass(frozen=True, slots=True)
class FalseAlarm:
    """One finding in a clean text.

    Attributes:
        text: number of the text, from 1.
        kind: what it was taken for.
        score: how surely (0..1).
        recognizer: by whom.
        value: what was found.
        before: up to 40 characters before it.
        after: up to 40 characters after it.
    """

    text: int
    kind: str
    score: float
    recognizer: str
    value: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class CleanReport:
    """How often a detector masks where there is nothing to mask.

    Attributes:
        texts: how many were looked at.
        per_200: false alarms in 200 texts.
        kinds: how many of each kind.
        alarms: all of them. They hold text, since these texts are free of personal data.
    """

    texts: int
    per_200: float
    kinds: Mapping[str, int]
    alarms: Sequence[FalseAlarm]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


def read_clean(path: Path, field: str | None, part: Part = Part.ALL) -> list[str]:
    """The texts of a file that are not blank: a column of CSV or TSV, a member of JSON lines, or lines; also gzipped.

    Args:
        path: a name that ends with one of .csv, .tsv, .jsonl, .ndjson, .txt, and .gz or not.
        field: the column or member; the number of a column, from 1, of a table without a heading; lines of text have
            none.
        part: which texts.

    Raises:
        EvaluationDataError: the file can't be used, has no such field, or no texts.
    """
    ending = Path(path.name.removesuffix(".gz")).suffix.lower()
    if ending not in _KINDS:
        raise EvaluationDataError(f"{path.name} is not one of {', '.join(_KINDS)}, each also with .gz")
    if ending != ".txt" and not field:
        raise EvaluationDataError(f"{path.name} has fields: name the one with the text by --field")
    try:
        content = unpacked(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise EvaluationDataError(f"{path} is not UTF-8") from None
    if ending == ".txt" or not field:
        cells: Iterator[str] = iter(content.splitlines())
    elif ending in (".csv", ".tsv"):
        cells = _column(content, path, field, "\t" if ending == ".tsv" else ",")
    else:
        cells = _members(content, path, field)
    texts = [cell for cell in cells if cell.strip() and part.holds(cell)]
    if not texts:
        where = f" in {field!r}" if field else ""
        raise EvaluationDataError(
            f"{path} has no texts{where}" + ("" if part is Part.ALL else f" of part {part}")
        )
    return texts


def false_alarms(texts: Sequence[str], system: System) -> CleanReport:
    """Everything that a detector finds in clean texts, of which there is at least one."""
    alarms = [
        _alarm(number, text, span)
        for number, (text, spans) in enumerate(zip(texts, system.find(texts), strict=True), 1)
        for span in spans
    ]
    return CleanReport(
        texts=len(texts),
        per_200=len(alarms) * PER / len(texts),
        kinds=dict(Counter(alarm.kind for alarm in alarms).most_common()),
        alarms=alarms,
    )


def _alarm(number: int, text: str, span: Span) -> FalseAlarm:
    return FalseAlarm(
        text=number,
        kind=span.label,
        score=span.score,
        recognizer=span.recognizer,
        value=text[span.start : span.end],
        before=text[max(0, span.start - _AROUND) : span.start],
        after=text[span.end : span.end + _AROUND],
    )


def _column(content: str, path: Path, field: str, delimiter: str) -> Iterator[str]:
    csv.field_size_limit(_LONGEST_CELL)
    try:
        if field.isdigit():
            yield from _numbered(content, path, int(field), delimiter)
            return
        rows = csv.DictReader(io.StringIO(content, newline=""), delimiter=delimiter)
        if field not in (rows.fieldnames or ()):
            raise EvaluationDataError(
                f"{path} has no column {field!r}; it has {', '.join(rows.fieldnames or ())}"
            )
        yield from (row[field] or "" for row in rows)
    except csv.Error:
        raise EvaluationDataError(f"{path} can't be read as a table") from None


def _numbered(content: str, path: Path, number: int, delimiter: str) -> Iterator[str]:
    for row in csv.reader(io.StringIO(content, newline=""), delimiter=delimiter):
        if not 1 <= number <= len(row):
            raise EvaluationDataError(f"{path} has a row without column {number}")
        yield row[number - 1]


def _members(content: str, path: Path, field: str) -> Iterator[str]:
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            raise EvaluationDataError(f"{path}, line {number}: not JSON") from None
        if not isinstance(row, dict):
            raise EvaluationDataError(f"{path}, line {number}: not an object")
        value = row.get(field) or ""
        if not isinstance(value, str):
            raise EvaluationDataError(f"{path}, line {number}: {field!r} is not a text")
        yield value
