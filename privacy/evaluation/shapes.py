"""What errors look like, without saying what they are: the shapes of values that were missed or falsely found."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from privacy.evaluation.alignment import Entity
from privacy.evaluation.labels import related


@dataclass(frozen=True, slots=True)
class Shapes:
    """How often each shape of a kind occurs among the errors, by `KIND shape`.

    Attributes:
        missed: labelled, and not wholly found as that kind.
        false: found, and not labelled as that kind at all.
    """

    missed: Mapping[str, int] = field(default_factory=dict)
    false: Mapping[str, int] = field(default_factory=dict)


def shape(value: str) -> str:
    """A value with every digit as 9, every capital as A, every other letter as a."""
    return "".join(map(_class, value))


def shapes_of_errors(
    texts: Sequence[str],
    labelled: Sequence[Sequence[Entity]],
    found: Sequence[Sequence[Entity]],
    kinds: Collection[str],
) -> Shapes:
    """The errors with these kinds in all texts, the most frequent shapes first."""
    missed, false = Counter[str](), Counter[str]()
    for text, labels, findings in zip(texts, labelled, found, strict=True):
        missed.update(
            _named(text, one) for one in labels if one.kind in kinds and not _covered(text, one, findings)
        )
        false.update(_named(text, one) for one in findings if one.kind in kinds and not _touched(one, labels))
    return Shapes(dict(missed.most_common()), dict(false.most_common()))


def _class(character: str) -> str:
    if character.isdigit():
        return "9"
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return character


def _named(text: str, entity: Entity) -> str:
    return f"{entity.kind} {shape(text[entity.start : entity.end])}"


def _covered(text: str, label: Entity, findings: Sequence[Entity]) -> bool:
    found = {place for one in findings if related(one.kind, label.kind) for place in one.places}
    return all(place in found or not text[place].isalnum() for place in label.places)


def _touched(finding: Entity, labels: Sequence[Entity]) -> bool:
    return any(
        one.start < finding.end and finding.start < one.end and related(finding.kind, one.kind)
        for one in labels
    )
