"""Texts in which somebody marked the personal data.

Either in the format of microsoft/presidio-research: a JSON array of
`{"full_text": …, "spans": [{"entity_type": …, "start_position": …, "end_position": …}]}`; positions count code points,
the end is exclusive. `entity_value`, where given, is checked; `template_id` says from which template a text was made;
other members don't count. Or words with a label each, see `labelled_words`.
"""

import hashlib
from enum import StrEnum
from pathlib import Path

import orjson

from privacy.evaluation.annotated import AnnotatedText, Annotation
from privacy.evaluation.errors import EvaluationDataError
from privacy.evaluation.files import unpacked
from privacy.evaluation.labelled_words import is_labelled_words, read_labelled_words

PARTS = 7
"""One text in so many, by hash, is held out."""
TEMPLATE_PARTS = 3
"""One template in so many, by hash of its number, is held out; no model of ours was trained on it."""


class Part(StrEnum):
    """Which texts of a data set: a split by SHA-256 of the text, the same for everybody.

    Of a set made from templates both parts share the templates, so figures of the held-out part say how a detector
    does on other values in known sentences; those of the held-out templates, on other sentences.
    """

    ALL = "all"
    DEVELOPMENT = "development"
    """To look at while the detector is made: digest modulo 7 is not 0."""
    HELD_OUT = "held-out"
    """To measure it with once it is made: digest modulo 7 is 0."""
    HELD_OUT_TEMPLATES = "held-out-templates"
    """Texts whose template's number has a digest that is 0 modulo 3; of texts without templates, as held out."""

    def holds(self, text: str, template: object = None) -> bool:
        """Whether a text, made from a template or not, is in this part."""
        if self is Part.ALL:
            return True
        if self is Part.HELD_OUT_TEMPLATES and template is not None:
            return _digest(str(template)) % TEMPLATE_PARTS == 0
        return (_digest(text) % PARTS == 0) is (self is not Part.DEVELOPMENT)


def read_annotated(path: Path, part: Part = Part.ALL) -> list[AnnotatedText]:
    """The texts of a file, also gzipped, that are in the part.

    Raises:
        EvaluationDataError: the file can't be used, or an entry or a span is damaged; the message counts from 1.
    """
    read = read_labelled_words(path) if is_labelled_words(path) else _entries(path)
    chosen = [one for one in read if part.holds(one.text, one.template)]
    if not chosen:
        raise EvaluationDataError(f"{path} has no texts" + (f" in part {part}" if read else ""))
    return chosen


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())


def _entries(path: Path) -> list[AnnotatedText]:
    try:
        entries = orjson.loads(unpacked(path))
    except orjson.JSONDecodeError:
        raise EvaluationDataError(f"{path} is not JSON") from None
    if not isinstance(entries, list):
        raise EvaluationDataError(f'{path} must be a JSON array of objects with "full_text" and "spans"')
    return [_entry(entry, f"{path}, entry {number}") for number, entry in enumerate(entries, 1)]


def _entry(entry: object, where: str) -> AnnotatedText:
    text = entry.get("full_text") if isinstance(entry, dict) else None
    spans = entry.get("spans") if isinstance(entry, dict) else None
    if not isinstance(text, str) or not isinstance(spans, list):
        raise EvaluationDataError(f'{where}: not an object with a text "full_text" and an array "spans"')
    return AnnotatedText(
        text,
        tuple(_annotation(span, text, f"{where}, span {number}") for number, span in enumerate(spans, 1)),
        entry.get("template_id") if isinstance(entry, dict) else None,
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
