"""What a review may speak of besides the whole: sides of a product or of the purchase, each with a sentiment."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

ASPECTS = ("fit", "quality", "price", "delivery", "service", "look", "comfort", "function")
"""Those of the shipped model; a shop's own may know others."""

ASPECT_LABELS = ("absent", "negative", "mixed", "positive")
"""In the order of every row of probabilities."""

LIKELIER_THAN_NOT: Final = 0.5

AspectSentiment = Literal["negative", "mixed", "positive"]


@dataclass(frozen=True, slots=True)
class AspectReading:
    """What a review says about one aspect.

    Attributes:
        aspect: its name.
        sentiment: the likeliest, given that the review speaks of the aspect.
        probability: that the review says this about it.
    """

    aspect: str
    sentiment: AspectSentiment
    probability: float


def decided(
    probabilities: npt.NDArray[np.float64], threshold: float = LIKELIER_THAN_NOT
) -> npt.NDArray[np.int64]:
    """Indices [n] into `ASPECT_LABELS` of rows [n, 4]: absent unless being there is likelier than the threshold.

    Not the likeliest of four: where the sentiment is in doubt, its three shares would each lose against absence.
    """
    there: npt.NDArray[np.bool_] = probabilities[:, 0] < 1 - threshold
    return np.where(there, probabilities[:, 1:].argmax(axis=1) + 1, 0).astype(np.int64)
