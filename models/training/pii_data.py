"""The tagger's training texts: what was read, and as many made-up ones as are asked for.

Made are: templates filled anew (those of annotated data, and our own), turns of dialogues with other values in them,
sentences with other persons in them, texts without personal data, whole or in part, and texts of both kinds joined;
most of it with the noise of typing.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from models.training.pii_chance import Chance
from models.training.pii_grammar import sentence
from models.training.pii_neutral import neutral
from models.training.pii_replies import reply
from models.training.pii_sources import Annotated
from models.training.pii_templates import CHINESE, CHINESE_CLEAN, ENGLISH, ENGLISH_CLEAN
from models.training.pii_text import Entity, Tagged, Value, edited, filled, joined, noisy, plain
from models.training.pii_values import Filler, Values

_ALIASES: Mapping[str, str] = {
    "name": "person",
    "name_male": "person",
    "name_female": "person",
    "first_name": "first",
    "first_name_male": "first",
    "first_name_female": "first",
    "first_name_nonbinary": "first",
    "last_name": "last",
    "last_name_male": "last",
    "last_name_female": "last",
    "organization": "company",
    "street_name": "street",
    "building_number": "number",
    "secondary_address": "unit",
    "postcode": "zip",
    "zipcode": "zip",
    "state_abbr": "state",
    "credit_card_number": "card",
    "phone_number": "phone",
    "date_of_birth": "date",
    "date_time": "date",
    "day_of_week": "day",
    "prefix_male": "prefix",
    "prefix_female": "prefix",
    "job": "title",
    "ip_address": "ip",
    "us_driver_license": "code",
}
"""presidio-research's names of slots, and ours."""
_SHARES: Mapping[str, int] = {
    "templates": 12,
    "made": 3,
    "turns": 12,
    "sentences": 12,
    "own": 30,
    "own clean": 3,
    "chinese": 8,
    "chinese clean": 1,
    "customers": 2,
    "clean": 35,
    "mixed": 8,
}
"""How often each sort comes up, one to another; one that there is no data for is left out."""
_CHINESE = re.compile("[\u4e00-\u9fff]")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s*")
_WORD_BEGINS = re.compile(r"(?<!\S)[^\W\d_]")
_LATEST = 12
"""Words at most that are left out at the beginning of a text."""
_LONGEST = 320
"""Characters of a text without personal data; longer ones give a part of themselves."""
_WAYS = (30, 25, 45)
"""Our own sentences in hundredths: as we wrote them; short answers (`pii_replies`); longer ones (`pii_grammar`)."""
_NEAR = 3
"""Characters between two parts of one address."""


@dataclass(frozen=True, slots=True)
class Material:
    """What examples are made of.

    Attributes:
        annotated: texts of the training part.
        customers: see `pii_sources.people`.
        clean: texts without personal data, by file: each file counts alike, however long.
    """

    annotated: Annotated = field(default_factory=Annotated)
    customers: Sequence[Tagged] = ()
    clean: Sequence[Sequence[str]] = ()


