"""What words say of texts, for heads to weigh beside the encoder's vectors."""

from collections.abc import Mapping, Sequence
from typing import Self

from models.heads import Floats, Head
from models.reviews.aspect_words import ASPECT_WORDS, EVIDENCE, word_evidence
from models.reviews.names import ASPECT
from models.sources import TERMS_FILE, WeightSource
from models.terms import TermModel, read_terms, require_evidence, terms_of


class TextEvidence:
    """Evidence for those heads of a text model that weigh some: word lists for aspects, terms for any other.

    Args:
        heads: of the model, by name.
        terms: its linear model over words, where it has one.
        model: whom messages name.

    Raises:
        HeadMismatch: a head weighs what this does not give.
    """

    def __init__(self, heads: Mapping[str, Head], terms: TermModel | None, model: str) -> None:
        self._terms: dict[str, TermModel] = {}
        self._aspects: list[str] = []
        for name, head in heads.items():
            aspect = name.removeprefix(ASPECT)
            if aspect == name:
                if (weighed := terms_of(head, terms, model)) is not None:
                    self._terms[name] = weighed
            elif head.evidence is not None:
                require_evidence(head, EVIDENCE if aspect in ASPECT_WORDS else 0, model)
                self._aspects.append(aspect)

    @classmethod
    def of(cls, source: WeightSource, heads: Mapping[str, Head]) -> Self:
        """That of a model's folder, whose heads these are.

        Raises:
            HeadMismatch: as above.
            WeightsUnusable: the file of terms is damaged.
        """
        return cls(heads, read_terms(source.folder / TERMS_FILE), source.id)

    def __call__(self, texts: Sequence[str]) -> dict[str, Floats]:
        """By head, float32 [texts, evidence]."""
        found = {ASPECT + aspect: one for aspect, one in word_evidence(texts, self._aspects).items()}
        return found | {name: terms(texts) for name, terms in self._terms.items()}
