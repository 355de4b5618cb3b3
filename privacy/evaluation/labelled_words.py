"""Turns of dialogues with a label for each word: TSV with `utterance` and `slot-labels`, as MultiDoGO's.

Neighbouring words of one label are one entity. Only the slots that hold personal data count, see `PERSONAL`; turns
without any, and those whose words and labels differ in number, are left out.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from privacy.evaluation.annotated import AnnotatedText, Annotation
from privacy.evaluation.errors import EvaluationDataError
from privacy.evaluation.files import unpacked

PERSONAL: Final = frozenset(
    {
        *("name", "username", "address", "company_name", "email_address", "phone_number", "phonenumber"),
        *("ssn", "card_number", "account_number", "password"),
        *("arrival_city", "departure_city", "current_city", "new_city", "current_zipcode", "new_zipcode"),
    }
)
"""Slots that hold personal data; others (sizes, prices, dishes, dates of travel) don't."""
_COLUMNS = ("utterance", "slot-labels")


def is_labelled_words(path: Path) -> bool:
    """Whether a file is of this format, by its name."""
    return path.name.removesuffix(".gz").endswith(".tsv")


def read_labelled_words(path: Path) -> list[AnnotatedText]:
    """The turns of a file in which a word has a label of `PERSONAL`.

    Raises:
        EvaluationDataError: the file can't be used.
    """
    try:
        content = unpacked(path).decode("utf-8-sig")
        rows = csv.DictReader(io.StringIO(content, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
        missing = [column for column in _COLUMNS if column not in (rows.fieldnames or ())]
        if missing:
            raise EvaluationDataError(
                f"{path} has no column {missing[0]!r}; words with labels are in utterance and slot-labels"
            )
        turns = [tuple((row[column] or "").split() for column in _COLUMNS) for row in rows]
    except (UnicodeDecodeError, csv.Error):
        raise EvaluationDataError(f"{path} can't be read as a table in UTF-8") from None
    read = [_annotated(words, labels) for words, labels in turns if len(words) == len(labels)]
    return [one for one in read if one.annotations]


def _annotated(words: Sequence[str], labels: Sequence[str]) -> AnnotatedText:
    return AnnotatedText(" ".join(words), tuple(_entities(words, labels)))


def _entities(words: Sequence[str], labels: Sequence[str]) -> Iterator[Annotation]:
    position, start, last = 0, 0, ""
    for word, label in [*zip(words, labels, strict=True), ("", "")]:
        if label != last:
            if last in PERSONAL:
                yield Annotation(start, position - 1, last)
            start, last = position, label
        position += len(word) + 1
