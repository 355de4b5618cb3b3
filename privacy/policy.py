"""What becomes of personal data in which field, and of the original text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from privacy.canonical import canonical
from privacy.detect.table import KINDS

STRUCTURED = frozenset(KINDS)
"""The kinds that patterns find; names and addresses are not among them."""
NAMES = frozenset({"PERSON", "ADDRESS", "LOCATION", "ORGANIZATION"})
"""The kinds that only a tagger finds."""


class Treatment(StrEnum):
    """What is done to a field."""

    MASK = "mask"
    """Each finding is replaced by a placeholder, numbered within the event."""
    TOKENISE = "tokenise"
    """Each finding is replaced by a keyed token, the same for the same value in all events."""
    DROP = "drop"
    """The whole text is replaced by a constant; the original is not kept."""
    KEEP = "keep"
    """Nothing is looked for: the text leaves as it is."""

    @property
    def looks(self) -> bool:
        """Whether personal data is looked for."""
        return self in {Treatment.MASK, Treatment.TOKENISE}


class Original(StrEnum):
    """What becomes of a text in which something was masked or tokenised."""

    SEAL = "seal"
    """It is encrypted and travels beside the masked text."""
    DROP = "drop"
    """It is gone; the input topic holds it until its retention ends."""


class ProtectedTerms(Protocol):
    """Terms that only look like personal data: a catalogue's titles, brands, authors, SKUs, GTINs."""

    def is_term(self, text: str) -> bool:
        """Whether `text`, as a customer typed it, is such a term."""
        ...


class AllowList:
    """Terms that are nobody's personal data, such as the shop's own hotline, in any spelling (see `canonical`)."""

    def __init__(self, terms: Iterable[str] = ()) -> None:
        self._terms = frozenset(map(canonical, terms))

    def is_term(self, text: str) -> bool:
        """Whether `text` is one of them."""
        return bool(self._terms) and canonical(text) in self._terms


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one field is treated.

    Args:
        treatment: what is done to it.
        kinds: the labels of the findings that count; None for all.
        original: what becomes of the unmasked text when something was replaced.
        keep_terms: whether findings that are protected terms of the catalogue stay whatever their kind; where
            it is not set, only those stay that were taken for one of `NAMES`.
    """

    treatment: Treatment = Treatment.MASK
    kinds: frozenset[str] | None = None
    original: Original = Original.SEAL
    keep_terms: bool = False

    @property
    def names(self) -> bool:
        """Whether a tagger is asked: the kinds that only it finds are looked for, or some of them."""
        return self.treatment.looks and (self.kinds is None or not self.kinds.isdisjoint(NAMES))

    @property
    def seals(self) -> bool:
        """Whether the original of a changed text is kept."""
        return self.treatment.looks and self.original is Original.SEAL


EVERYTHING_SEALED = FieldRule()
SEARCHED = FieldRule(kinds=STRUCTURED, original=Original.DROP, keep_terms=True)
"""For what people type to find products: without its names a search for an author would break."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules by topic and field, or by topic; where there is none, all is masked and the original sealed.

    Args:
        fields: by topic and field; they go before those of the topic.
        topics: by topic.
        allow: what stays in every field.
    """

    fields: Mapping[tuple[str, str], FieldRule] = field(default_factory=dict)
    topics: Mapping[str, FieldRule] = field(default_factory=dict)
    allow: ProtectedTerms = field(default_factory=AllowList)

    def rule(self, topic: str, name: str) -> FieldRule:
        """The rule of the field `name` of events from `topic`."""
        return self.fields.get((topic, name)) or self.topics.get(topic) or EVERYTHING_SEALED


DEFAULT_POLICY = Policy(topics={"queries": SEARCHED})
