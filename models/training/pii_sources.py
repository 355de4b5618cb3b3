"""Reads what the tagger learns from: annotated texts, people of a shop, and texts without personal data.

Annotated texts are JSON as of microsoft/presidio-research, whose entries may name the template that they were made
from, or folders with the TSV of MultiDoGO, which labels each word; more templates may stand in a text file, one in each
line, and sentences with labelled persons and organisations in files as of CoNLL-2003 (`pii_sentences`). Which of them
may be used is decided first: of templates a third is for tests, by their number's hash, and lines that are like one of
these are left out; of MultiDoGO its own train and dev files are read; of texts without personal data the hash of the
text decides.
"""

import gzip
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.errors import TrainingDataError
from models.training.pii_sentences import SENTENCE_FILES, read_sentences
from models.training.pii_text import SLOT, Entity, Tagged
from models.training.pii_turns import KIND_OF_LABEL, read_turns
from models.training.splits import Part, part_of
from models.training.tables import rows_of

TEMPLATE_PARTS = 3
"""One template in so many is for tests: where SHA-256 of its number is divisible by it."""
_VALIDATION_PARTS = 6
_LIKE = 0.4
"""Shared words of two templates to all of both (Jaccard), from which on they are taken for the same."""
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence with `{{slot}}`, and its number, or its place in a file."""

    number: int | str
    text: str


@dataclass(slots=True)
class Annotated:
    """What annotated data holds of one part.

    Attributes:
        templates: sentences with slots.
        made: texts made from those templates, as they are.
        turns: texts that people wrote.
        sentences: see `pii_sentences`; for training alone.
        held_out: words of each template that belongs to another part.
        left_out: how many turns and lines, by reason.
    """

    templates: list[Template] = field(default_factory=list)
    made: list[Tagged] = field(default_factory=list)
    turns: list[Tagged] = field(default_factory=list)
    sentences: list[Tagged] = field(default_factory=list)
    held_out: set[frozenset[str]] = field(default_factory=set)
    left_out: Counter[str] = field(default_factory=Counter)


def part_of_template(number: object) -> Part:
    """The part of a template; the rule for tests is `privacy.evaluation`'s too."""
    digest = int.from_bytes(hashlib.sha256(str(number).encode()).digest())
    if digest % TEMPLATE_PARTS == 0:
        return Part.TEST
    return Part.VALIDATION if digest // TEMPLATE_PARTS % _VALIDATION_PARTS == 0 else Part.TRAIN


def read_annotated(paths: Iterable[Path], part: Part) -> Annotated:
    """The texts of one part.

    Args:
        paths: JSON files; folders with `train.tsv` and `dev.tsv`; for training alone `.txt` with a template in each
            line and `.conll`; a folder of all these but `.txt` is looked through.
        part: training or validation.

    Raises:
        TrainingDataError: nothing that can be read there.
    """
    read = Annotated()
    lines = []
    for path in paths:
        files = _annotated_files(path, part)
        if not files:
            raise TrainingDataError(
                f"{path} is no JSON of presidio-research, no .txt of templates, no .conll of sentences, and no folder"
                " with train.tsv and dev.tsv"
            )
        for file in files:
            if file.suffix == ".tsv":
                turns, left_out = read_turns(file)
                read.turns += turns
                read.left_out.update(left_out)
            elif file.name.endswith(SENTENCE_FILES):
                read.sentences += read_sentences(file) if part is Part.TRAIN else []
            elif file.suffix == ".txt":
                lines.append(file)
            else:
                _read_entries(file, part, read)
    if part is Part.TRAIN:
        for file in lines:  # last: by now it is known which templates are held out
            _read_lines(file, read)
    return read


def people(path: Path) -> list[Tagged]:
    """Who and where the customers of a shop are: JSON as of the retail-demo-store's users.

    Returns:
        For each person `NAME` and an address in one line; both are labelled.

    Raises:
        TrainingDataError: it can't be read.
    """
    users = _json(path)
    try:
        return [_customer(user) for user in users]
    except (KeyError, TypeError, IndexError):
        raise TrainingDataError(
            f"{path} must be a JSON array of users with name and addresses, as of the retail-demo-store"
        ) from None


def read_clean(path: Path, column: str, part: Part) -> list[str]:
    """The texts without personal data of one part, by the text's hash.

    Args:
        path: CSV, TSV or JSON lines, also gzipped.
        column: its name; of a file without a heading its number, from 1.
        part: which texts.

    Raises:
        TrainingDataError: the file can't be read, or has no such column.
    """
    texts = dict.fromkeys(text for text in _cells(path, column) if text.strip())
    if not texts:
        raise TrainingDataError(f"{path} has no texts in column {column!r}")
    return [text for text in texts if part_of(text) is part]


