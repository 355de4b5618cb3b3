"""Files of JSON lines, plain or gzipped, one object a line."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from models.evaluation.errors import EvaluationDataError


def json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line numbers, from 1, and objects; empty lines are skipped.

    Args:
        path: what to read; a name that ends with `.gz` is unpacked.

    Raises:
        EvaluationDataError: the file can't be read, or a line isn't a JSON object.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, _object(path, number, line)
    except (OSError, EOFError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise EvaluationDataError(f"can't read {path}: {cause}") from error


def _object(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise EvaluationDataError(f"{path}, line {number}: not JSON") from error
    if not isinstance(value, dict):
        raise EvaluationDataError(f"{path}, line {number}: not an object")
    return value
