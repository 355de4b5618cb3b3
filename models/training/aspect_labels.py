"""Aspects of reviews as people labelled them: JSON lines, keyed by the SHA-256 of a review's text.

    {"sha256": "…", "aspects": {"fit": "negative", "price": "positive"}}

An aspect that is not named is absent from the review. The texts themselves stay where they are.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from models.errors import TrainingDataError
from models.reviews.aspects import ASPECT_LABELS

SHIPPED: Final = tuple(sorted((Path(__file__).parent / "labels").glob("aspects_*.jsonl")))
"""850 reviews of the data sets that the shipped model was trained on; own work, CC0 1.0."""

AspectLabels = Mapping[str, Mapping[str, int]]
"""By digest of a text: index into `ASPECT_LABELS` of every aspect that it speaks of."""


def text_key(body: str) -> str:
    """Digest (hex) by which the labels of a review are found: of its text without title and outer white space."""
    return hashlib.sha256(body.strip().encode("utf-8", "surrogatepass")).hexdigest()


def read_aspect_labels(paths: Sequence[Path]) -> AspectLabels:
    """The labels of some files; of a text that is labelled twice, the later ones.

    Raises:
        TrainingDataError: no such file, or a damaged line; the message names the line.
    """
    found: dict[str, Mapping[str, int]] = {}
    for path in paths:
        if not path.is_file():
            raise TrainingDataError(f"there is no file {path}")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if line.strip():
                key, aspects = _labels(line, f"{path}, line {number}")
                found[key] = aspects
    return found


def _labels(line: str, where: str) -> tuple[str, Mapping[str, int]]:
    try:
        row = json.loads(line)
        key, said = row["sha256"], row["aspects"]
        return str(key), {str(aspect): ASPECT_LABELS.index(label) for aspect, label in said.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        known = ", ".join(ASPECT_LABELS[1:])
        raise TrainingDataError(
            f'{where}: not {{"sha256": …, "aspects": {{NAME: one of {known}}}}}'
        ) from None
