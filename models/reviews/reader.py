"""Read reviews: one forward of the encoder for all that is to be known of them, then the heads."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.engine.encoder import Encoder
from models.identity import ModelIdentity
from models.reviews.head import SentimentHead
from models.reviews.labels import LABELS

_SENTIMENT = "sentiment"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one review says.

    Attributes:
        label: the likeliest of `LABELS`.
        probabilities: negative, neutral, positive; they sum to 1. Calibrated: of readings at .8, about 80 % are right
            on data like the head's own.
    """

    label: str
    probabilities: tuple[float, float, float]


class ReviewReader:
    """Sentiment of reviews.

    Args:
        encoder: what makes vectors; the reader doesn't close it.
        head: the shipped head, where None.

    Raises:
        HeadMismatch: the head was trained for another encoder.
    """

    def __init__(self, encoder: Encoder, head: SentimentHead | None = None) -> None:
        self._encoder = encoder
        self._head = head or SentimentHead.load()
        self._head.require_encoder(encoder.identity)

    @property
    def models(self) -> list[ModelIdentity]:
        """(id, version, digest) of the encoder and of the head."""
        return [self._encoder.identity, self._head.identity]

    async def read(self, texts: Sequence[str]) -> list[Reading]:
        """Read reviews, each given as `review_text(title, text)` makes it.

        The same text reads the same up to rounding whatever it is batched with.

        Raises:
            TypeError, EncodingFailed, EngineClosed, EngineBroken: as `Encoder.embed`.
        """
        read = await self._encoder.read(texts, {_SENTIMENT: self._head.probabilities})
        probabilities = read[_SENTIMENT]
        return [
            Reading(LABELS[best], (row[0], row[1], row[2]))
            for best, row in zip(probabilities.argmax(axis=1).tolist(), probabilities.tolist(), strict=True)
        ]
