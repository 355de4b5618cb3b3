"""Read training files: CSV, TSV, JSON lines or RecBole's atomic files, each also gzipped, and Parquet."""

import csv
import gzip
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Literal

from models.errors import TrainingDataError

KINDS = (".csv", ".tsv", ".jsonl", ".ndjson", ".inter", ".item")
PARQUET = ".parquet"
TYPED = (".inter", ".item")
"""Separated by tabs, with `NAME:TYPE` as names of columns: https://recbole.io/docs/user_guide/data/atomic_files.html"""
_ROWS_AT_ONCE = 10_000
_LONGEST_FIELD = 10_000_000


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a table as column -> text. Numbers become text, absent values become empty text.

    Raises:
        TrainingDataError: no such file, an unknown kind, or a damaged line; the message names the line.
    """
    kind = _kind(path)
    if not path.is_file():
        raise TrainingDataError(f"there is no file {path}")
    if kind == PARQUET:
        yield from _parquet_rows(path)
        return
    try:
        with _opened(path) as stream:
            yield from _json_rows(stream, path) if kind in (".jsonl", ".ndjson") else _csv_rows(stream, kind)
    except (UnicodeDecodeError, OSError, EOFError, csv.Error) as error:
        raise TrainingDataError(f"{path} can't be read as {kind} in UTF-8: {type(error).__name__}") from error


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a text file, also gzipped, with their ends.

    Raises:
        TrainingDataError: no such file, or not UTF-8.
    """
    if not path.is_file():
        raise TrainingDataError(f"there is no file {path}")
    try:
        with _opened(path, newline="\n") as stream:
            yield from stream
    except (UnicodeDecodeError, OSError, EOFError) as error:
        raise TrainingDataError(f"{path} can't be read as lines in UTF-8: {type(error).__name__}") from error


def pick_column(columns: Sequence[str], wanted: str | None, known: Sequence[str], option: str) -> str | None:
    """The column to use: the one asked for, else the first known name that is there (case aside), else None.

    Raises:
        TrainingDataError: the one asked for is not there.
    """
    if wanted is not None:
        if wanted not in columns:
            raise TrainingDataError(
                f"there is no column {wanted!r} for {option}; there are {', '.join(columns)}"
            )
        return wanted
    by_folded_name = {column.casefold(): column for column in columns}
    return next(
        (by_folded_name[name.casefold()] for name in known if name.casefold() in by_folded_name), None
    )


def _kind(path: Path) -> str:
    name = path.name.removesuffix(".gz")
    kind = Path(name).suffix.lower()
    if kind not in (*KINDS, PARQUET):
        raise TrainingDataError(
            f"{path.name} is not one of {', '.join(KINDS)}, each also with .gz, or {PARQUET}"
        )
    return kind


def _opened(path: Path, newline: str = "") -> IO[str]:
    if path.suffix == ".gz":
        return io.TextIOWrapper(gzip.open(path), "utf-8-sig", newline=newline)
    return path.open(encoding="utf-8-sig", newline=newline)


def _csv_rows(stream: IO[str], kind: str) -> Iterator[dict[str, str]]:
    csv.field_size_limit(_LONGEST_FIELD)
    # RecBole's files have no quotes around fields: one within a title is a character like others.
    quoting: Literal[0, 3] = csv.QUOTE_NONE if kind in TYPED else csv.QUOTE_MINIMAL
    for row in csv.DictReader(stream, delimiter="," if kind == ".csv" else "\t", quoting=quoting):
        yield {
            column.partition(":")[0] if kind in TYPED else column: value or ""
            for column, value in row.items()
            if column is not None
        }


def _json_rows(stream: IO[str], path: Path) -> Iterator[dict[str, str]]:
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            raise TrainingDataError(f"{path}, line {number}: not JSON") from None
        if not isinstance(row, dict):
            raise TrainingDataError(f"{path}, line {number}: not a JSON object")
        yield {column: "" if value is None else str(value) for column, value in row.items()}


def _parquet_rows(path: Path) -> Iterator[dict[str, str]]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise TrainingDataError(f"{path.name} needs pyarrow; run: pip install pyarrow") from None
    try:
        for batch in parquet.ParquetFile(path).iter_batches(_ROWS_AT_ONCE):
            for row in batch.to_pylist():
                yield {column: "" if value is None else str(value) for column, value in row.items()}
    except (ArrowException, OSError) as error:
        raise TrainingDataError(f"{path} can't be read as Parquet: {type(error).__name__}") from error
