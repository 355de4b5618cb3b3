"""What words say of reviews, for heads to weigh beside the encoder's vectors."""

from collections.abc import Mapping, Sequence
from typing import Self

from models.errors import HeadMismatch
from models.heads import Floats, Head
from models.reviews.aspect_words import ASPECT_WORDS, EVIDENCE, word_evidence
from models.reviews.names import ASPECT, SENTIMENT
from models.sources import TERMS_FILE, WeightSource
from models.terms import TermModel, read_terms


class ReviewEvidence:
    """Evidence for those heads of a model that weigh some.

    Args:
        heads: of the model, by name.
        terms: its linear model over words, whose classes are sentiment's.
        model: whom messages name.

    Raises:
        HeadMismatch: a head weighs what this does not give.
    """

    def __init__(self, heads: Mapping[str, Head], terms: TermModel | None, model: str) -> None:
        weighing = {name: head.evidence.shape[1] for name, head in heads.items() if head.evidence is not None}
        given = {ASPECT + aspect: EVIDENCE for aspect in ASPECT_WORDS}
        if terms is not None:
            given[SENTIMENT] = len(terms.bias)
        for name, width in weighing.items():
            if given.get(name) != width:
                raise HeadMismatch(
                    f"head {name} of {model} weighs words that the model does not bring; copy or train it anew"
                )
        self._terms = terms if SENTIMENT in weighing else None
        self._aspects = [name.removeprefix(ASPECT) for name in weighing if name.startswith(ASPECT)]

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
        if self._terms is not None:
            found[SENTIMENT] = self._terms(texts)
        return found
