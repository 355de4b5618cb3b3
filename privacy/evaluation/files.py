"""Reading files, plain or gzipped."""

import gzip
from pathlib import Path

from privacy.evaluation.errors import EvaluationDataError


def unpacked(path: Path) -> bytes:
    """The content of a file; one whose name ends with `.gz` is unpacked.

    Raises:
        EvaluationDataError: it can't be read.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return file.read()
    except (OSError, EOFError) as error:
        cause = getattr(error, "strerror", None) or "damaged"
        raise EvaluationDataError(f"can't read {path}: {cause}") from error
