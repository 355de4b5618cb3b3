"""Read reviews: one forward of the encoder for all that is to be known of them, then the heads."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy.typing as npt

from models.engine.encoder import Encoder
from models.errors import HeadMismatch
from models.heads import Head, require_width
from models.identity import ModelIdentity
from models.reviews.aspects import (
    ASPECT_LABELS,
    LIKELIER_THAN_NOT,
    AspectReading,
    AspectSentiment,
    decided,
)
from models.reviews.evidence import TextEvidence
from models.reviews.labels import FEWEST_STARS, LABELS, MOST_STARS
from models.reviews.names import ASPECT, HELPFUL, HELPFUL_LABELS, SENTIMENT, STARS
from models.terms import TermModel


@dataclass(frozen=True, slots=True)
class Reading:
    """What one review says.

    Attributes:
        label: the likeliest of `LABELS`.
        probabilities: negative, neutral, positive; they sum to 1. Calibrated: of readings at .8, about 80 % are right
            on data like the head's own.
        stars: estimate from 1 to 5; None where the model gives none.
        aspects: what the review speaks of.
        helpfulness: probability that readers find it helpful; None where the model does not tell.
    """

    label: str
    probabilities: tuple[float, float, float]
    stars: float | None = None
    aspects: tuple[AspectReading, ...] = ()
    helpfulness: float | None = None


class ReviewReader:
    """Sentiment of reviews, and what else its model has heads for.

    Args:
        encoder: the reviews model's trunk; the reader doesn't close it.
        heads: of the same model, by name: `sentiment`, and where they are there `stars`, `helpful` and `aspect.…`.
            Others are left alone.
        terms: of the same model, where its sentiment weighs words.

    Raises:
        HeadMismatch: there is no head for sentiment, a head's width, labels or bounds are not those of its name, or
            the terms that it weighs are missing.
    """

    def __init__(self, encoder: Encoder, heads: Mapping[str, Head], terms: TermModel | None = None) -> None:
        self._encoder = encoder
        self._heads = {name: head for name, head in heads.items() if _is_known(name)}
        self._aspects = [name for name in self._heads if name.startswith(ASPECT)]
        model = encoder.identity.id
        if SENTIMENT not in self._heads:
            raise HeadMismatch(f"{model} has no head named {SENTIMENT}, so it can't read reviews; {_TRAIN}")
        for name, head in self._heads.items():
            _require_form(name, head, model)
        require_width(self._heads, encoder.width, model)
        self._evidence = TextEvidence(self._heads, terms, model)

    @property
    def models(self) -> list[ModelIdentity]:
        """(id, version, digest) of the one model, trunk and heads."""
        return [self._encoder.identity]

    async def read(self, texts: Sequence[str]) -> list[Reading]:
        """Read reviews, each given as `review_text(title, text)` makes it.

        The same text reads the same up to rounding whatever it is batched with.

        Raises:
            TypeError, EncodingFailed, EngineClosed, EngineBroken: as `Encoder.embed`.
        """
        # Words are counted in a thread while the encoder reads.
        vectors, evidence = await asyncio.gather(
            self._encoder.embed(texts), asyncio.to_thread(self._evidence, texts)
        )
        read = {name: head(vectors, evidence.get(name)) for name, head in self._heads.items()}
        probabilities = read[SENTIMENT]
        stars = read[STARS].tolist() if STARS in read else [None] * len(texts)
        helpful = read[HELPFUL][:, 1].tolist() if HELPFUL in read else [None] * len(texts)
        aspects = self._aspects_of(read, len(texts))
        return [
            Reading(LABELS[best], (row[0], row[1], row[2]), *others)
            for best, row, *others in zip(
                probabilities.argmax(axis=1).tolist(),
                probabilities.tolist(),
                stars,
                aspects,
                helpful,
                strict=True,
            )
        ]

    def _aspects_of(
        self, read: Mapping[str, npt.NDArray[Any]], count: int
    ) -> list[tuple[AspectReading, ...]]:
        """Of each review those that it speaks of, in the order of the heads."""
        found: list[list[AspectReading]] = [[] for _ in range(count)]
        for name in self._aspects:
            labels = decided(read[name], self._heads[name].threshold or LIKELIER_THAN_NOT)
            for review in labels.nonzero()[0].tolist():
                label = int(labels[review])
                sentiment = cast("AspectSentiment", ASPECT_LABELS[label])
                probability = float(read[name][review, label])
                found[review].append(AspectReading(name.removeprefix(ASPECT), sentiment, probability))
        return [tuple(one) for one in found]


_TRAIN: Final = "train one with `shopstream train reviews`"
_STARS_BOUNDS: Final = (float(FEWEST_STARS), float(MOST_STARS))


def _is_known(name: str) -> bool:
    return name in (SENTIMENT, STARS, HELPFUL) or name.startswith(ASPECT)


def _require_form(name: str, head: Head, model: str) -> None:
    if name == STARS:
        if head.kind != "number" or head.bounds != _STARS_BOUNDS:
            raise HeadMismatch(f"head {name} of {model} gives no number from 1 to 5; {_TRAIN}")
        return
    labels = {SENTIMENT: LABELS, HELPFUL: HELPFUL_LABELS}.get(name, ASPECT_LABELS)
    if head.kind != "classes" or head.labels != labels:
        raise HeadMismatch(f"the classes of head {name} of {model} are not {', '.join(labels)}; {_TRAIN}")