class Examples:
    """Makes examples; number `n` of a seed is always the same.

    Args:
        material: of one part only.
        values: names and addresses to fill in.
        seed: of the choice.
    """

    def __init__(self, material: Material, values: Values, seed: int) -> None:
        self._material = material
        self._values = values
        self._seed = seed
        turns = material.annotated.turns
        self._labelled = [turn for turn in turns if turn.entities]
        self._bare = [turn for turn in turns if not turn.entities]
        sentences = material.annotated.sentences
        self._with_persons = [one for one in sentences if any(e.kind == "PERSON" for e in one.entities)]
        self._without = [one for one in sentences if all(e.kind != "PERSON" for e in one.entities)]
        makers: dict[str, tuple[Callable[[Chance], Tagged], bool]] = {
            "templates": (self._template, bool(material.annotated.templates)),
            "made": (self._made, bool(material.annotated.made)),
            "turns": (self._turn, bool(self._labelled)),
            "sentences": (self._sentence, bool(self._with_persons)),
            "own": (self._own, True),
            "own clean": (self._own_clean, True),
            "chinese": (self._chinese, True),
            "chinese clean": (self._chinese_clean, True),
            "customers": (self._customer, bool(material.customers)),
            "clean": (self._clean, bool(material.clean)),
            "mixed": (self._mixed, bool(material.clean)),
        }
        self._makers = [make for make, there in makers.values() if there]
        self._shares = [_SHARES[name] for name, (_, there) in makers.items() if there]

    def make(self, count: int, first: int = 0) -> Iterator[Tagged]:
        """Examples `first` to `first + count`."""
        for number in range(first, first + count):
            random_ = Chance(f"{self._seed} {number}")
            yield random_.choices(self._makers, self._shares)[0](random_)

    def _template(self, random_: Chance) -> Tagged:
        template = random_.choice(self._material.annotated.templates)
        return noisy(self._filled(template.text, random_, self._values.latin(random_)), random_)

    def _made(self, random_: Chance) -> Tagged:
        return noisy(_together(random_.choice(self._material.annotated.made)), random_)

    def _turn(self, random_: Chance) -> Tagged:
        if self._bare and random_.happens(0.35):
            return random_.choice(self._bare)
        turn = random_.choice(self._labelled)
        filler = self._values.latin(random_)
        return turn if random_.happens(0.5) else _with_other_values(turn, filler, plain)

    def _sentence(self, random_: Chance) -> Tagged:
        if self._without and random_.happens(0.35):
            return noisy(random_.choice(self._without), random_)
        sentence = random_.choice(self._with_persons)
        if random_.happens(0.7):
            sentence = _with_other_values(sentence, self._values.latin(random_), lambda value: value)
        return noisy(sentence, random_)

    def _own(self, random_: Chance) -> Tagged:
        count = random_.choice((1, 1, 1, 2, 3))
        filler = self._values.latin(random_)
        templates = [_english(random_) for _ in range(count)]
        texts = [self._filled(template, random_, filler) for template in templates]
        return noisy(joined(texts, random_.choice((" ", " ", "\n"))), random_)

    def _own_clean(self, random_: Chance) -> Tagged:
        return noisy(
            self._filled(random_.choice(ENGLISH_CLEAN), random_, self._values.latin(random_)), random_
        )

    def _chinese(self, random_: Chance) -> Tagged:
        filler = self._values.chinese(random_)
        texts = [self._filled(random_.choice(CHINESE), random_, filler)]
        if random_.happens(0.3):
            texts.append(self._filled(random_.choice((*CHINESE, *CHINESE_CLEAN)), random_, filler))
        whole = joined(texts, random_.choice(("", " ", "\n")))
        if random_.happens(0.15):
            whole = edited(whole, lambda _, one: " " if one in "，。：、" else one)
        return whole

    def _chinese_clean(self, random_: Chance) -> Tagged:
        return self._filled(random_.choice(CHINESE_CLEAN), random_, self._values.chinese(random_))

    def _customer(self, random_: Chance) -> Tagged:
        customer = random_.choice(self._material.customers)
        if random_.happens(0.3):
            return noisy(customer, random_)
        template = random_.choice([one for one in ENGLISH if "{person}" in one or "{address}" in one])
        own = {
            "person" if one.kind == "PERSON" else "address": Value(
                customer.text[one.start : one.end], one.kind
            )
            for one in customer.entities
        }
        return noisy(self._filled(template, random_, self._values.latin(random_), own), random_)

    def _clean(self, random_: Chance) -> Tagged:
        text = _part_of_text(random_.choice(random_.choice(self._material.clean)), random_)
        if random_.happens(0.15):
            text = _without_beginning(text, random_)
        if random_.happens(0.75):
            return Tagged(text)
        return plain(Tagged(text)) if random_.happens(0.4) else noisy(Tagged(text), random_)

    def _mixed(self, random_: Chance) -> Tagged:
        """A text without personal data beside one with it, in the same language."""
        text = _part_of_text(random_.choice(random_.choice(self._material.clean)), random_)
        own = self._chinese if _CHINESE.search(text) else self._own
        both = [Tagged(text), own(random_)]
        random_.shuffle(both)
        return joined(both, random_.choice((" ", "\n", ". ", " ")))

    @staticmethod
    def _filled(
        template: str, random_: Chance, filler: Filler, own: Mapping[str, Value] | None = None
    ) -> Tagged:
        def value(slot: str) -> Value:
            name = _ALIASES.get(slot, slot)
            chosen = (own or {}).get(name) or filler.value(name) or neutral(name, random_)
            return chosen or Value(f"{{{slot}}}")

        return _together(filled(template, value))


def _english(random_: Chance) -> str:
    """A template: of those that we wrote, or put together."""
    make = random_.choices((_written, reply, sentence), _WAYS)[0]
    return make(random_)


def _written(random_: Chance) -> str:
    return random_.choice(ENGLISH)


def _together(tagged: Tagged) -> Tagged:
    """Parts of one address, side by side, as one."""
    entities: list[Entity] = []
    for one in tagged.entities:
        last = entities[-1] if entities else None
        if (
            last is not None
            and last.kind == one.kind == "ADDRESS"
            and one.start - last.end <= _NEAR
            and not any(map(str.isalnum, tagged.text[last.end : one.start]))
        ):
            entities[-1] = Entity(last.start, one.end, one.kind)
        else:
            entities.append(one)
    return Tagged(tagged.text, tuple(entities))


def _with_other_values(text: Tagged, filler: Filler, written: Callable[[Tagged], Tagged]) -> Tagged:
    """A text with made-up values of the same kinds, written as such texts are; what is unsure stays."""
    parts: list[Tagged] = []
    position = 0
    for one in text.entities:
        parts.append(Tagged(text.text[position : one.start]))
        parts.append(_other_value(text.text[one.start : one.end], one.kind, filler, written))
        position = one.end
    return joined([*parts, Tagged(text.text[position:])], "")


def _other_value(old: str, kind: str, filler: Filler, written: Callable[[Tagged], Tagged]) -> Tagged:
    slots = {
        "PERSON": ("person",) if " " in old else ("first", "first", "last"),
        "ADDRESS": ("address", "street"),
        "PLACE": ("zip",) if old[:1].isdigit() else ("city",),
        "ORGANISATION": ("company",),
    }
    value = filler.value(filler.random.choice(slots[kind])) if kind in slots else None
    if value is None:
        return Tagged(old, (Entity(0, len(old), kind),))
    return written(Tagged(value.text, (Entity(0, len(value.text), kind),)))


def _part_of_text(text: str, random_: Chance) -> str:
    """The text, or some of its sentences in a row."""
    if len(text) <= _LONGEST and random_.happens(0.6):
        return text
    sentences = [one for one in _SENTENCE.split(text) if one.strip()]
    start = random_.randrange(len(sentences) or 1)
    between = "" if _CHINESE.search(text) else " "
    return between.join(sentences[start : start + random_.choice((1, 2, 3, 4))])[:_LONGEST]


def _without_beginning(text: str, random_: Chance) -> str:
    """From some word on, which then has a capital, as where people leave out who did it: any word may begin a text."""
    places = [found.start() for found in _WORD_BEGINS.finditer(text)][1:_LATEST]
    if not places:
        return text
    rest = text[random_.choice(places) :]
    return rest[:1].upper() + rest[1:]