def _cells(path: Path, column: str) -> Iterator[str]:
    rows = rows_of(path)
    first = next(rows, None)
    if first is None:
        return
    name = column
    if column.isdigit() and column not in first:  # no heading: the first row was taken for it
        names = list(first)
        if int(column) > len(names):
            raise TrainingDataError(f"{path} has {len(names)} columns; there is no column {column}")
        name = names[int(column) - 1]
        yield name
    elif column not in first:
        raise TrainingDataError(f"{path} has no column {column!r}; it has {', '.join(first)}")
    yield first[name]
    for row in rows:
        yield row[name]


def _customer(user: dict[str, Any]) -> Tagged:
    home = user["addresses"][0]
    street = " ".join(part for part in (home["address1"], home["address2"]) if part)
    address = f"{street}, {home['city']}, {home['state']} {home['zipcode']}"
    name = str(user["name"])
    start = len(name) + 1
    return Tagged(
        f"{name}\n{address}",
        (Entity(0, len(name), "PERSON"), Entity(start, start + len(address), "ADDRESS")),
    )


def _annotated_files(path: Path, part: Part) -> list[Path]:
    if path.is_file():
        return [path]
    wanted = "train.tsv" if part is Part.TRAIN else "dev.tsv"
    return sorted(
        file
        for file in path.rglob("*")
        if file.is_file()
        and (file.name == wanted or file.name.endswith((".json", ".json.gz", *SENTENCE_FILES)))
    )


def _read_entries(path: Path, part: Part, read: Annotated) -> None:
    seen = {template.number for template in read.templates}
    for number, entry in enumerate(_json(path), 1):
        try:
            template, text, spans = entry.get("template_id"), entry["full_text"], entry["spans"]
            chosen = part_of(text) if template is None else part_of_template(template)
            if chosen is not part:
                if template is not None:
                    read.held_out.add(_words(_unescaped(entry.get("masked") or text)))
                continue
            entities = [
                Entity(span["start_position"], span["end_position"], kind)
                for span in spans
                if (kind := KIND_OF_LABEL.get(span["entity_type"].lower()))
            ]
        except (KeyError, TypeError, AttributeError):
            raise TrainingDataError(
                f"{path}, entry {number}: not an object with full_text and spans, as presidio-research writes them"
            ) from None
        tagged = Tagged(text, tuple(_disjoint(entities)))
        if template is None:
            read.turns.append(tagged)
            continue
        read.made.append(tagged)
        if template not in seen and entry.get("masked"):
            seen.add(template)
            read.templates.append(Template(template, _unescaped(entry["masked"])))


def _read_lines(path: Path, read: Annotated) -> None:
    """Templates that are neither like one held out nor there already."""
    try:
        lines = path.read_text("utf-8", errors="replace").splitlines()
    except OSError as error:
        raise TrainingDataError(f"{path} can't be read: {error.strerror}") from error
    known = [_words(template.text) for template in read.templates]
    for number, line in enumerate(lines, 1):
        template = _unescaped(line)
        said = _words(template)
        if not said:  # blank, or nothing but slots, which can't be told from such a one that is held out
            continue
        if any(_alike(said, other) >= _LIKE for other in read.held_out):
            read.left_out["a template like one that is held out"] += 1
        elif said not in known:
            known.append(said)
            read.templates.append(Template(f"{path.name}:{number}", template))


def _words(template: str) -> frozenset[str]:
    return frozenset(_WORD.findall(SLOT.sub(" ", template).lower()))


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / (len(one | other) or 1)


def _unescaped(template: str) -> str:
    """Some templates were stored with the escapes of the program that they stood in."""
    return template.replace("\\n", "\n").replace('\\"', '"').replace("\\'", "'").replace("\\,", ",")


def _disjoint(entities: Iterable[Entity]) -> Iterator[Entity]:
    end = 0
    for one in sorted(entities, key=lambda entity: entity.start):
        if one.start >= end:
            end = one.end
            yield one


def _json(path: Path) -> list[Any]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            value = json.load(file)
    except (OSError, EOFError, ValueError) as error:
        raise TrainingDataError(f"{path} can't be read as JSON: {type(error).__name__}") from error
    if not isinstance(value, list):
        raise TrainingDataError(f"{path} must be a JSON array")
    return value
