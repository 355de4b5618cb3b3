"""Texts with their intents: from tables, as rows, and cut into parts."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import TrainingDataError
from models.support.intents import NO_INTENT, intent_code
from models.training.metrics import Labels
from models.training.splits import Part, first_of_each, part_of
from models.training.tables import pick_column, rows_of

TEXT_COLUMNS = ("text", "utterance", "sentence", "query", "question", "message", "instruction", "ticket")
LABEL_COLUMNS = ("intent", "category", "label")
FEWEST = 2
"""Examples of an intent, and intents, to learn from."""

WHERE_TO_GET_DATA = (
    "Any table with a column of texts and one of intents will do, for example BANKING77 (CC BY 4.0):"
    " github.com/PolyAI-LDN/task-specific-datasets"
)


@dataclass(frozen=True, slots=True)
class IntentRows:
    """Texts and what they are about.

    Attributes:
        name: for reports: files' names, a topic.
        digest: SHA-256 (hex) of texts and labels.
        texts: stripped.
        labels: of each its intent, see `intent_code`; `NO_INTENT` is out of scope.
        skipped: rows that were left out, by reason.
    """

    name: str
    digest: str
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    skipped: dict[str, int]


@dataclass(frozen=True, slots=True)
class IntentPart:
    """Texts of known intents [n] with indices into the intents, and texts that are out of scope."""

    texts: tuple[str, ...]
    labels: Labels
    out_of_scope: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IntentData:
    """What to learn from.

    Attributes:
        rows: where it is from.
        labels: the intents, sorted.
        training: what is learned from; its texts that are out of scope are used with those of validation.
        validation: what epochs are chosen by, and what confidence and threshold are fitted on.
        test: what is told of the result; empty where all is for learning.
        scoped: whether texts may be out of scope, so that a threshold is to be fitted.
    """

    rows: IntentRows
    labels: tuple[str, ...]
    training: IntentPart
    validation: IntentPart
    test: IntentPart
    scoped: bool

    @property
    def digest(self) -> str:
        """SHA-256 of what was read."""
        return self.rows.digest

    def facts(self) -> dict[str, Any]:
        """For reports: where the data is from, and how much of it is in which part."""
        parts = {"training": self.training, "validation": self.validation, "test": self.test}
        return {
            "name": self.rows.name,
            "digest": self.rows.digest,
            "skipped": self.rows.skipped,
            "intents": len(self.labels),
            "parts": {
                name: {"texts": len(one.texts), "out_of_scope": len(one.out_of_scope)}
                for name, one in parts.items()
            },
        }


def read_intents(
    paths: Sequence[Path],
    out_of_scope: str | None = None,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
) -> IntentRows:
    """Read tables: CSV, TSV or JSON lines, each also gzipped; columns are found by their names.

    Args:
        paths: at least one.
        out_of_scope: the label of texts that are about none of the intents.
        text_column: the column of texts, where it has no usual name.
        label_column: the column of intents, likewise.

    Raises:
        TrainingDataError: a file can't be used; the message says why.
    """
    pairs: list[tuple[str, str]] = []
    for path in paths:
        pairs += _pairs(path, text_column, label_column)
    return intent_rows(", ".join(path.name for path in paths), pairs, out_of_scope)


def intent_rows(name: str, pairs: Iterable[tuple[str, str]], out_of_scope: str | None = None) -> IntentRows:
    """Rows of (text, label) pairs, from wherever they come.

    Raises:
        TrainingDataError: a label has nothing that a code could be made of.
    """
    texts, labels = [], []
    skipped: Counter[str] = Counter()
    for text, label in pairs:
        stripped, wanted = text.strip(), label.strip()
        if not stripped or not wanted:
            skipped["without a text" if not stripped else "without an intent"] += 1
            continue
        code = NO_INTENT if wanted == out_of_scope else intent_code(wanted)
        if not code:
            raise TrainingDataError(
                f"{name}: the intent {wanted!r} has no letter a to z and no digit; results name intents in these"
            )
        texts.append(stripped)
        labels.append(code)
    digest = hashlib.sha256(json.dumps([texts, labels]).encode()).hexdigest()
    return IntentRows(name, digest, tuple(texts), tuple(labels), dict(skipped))


def split_intents(rows: IntentRows, *, scoped: bool, tested: bool) -> IntentData:
    """Cut rows into parts by the texts' hashes; texts that come again are left out.

    Args:
        rows: what was read.
        scoped: whether a threshold is to be fitted; texts labelled `NO_INTENT` are then out of scope.
        tested: whether the test part is kept apart; else it is learned from too, for it is tested elsewhere.

    Raises:
        TrainingDataError: fewer than 2 intents have 2 examples to learn from, or nothing is left to validate with.
    """
    places = first_of_each(rows.texts)
    parts: dict[Part, list[int]] = {part: [] for part in Part}
    for place in places:
        part = part_of(rows.texts[place])
        parts[Part.TRAIN if part is Part.TEST and not tested else part].append(place)
    again = len(rows.texts) - len(places)
    counts = Counter(
        rows.labels[place] for place in parts[Part.TRAIN] if not (scoped and rows.labels[place] == NO_INTENT)
    )
    labels = tuple(sorted(label for label, count in counts.items() if count >= FEWEST))
    if len(labels) < FEWEST:
        raise TrainingDataError(
            f"{rows.name} needs at least {FEWEST} intents with {FEWEST} different texts each"
        )
    chosen = {part: _part(rows, places, labels, scoped=scoped) for part, places in parts.items()}
    if not chosen[Part.VALIDATION].texts or (tested and not chosen[Part.TEST].texts):
        raise TrainingDataError(
            f"{rows.name} has too few texts to keep some apart; a hundred or more are needed"
        )
    rare = sum(
        rows.labels[place] not in labels and not (scoped and rows.labels[place] == NO_INTENT)
        for place in places
    )
    skipped = {**rows.skipped, "seen before": again, f"of an intent with fewer than {FEWEST} texts": rare}
    noted = IntentRows(
        rows.name, rows.digest, rows.texts, rows.labels, {k: n for k, n in skipped.items() if n}
    )
    return IntentData(
        noted, labels, chosen[Part.TRAIN], chosen[Part.VALIDATION], chosen[Part.TEST], scoped=scoped
    )


def _part(rows: IntentRows, places: Sequence[int], labels: tuple[str, ...], *, scoped: bool) -> IntentPart:
    position = {label: place for place, label in enumerate(labels)}
    known = [place for place in places if rows.labels[place] in position]
    beyond = [place for place in places if scoped and rows.labels[place] == NO_INTENT]
    return IntentPart(
        tuple(rows.texts[place] for place in known),
        np.array([position[rows.labels[place]] for place in known], np.int64),
        tuple(rows.texts[place] for place in beyond),
    )


def _pairs(path: Path, text: str | None, label: str | None) -> list[tuple[str, str]]:
    rows = list(rows_of(path))
    if not rows:
        raise TrainingDataError(f"{path} has no rows")
    columns = list(rows[0])
    texts = pick_column(columns, text, TEXT_COLUMNS, "--text-column")
    labels = pick_column(columns, label, LABEL_COLUMNS, "--label-column")
    if texts is None or labels is None:
        raise TrainingDataError(
            f"{path.name} needs a column of texts ({', '.join(TEXT_COLUMNS)}) and one of intents"
            f" ({', '.join(LABEL_COLUMNS)}); it has {', '.join(columns)}. Name them with --text-column"
            " and --label-column"
        )
    return [(row.get(texts, ""), row.get(labels, "")) for row in rows]
