"""How sure a tagger must be: what is added to its logit of "outside", chosen on validation.

It is chosen twice, in float32 and by the model as it will run, since 8 bits move logits: of two formats, one may find
half as much again in texts without personal data as the other.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.engine.backend import Lane, Precision, Row
from models.engine.choosing.references import forward
from models.engine.loading import LoadOptions, load_model
from models.engine.spans import spans_of
from models.training.pii_batches import Encoded
from models.training.pii_scores import Counts, counts_of
from models.training.pii_text import LABELS, Entity

CAUTIONS = tuple(step / 4 for step in range(-4, 33))

Logits = Sequence[npt.NDArray[np.floating]]
"""Of each text [tokens, classes]."""


class Allowed(NamedTuple):
    """Most spans in a clean text: on average over the files, each of which counts alike, and in any one of them."""

    on_average: float
    in_a_file: float

    def holds(self, rates: Sequence[float]) -> bool:
        """Whether files of these rates are within it."""
        return not rates or (max(rates) <= self.in_a_file and sum(rates) / len(rates) <= self.on_average)


@dataclass(frozen=True, slots=True)
class Read:
    """Texts, and the logits that a tagger has for them."""

    encoded: Encoded
    logits: Logits

    def found(self, caution: float) -> list[list[Entity]]:
        """What the engine would find by these logits, `caution` added to that of "outside"."""
        of_each = zip(self.encoded.texts, self.encoded.offsets, self.logits, strict=True)
        return [
            [
                Entity(one.begin, one.end, one.label)
                for one in spans_of(text.text, offsets, row, LABELS, caution)
            ]
            for text, offsets, row in of_each
        ]

    def counts(self, caution: float) -> Counts:
        """How that compares with the labels, all texts together."""
        both = zip(self.encoded.texts, self.found(caution), strict=True)
        return sum((counts_of(text.entities, spans) for text, spans in both), start=Counts())

    def rate(self, caution: float) -> float:
        """Spans found in one text."""
        return sum(map(len, self.found(caution))) / len(self.encoded.texts)


@contextmanager
def as_it_runs(
    folder: Path, running: LoadOptions
) -> Iterator[tuple[str, Precision, Callable[[Encoded], Read]]]:
    """What reads texts by a written tagger, on the backend and in the number format that a worker would take.

    Args:
        folder: of the tagger.
        running: what a worker's models run on.

    Returns:
        What it runs on, the number format of that, and the function.

    Raises:
        ModelError: nothing can run it here.
    """
    model = load_model("tagger", f"path:{folder}", "tag", **running)

    def read(encoded: Encoded) -> Read:
        return Read(encoded, forward(model.backend, [Row(list(ids)) for ids in encoded.ids], Lane.BULK))

    try:
        yield model.runs_on, model.backend.precision, read
    finally:
        model.backend.close()


def best_caution(labelled: Sequence[Read], clean: Sequence[Read], allowed: Allowed) -> float:
    """The caution of greatest F2 by characters, of those that find no more than is allowed in clean texts.

    Where none does, the greatest there is.

    Args:
        labelled: labelled texts of the validation part.
        clean: texts without personal data, by file; none leaves F2 alone to decide.
        allowed: how much may be found in them.
    """
    holding = [one for one in CAUTIONS if allowed.holds([file.rate(one) for file in clean])]
    return max(
        holding,
        key=lambda one: sum((read.counts(one) for read in labelled), start=Counts()).f2,
        default=CAUTIONS[-1],
    )
