"""What was found against what was labelled, counted for one text.

The rules:

- Overlapping findings of one system are first made disjoint by the detector's own rule (`span.merged`), for every
  system alike.
- **By characters.** A character of a finding is right if it is labelled as the finding's kind or as a related one
  (see `labels.related`). So a phone number found inside an address is false for PHONE, though it hides personal
  data: `ANY` counts that, for which a character is right if it is labelled as anything, and found if it is masked
  as anything. `masked` says the same of one kind: labelled characters that were masked, as whatever.
- **By entity.** A finding and a label are the same entity if their kinds are related and their intersection is at
  least .9 of their union (the threshold of presidio-research's `SpanEvaluator`), counted in letters and digits: a
  bracket or full stop more or less doesn't matter, half a card number does.
- A finding is right or false whether or not the data set labels its kind at all.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from privacy.evaluation.labels import related

ANY = "ANY"
"""In place of a kind: personal data of any kind."""

OVERLAP = 0.9
"""Least intersection over union of what counts as the same entity."""


class Count(IntEnum):
    """What is counted of a kind; the values are places in a row of counts."""

    CHARACTERS_FOUND = 0
    CHARACTERS_RIGHT = 1
    CHARACTERS_LABELLED = 2
    CHARACTERS_RECALLED = 3
    CHARACTERS_MASKED = 4
    ENTITIES_FOUND = 5
    ENTITIES_RIGHT = 6
    ENTITIES_LABELLED = 7
    ENTITIES_RECALLED = 8


Row = list[int]
"""A count for each `Count`."""


@dataclass(frozen=True, slots=True)
class Entity:
    """Code points `start` to `end` (exclusive) of a text, and their kind."""

    start: int
    end: int
    kind: str

    @property
    def places(self) -> range:
        """Its code points."""
        return range(self.start, self.end)


def align(text: str, labelled: Sequence[Entity], found: Sequence[Entity]) -> dict[str, Row]:
    """The counts of one text by kind, and those of `ANY`.

    Args:
        text: in which the entities are.
        labelled: what is there; may overlap.
        found: what a detector says is there; disjoint.
    """
    rows: dict[str, Row] = defaultdict(lambda: [0] * len(Count))
    _count_characters(rows, labelled, found)
    same = [(label, finding) for label in labelled for finding in found if _same(text, label, finding)]
    right = [(label, finding) for label, finding in same if related(finding.kind, label.kind)]
    _count_entities(rows, labelled, found, right)
    everything = [Entity(one.start, one.end, ANY) for one in labelled]
    masks = [Entity(one.start, one.end, ANY) for one in found]
    _count_characters(rows, everything, masks)
    rows[ANY][Count.ENTITIES_FOUND] = len(found)
    rows[ANY][Count.ENTITIES_LABELLED] = len(labelled)
    rows[ANY][Count.ENTITIES_RIGHT] = len({finding for _, finding in same})
    rows[ANY][Count.ENTITIES_RECALLED] = len({label for label, _ in same})
    return dict(rows)


def _count_characters(rows: dict[str, Row], labelled: Sequence[Entity], found: Sequence[Entity]) -> None:
    labels, findings = _by_kind(labelled), _by_kind(found)
    masked = set[int]().union(*findings.values())
    for kind, places in findings.items():
        truth = set[int]().union(*(where for other, where in labels.items() if related(kind, other)))
        rows[kind][Count.CHARACTERS_FOUND] += len(places)
        rows[kind][Count.CHARACTERS_RIGHT] += len(places & truth)
    for kind, places in labels.items():
        claimed = set[int]().union(*(where for other, where in findings.items() if related(other, kind)))
        rows[kind][Count.CHARACTERS_LABELLED] += len(places)
        rows[kind][Count.CHARACTERS_RECALLED] += len(places & claimed)
        rows[kind][Count.CHARACTERS_MASKED] += len(places & masked)


def _count_entities(
    rows: dict[str, Row],
    labelled: Sequence[Entity],
    found: Sequence[Entity],
    right: Sequence[tuple[Entity, Entity]],
) -> None:
    for entity in found:
        rows[entity.kind][Count.ENTITIES_FOUND] += 1
    for entity in labelled:
        rows[entity.kind][Count.ENTITIES_LABELLED] += 1
    for entity in {finding for _, finding in right}:
        rows[entity.kind][Count.ENTITIES_RIGHT] += 1
    for entity in {label for label, _ in right}:
        rows[entity.kind][Count.ENTITIES_RECALLED] += 1


def _by_kind(entities: Iterable[Entity]) -> dict[str, set[int]]:
    places: dict[str, set[int]] = defaultdict(set)
    for entity in entities:
        places[entity.kind].update(entity.places)
    return places


def _same(text: str, one: Entity, other: Entity) -> bool:
    """Whether they are at the same place, in letters and digits; where one has none, in characters."""
    if one.end <= other.start or other.end <= one.start:
        return False
    first, second = _written(text, one), _written(text, other)
    if not first or not second:
        first, second = set(one.places), set(other.places)
    return len(first & second) >= OVERLAP * len(first | second)


def _written(text: str, entity: Entity) -> set[int]:
    return {place for place in entity.places if text[place].isalnum()}
