"""Texts in which somebody marked the personal data, in the format of microsoft/presidio-research.

A JSON array of `{"full_text": …, "spans": [{"entity_type": …, "start_position": …, "end_position": …}]}`;
positions count code points, the end is exclusive. `entity_value`, where given, is checked; other members don't
count.
"""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import orjson

from privacy.evaluation.errors import EvaluationDataError
from privacy.evaluation.files import unpacked

PARTS = 7
"""One text in so many, by hash, is held out."""


class Part(StrEnum):
    """Which texts of a data set: a split by SHA-256 of the text, the same for everybody.

    Of a set made from templates both parts share the templates, so figures of the held-out part say how a detector
    does on other values in known sentences, not on other sentences.
    """

    ALL = "all"
    DEVELOPMENT = "development"
    """To look at while the detector is made: digest modulo 7 is not 0."""
    HELD_OUT = "held-out"
    """To measure it with once it is made: digest modulo 7 is 0."""

    def holds(self, text: str) -> bool:
        """Whether a text is in this part."""
        if self is Part.ALL:
            return True
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return (int(digest, 16) % PARTS == 0) is (self is Part.HELD_OUT)


@dataclass(frozen=True, slots=True)
class Annotation:
    """One entity: code points `start` to `end` (exclusive), and the data set's own label."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """A text and the entities in it."""

    text: str = field(repr=False)
    annotations: tuple[Annotation, ...]


def read_annotated(path: Path, part: Part = Part.ALL) -> list[AnnotatedText]:
    """The texts of a file, also gzipped, that are in the part.

    Raises:
        EvaluationDataError: the file can't be used, or an entry or a span is damaged; the message counts from 1.
    """
    try:
        entries = orjson.loads(unpacked(path))
    except orjson.JSONDecodeError:
        raise EvaluationDataError(f"{path} is not JSON") from None
    if not isinstance(entries, list):
        raise EvaluationDataError(f'{path} must be a JSON array of objects with "full_text" and "spans"')
    read = [_entry(entry, f"{path}, entry {number}") for number, entry in enumerate(entries, 1)]
    chosen = [one for one in read if part.holds(one.text)]
    if not chosen:
        raise EvaluationDataError(f"{path} has no texts" + (f" in part {part}" if read else ""))
    return chosen


def _entry(entry: object, where: str) -> AnnotatedText:
    text = entry.get("full_text") if isinstance(entry, dict) else None
    spans = entry.get("spans") if isinstance(entry, dict) else None
    if not isinstance(text, str) or not isinstance(spans, list):
        raise EvaluationDataError(f'{where}: not an object with a text "full_text" and an array "spans"')
    return AnnotatedText(
        text,
        tuple(_annotation(span, text, f"{where}, span {number}") for number, span in enumerate(spans, 1)),
    )


def _annotation(span: object, text: str, where: str) -> Annotation:
    if not isinstance(span, dict):
        raise EvaluationDataError(f"{where}: not an object")
    label, start, end = (span.get(name) for name in ("entity_type", "start_position", "end_position"))
    if not isinstance(label, str) or not label:
        raise EvaluationDataError(f"{where}: entity_type must be a text")
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
        raise EvaluationDataError(
            f"{where}: start_position and end_position must lie in the text, in this order"
        )
    if span.get("entity_value") not in (None, text[start:end]):
        raise EvaluationDataError(
            f"{where}: the text from start_position to end_position is not entity_value; do they count code points?"
        )
    return Annotation(start, end, label)
