"""What is masked in which field, and what becomes of the original."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

STRUCTURED = frozenset({"EMAIL", "PHONE", "CARD", "IBAN", "IP", "NATIONAL_ID"})
"""The kinds that patterns find; names and addresses are not among them."""


class Original(StrEnum):
    """What becomes of a text that was masked."""

    SEAL = "seal"
    """It is encrypted and travels beside the masked text."""
    DROP = "drop"
    """It is gone; the input topic holds it until its retention ends."""


class ProtectedTerms(Protocol):
    """Terms of the catalogue that only look like personal data: brands, authors, SKUs, GTINs."""

    def is_term(self, text: str) -> bool:
        """Whether `text`, as a customer typed it, is such a term."""
        ...


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one field is treated.

    Args:
        kinds: the labels that are masked; None for all.
        original: what becomes of the unmasked text when something was masked.
        keep_terms: whether findings that are protected terms of the catalogue stay.
    """

    kinds: frozenset[str] | None = None
    original: Original = Original.SEAL
    keep_terms: bool = False


EVERYTHING_SEALED = FieldRule()
SEARCHED = FieldRule(kinds=STRUCTURED, original=Original.DROP, keep_terms=True)
"""For what people type to find products: without its names a search for an author would break."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules by topic, then by field; a field without a rule is masked wholly and its original sealed."""

    fields: Mapping[tuple[str, str], FieldRule] = field(default_factory=dict)
    topics: Mapping[str, FieldRule] = field(default_factory=dict)

    def rule(self, topic: str, name: str) -> FieldRule:
        """The rule of the field `name` of events from `topic`."""
        return self.fields.get((topic, name)) or self.topics.get(topic) or EVERYTHING_SEALED


DEFAULT_POLICY = Policy(topics={"queries": SEARCHED})
