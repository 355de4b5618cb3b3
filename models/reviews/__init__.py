"""Reviews: sentiment, stars and aspects from one encoder's vectors. Loads no torch."""

from models.reviews.aspects import ASPECT_LABELS, ASPECTS, AspectReading, decided
from models.reviews.labels import LABELS, label_of_stars
from models.reviews.reader import Reading, ReviewReader
from models.reviews.text import review_text

__all__ = [
    "ASPECTS",
    "ASPECT_LABELS",
    "LABELS",
    "AspectReading",
    "Reading",
    "ReviewReader",
    "decided",
    "label_of_stars",
    "review_text",
]
