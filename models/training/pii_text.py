"""A text with labelled spans, and edits of it that keep the labels where they belong."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from models.training.pii_chance import Chance

KINDS = ("PERSON", "ADDRESS", "PLACE", "ORGANISATION")
"""What the tagger finds; the ids of classes follow this order."""
UNSURE = "UNSURE"
"""Kind of what may be one of these or none: nothing is learned from it."""
OUTSIDE = "O"
LABELS = (OUTSIDE, *(f"{prefix}-{kind}" for kind in KINDS for prefix in "BI"))
"""The classes of tokens."""

SLOT = re.compile(r"\{\{?(\w+)\}\}?")
"""A slot of a template, and its name."""


@dataclass(frozen=True, slots=True)
class Entity:
    """Code points `start` to `end` (exclusive), and one of `KINDS`, or `UNSURE`."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Tagged:
    """A text and the entities in it, sorted and disjoint."""

    text: str = field(repr=False)
    entities: tuple[Entity, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """What a slot of a template is filled with; without a kind it is not personal data."""

    text: str
    kind: str | None = None


def filled(template: str, value: Callable[[str], Value]) -> Tagged:
    """A template with `{slot}` or `{{slot}}` filled.

    Args:
        template: the sentence.
        value: for a slot's name; asked once for each slot, from left to right.
    """
    parts: list[str] = []
    entities: list[Entity] = []
    length = position = 0
    for slot in SLOT.finditer(template):
        chosen = value(slot[1])
        parts += [template[position : slot.start()], chosen.text]
        length += slot.start() - position
        if chosen.kind and chosen.text:
            entities.append(Entity(length, length + len(chosen.text), chosen.kind))
        length += len(chosen.text)
        position = slot.end()
    return Tagged("".join([*parts, template[position:]]), tuple(entities))


def joined(texts: Iterable[Tagged], between: str) -> Tagged:
    """Several texts as one."""
    whole, entities = "", []
    for number, one in enumerate(texts):
        whole += between if number else ""
        entities += [Entity(len(whole) + e.start, len(whole) + e.end, e.kind) for e in one.entities]
        whole += one.text
    return Tagged(whole, tuple(entities))


def edited(tagged: Tagged, edit: Callable[[int, str], str]) -> Tagged:
    """A text whose characters are replaced one by one; entities of which nothing stays are gone.

    Args:
        tagged: the text.
        edit: what stands for the character at a place: itself, another one, several, or none.
    """
    pieces = [edit(place, character) for place, character in enumerate(tagged.text)]
    places = [0]
    for piece in pieces:
        places.append(places[-1] + len(piece))
    text = "".join(pieces)
    moved = (Entity(places[one.start], places[one.end], one.kind) for one in tagged.entities)
    return Tagged(text, tuple(trimmed for one in moved if (trimmed := _trimmed(text, one))))


def _trimmed(text: str, entity: Entity) -> Entity | None:
    value = text[entity.start : entity.end]
    start = entity.start + len(value) - len(value.lstrip())
    end = entity.start + len(value.rstrip())
    return Entity(start, end, entity.kind) if start < end else None


def noisy(tagged: Tagged, random_: Chance) -> Tagged:
    """The text as people type it: case, punctuation and slips of the finger vary; two in five stay as they are."""
    (noise,) = random_.choices(list(_NOISES), list(_NOISES.values()))
    return noise(tagged, random_)


def plain(tagged: Tagged) -> Tagged:
    """Lower case without punctuation, and a space between letters and digits, as transcripts are often kept."""
    text = tagged.text

    def edit(place: int, one: str) -> str:
        if not one.isalnum():
            return " " if one.isspace() or one in "-/" else ""
        after = text[place + 1 : place + 2]
        apart = after.isalnum() and after.isdigit() != one.isdigit() and one.isascii()
        return f"{one.lower()} " if apart else one.lower()

    return _single_spaces(edited(tagged, edit))


def _lower(tagged: Tagged) -> Tagged:
    return edited(tagged, lambda _, one: one.lower())


def _single_spaces(tagged: Tagged) -> Tagged:
    text = tagged.text
    return edited(
        tagged, lambda place, one: "" if one == " " and text[place - 1 : place] in ("", " ") else one
    )


def _typos(tagged: Tagged, random_: Chance) -> Tagged:
    """About one slip in forty letters: doubled, left out, or the neighbour's."""

    def edit(_: int, one: str) -> str:
        if not (one.isascii() and one.isalpha()) or not random_.happens(0.025):
            return one
        return random_.choice((one + one, "", random_.choice("aeionrtsl")))

    return edited(tagged, edit)


def _one_line(tagged: Tagged) -> Tagged:
    return edited(tagged, lambda _, one: " " if one == "\n" else one)


def _without_points(tagged: Tagged) -> Tagged:
    return edited(tagged, lambda _, one: "" if one in ",.;:!?" else one)


_NOISES: Mapping[Callable[[Tagged, Chance], Tagged], int] = {
    lambda tagged, _: tagged: 40,
    lambda tagged, _: _lower(tagged): 20,
    lambda tagged, _: edited(tagged, lambda _, one: one.upper()): 6,
    _typos: 8,
    lambda tagged, random_: _typos(_lower(tagged), random_): 6,
    lambda tagged, _: _without_points(tagged): 5,
    lambda tagged, _: _one_line(tagged): 4,
    lambda tagged, _: plain(tagged): 11,
}
"""In hundredths."""


def counted_kinds(texts: Iterable[Tagged]) -> Mapping[str, int]:
    """How many entities of each kind."""
    counts = dict.fromkeys(KINDS, 0)
    for one in texts:
        for entity in one.entities:
            counts[entity.kind] += 1
    return counts
