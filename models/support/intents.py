"""What tickets are about, by a model that was trained for it: one forward of its encoder, then one head."""

import asyncio
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from models.engine.encoder import Encoder
from models.engine.requests import Priority
from models.errors import HeadMismatch
from models.heads import Floats, Head, require_width
from models.identity import ModelIdentity
from models.terms import TermModel, terms_of

INTENT: Final = "intent"
"""Name of the head."""
NO_INTENT: Final = "none"
"""What is said of a text that is about none of the head's intents."""
LONGEST_CODE: Final = 60

_NO_CODE = re.compile(r"[^a-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class IntentReading:
    """What one text is about.

    Attributes:
        label: the likeliest intent, or `NO_INTENT` where that is less probable than the head's threshold.
        confidence: calibrated probability of the likeliest intent, whether or not it is said.
    """

    label: str
    confidence: float


class IntentReader:
    """Reads what texts are about.

    Args:
        encoder: of the intent model; the reader doesn't close it.
        heads: of the same model, by name; `intent` is the one that is used.
        terms: its linear model over words, where it has one.

    Raises:
        HeadMismatch: there is no such head, it is no classifier, its width is not the encoder's, or the terms that it
            weighs are missing.
    """

    def __init__(self, encoder: Encoder, heads: Mapping[str, Head], terms: TermModel | None = None) -> None:
        head = heads.get(INTENT)
        name = encoder.identity.id
        if head is None or head.kind != "classes":
            raise HeadMismatch(
                f"{name} has no classifier named {INTENT}; train one with `shopstream train support`"
            )
        require_width({INTENT: head}, encoder.width, name)
        self._encoder = encoder
        self._head = head
        self._terms = terms_of(head, terms, name)

    @property
    def identity(self) -> ModelIdentity:
        """The model, trunk and head."""
        return self._encoder.identity

    @property
    def labels(self) -> tuple[str, ...]:
        """The intents that it knows."""
        return self._head.labels

    @property
    def threshold(self) -> float:
        """Least probability of an intent that is said."""
        return self._head.threshold

    async def read(self, texts: Sequence[str]) -> list[IntentReading]:
        """Read tickets, each given as `ticket_text` makes it.

        Raises:
            TypeError, EncodingFailed, EngineClosed, EngineBroken: as `Encoder.embed`.
        """
        # Words are counted in a thread while the encoder reads.
        vectors, evidence = await asyncio.gather(
            self._encoder.embed(texts, Priority.TICKET), asyncio.to_thread(self._evidence, texts)
        )
        return readings(self._head, self._head(vectors, evidence))

    def probabilities_now(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Probabilities [n, intents] in the order of `labels`; waits, for plain code."""
        return self._head(self._encoder.embed_now(texts), self._evidence(texts))

    def _evidence(self, texts: Sequence[str]) -> Floats | None:
        return None if self._terms is None else self._terms(texts)


def readings(head: Head, probabilities: npt.NDArray[np.float64]) -> list[IntentReading]:
    """What is said of probabilities [n, intents]."""
    best = probabilities.argmax(axis=1)
    said = zip(best.tolist(), probabilities.max(axis=1).tolist(), strict=True)
    return [
        # Rows sum to 1 up to rounding.
        IntentReading(head.labels[one] if chance >= head.threshold else NO_INTENT, min(1.0, chance))
        for one, chance in said
    ]


def intent_code(label: str) -> str:
    """A category as results name it: small letters a to z, digits, and `_.-`; all else becomes `_`.

    `Refund / not received?` becomes `refund_not_received`. Empty where nothing of it is left.
    """
    folded = unicodedata.normalize("NFKC", label).casefold()
    return _NO_CODE.sub("_", folded).strip("_.-")[:LONGEST_CODE].rstrip("_.-")
