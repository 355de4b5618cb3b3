"""Texts to compress with: of labelled files, and of files without labels."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.errors import TrainingDataError
from models.heads import Head
from models.training.aspect_labels import SHIPPED, read_aspect_labels, text_key
from models.training.review_files import Columns, read_source
from models.training.splits import Part, first_of_each, part_of, positions
from models.training.tables import pick_column, rows_of

TEXT_COLUMNS = (
    *("text", "question", "message", "utterance", "sentence", "query"),
    *("review text", "review_text", "review", "body", "content"),
)
LABEL_COLUMNS = ("intent", "category", "label")
_ASPECT = "aspect."

Heads = dict[str, Head]
UNKNOWN = float("nan")


@dataclass(frozen=True, slots=True)
class Example:
    """A text.

    Attributes:
        text: what the model reads.
        known: by head: index of its label, or its number.
        key: what says into which part it falls, and whether it has come before.
    """

    text: str
    known: dict[str, float]
    key: str


@dataclass(frozen=True, slots=True)
class Examples:
    """Texts, and what is known of them.

    Attributes:
        texts: each once.
        parts: of each text, by its hash.
        targets: by head: index of the label or the number, float32 [texts]; NaN where it is not known.
        digest: SHA-256 over the files.
    """

    texts: list[str]
    parts: list[Part]
    targets: dict[str, npt.NDArray[np.float32]]
    digest: str

    def rows(self, part: Part) -> list[int]:
        """Where the texts of a part stand."""
        return positions(self.parts, part)

    def part(self, part: Part) -> tuple[list[str], dict[str, npt.NDArray[np.float32]]]:
        """Texts and targets of a part."""
        rows = self.rows(part)
        return [self.texts[row] for row in rows], {name: one[rows] for name, one in self.targets.items()}


def read_examples(
    labelled: Sequence[Path], heads: Heads, task: str, unlabelled: Sequence[Path] = ()
) -> Examples:
    """Read files.

    Args:
        labelled: of task `reviews` whatever `shopstream train reviews` reads; of others tables (CSV, TSV, JSON lines,
            each also gzipped) with columns of texts and of labels, which are found by their names.
        heads: of the model. A column that is called as a head is has that head's labels or numbers; of a model with a
            single head it may also be called intent, category or label.
        task: what the model was trained for.
        unlabelled: tables with a column of texts.

    Raises:
        TrainingDataError: a file can't be used; the message says why.
    """
    read = _reviews if task == "reviews" else _table
    found = [one for path in labelled for one in read(path, heads)]
    found += [one for path in unlabelled for one in _table(path, {})]
    found = [found[row] for row in first_of_each(one.key for one in found)]
    return Examples(
        texts=[one.text for one in found],
        parts=[part_of(one.key) for one in found],
        targets={
            name: np.array([one.known.get(name, UNKNOWN) for one in found], np.float32) for name in heads
        },
        digest=_digest((*labelled, *unlabelled)),
    )


def _table(path: Path, heads: Heads) -> list[Example]:
    rows = list(rows_of(path))
    if not rows:
        raise TrainingDataError(f"{path} has no rows")
    columns = list(rows[0])
    text = pick_column(columns, None, TEXT_COLUMNS, "")
    if text is None:
        raise TrainingDataError(
            f"{path.name} needs a column of texts ({', '.join(TEXT_COLUMNS)}); it has {', '.join(columns)}"
        )
    usual = LABEL_COLUMNS if len(heads) == 1 else ()
    named = {name: pick_column(columns, None, (name, *usual), "") for name in heads}
    return [
        Example(
            body,
            {
                name: _value(heads[name], row.get(column, ""))
                for name, column in named.items()
                if column is not None
            },
            body,
        )
        for row in rows
        if (body := row.get(text, "").strip())
    ]


def _reviews(path: Path, heads: Heads) -> list[Example]:
    aspects = read_aspect_labels(SHIPPED)
    found = []
    for review in read_source(path, Columns()).reviews:
        known = {"sentiment": float(review.label)}
        if review.stars is not None:
            known["stars"] = float(review.stars)
        if (labelled := aspects.get(text_key(review.body))) is not None:
            # What a labelled review does not name, it does not speak of.
            known |= {
                name: float(labelled.get(name.removeprefix(_ASPECT), 0))
                for name in heads
                if name.startswith(_ASPECT)
            }
        found.append(Example(review.text, known, review.body))
    return found


def _digest(paths: Sequence[Path]) -> str:
    hashed = hashlib.sha256()
    for path in paths:
        hashed.update(hashlib.sha256(path.read_bytes()).digest())
    return hashed.hexdigest()


def _value(head: Head, value: str) -> float:
    value = value.strip()
    if head.kind == "classes":
        return float(head.labels.index(value)) if value in head.labels else UNKNOWN
    try:
        return float(value)
    except ValueError:
        return UNKNOWN
