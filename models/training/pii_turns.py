"""Turns of dialogues whose words are labelled, as MultiDoGO's TSV; what is plainly mislabelled is left out.

The labels are crowd work. Seen in its training parts: words such as "name" within a name, a name that goes on into a
booking number or an address, names without a label. Rules for that follow from the labels themselves, not from lists
of names.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from models.errors import TrainingDataError
from models.training.pii_chance import words
from models.training.pii_text import Entity, Tagged

_KINDS: dict[str, tuple[str, ...]] = {
    "PERSON": ("person", "per", "name", "full_name", "first_name", "last_name", "surname", "person_name"),
    "ADDRESS": ("address", "street_address", "street", "postal_address"),
    "PLACE": (
        *("location", "gpe", "loc", "city", "state", "country", "zip_code", "zipcode", "postcode", "place"),
        *("arrival_city", "departure_city", "current_city", "new_city", "current_zipcode", "new_zipcode"),
    ),
    "ORGANISATION": ("organization", "organisation", "org", "company", "company_name", "corporation"),
}
KIND_OF_LABEL: Mapping[str, str] = {label: kind for kind, labels in _KINDS.items() for label in labels}
"""What labels of public data sets mean, in lower case; others are no concern of the tagger."""
_AMBIGUOUS = frozenset({"username"})
"""People's names in one domain, logins in another."""
_CUES = frozenset(
    words(
        "my name names is im i am last first full its it the mr mrs ms miss this and sure yes ok okay hi hello for",
        "of address to city zip zipcode code",
    )
)
"""Words that annotators took into an entity at its beginning, though they belong to none."""
_OFTEN = 3
_LONGEST_NAME = 4
Words = Sequence[tuple[str, str]]


def read_turns(path: Path) -> tuple[list[Tagged], Mapping[str, int]]:
    """The turns of a file, and how many were left out, by reason.

    Raises:
        TrainingDataError: it is no such file.
    """
    left_out = Counter[str]()
    turns: list[list[tuple[str, str]]] = []
    for said, labels in _rows(path):
        if len(said) != len(labels):
            left_out["words and labels differ in number"] += 1
        elif _AMBIGUOUS & set(labels):
            left_out["ambiguous label"] += 1
        else:
            kinds = (KIND_OF_LABEL.get(label.lower(), "") for label in labels)
            turns.append(_without_cues(list(zip(said, kinds, strict=True))))
    names = _labelled_mostly(turns)
    kept = []
    for turn in turns:
        if reason := _fault(turn, names):
            left_out[reason] += 1
        else:
            kept.append(_tagged(turn))
    return kept, left_out


def _rows(path: Path) -> Iterator[tuple[list[str], list[str]]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield (row["utterance"] or "").split(), (row["slot-labels"] or "").split()
    except (OSError, UnicodeDecodeError, KeyError, csv.Error) as error:
        raise TrainingDataError(
            f"{path} is no TSV with utterance and slot-labels: {type(error).__name__}"
        ) from error


def _without_cues(turn: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Labels taken off cue words at an entity's beginning, and off numbers after a name."""
    labelled = list(turn)
    for place, (word, kind) in enumerate(labelled):
        begins = kind and (place == 0 or labelled[place - 1][1] != kind)
        if begins and word in _CUES:
            labelled[place] = (word, "")
    for place in reversed(range(len(labelled))):
        word, kind = labelled[place]
        ends = place + 1 == len(labelled) or labelled[place + 1][1] != kind
        if kind == "PERSON" and ends and not word.isalpha():
            labelled[place] = (word, "")
    return labelled


def _labelled_mostly(turns: Sequence[Words]) -> frozenset[str]:
    """Words labelled in more than a fifth of the places where they stand: where they are not, that is a slip."""
    labelled, seen = Counter[str](), Counter[str]()
    for turn in turns:
        for word, kind in turn:
            seen[word] += 1
            labelled[word] += bool(kind) and word.isalpha()
    return frozenset(word for word, count in labelled.items() if count >= _OFTEN and 5 * count > seen[word])


def _fault(turn: Words, names: frozenset[str]) -> str:
    if any(not kind and word in names for word, kind in turn):
        return "a name without a label"
    people = [word for word, kind in turn if kind == "PERSON"]
    if any(not word.isalpha() for word in people) or len(people) > _LONGEST_NAME:
        return "a name that goes on into something else"
    said = [word for word, _ in turn]
    if said and not any(word.isalpha() for word in said):
        return "nothing but numbers"
    if "name" in said[:-1] and not people:
        return "a name without a label"
    return ""


def _tagged(turn: Words) -> Tagged:
    text, entities = "", []
    open_kind, start = "", 0
    for word, kind in [*turn, ("", "")]:
        if open_kind and kind != open_kind:
            entities.append(Entity(start, len(text), open_kind))
        begin = len(text) + bool(text)
        if kind and kind != open_kind:
            start = begin
        open_kind = kind
        if word:
            text = f"{text} {word}" if text else word
    return Tagged(text, tuple(entities))
