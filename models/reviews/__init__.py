"""Reviews: sentiment from an encoder's vectors. Loads no torch."""

from models.reviews.head import SHIPPED_HEAD, SentimentHead
from models.reviews.labels import LABELS, label_of_stars
from models.reviews.reader import Reading, ReviewReader
from models.reviews.text import review_text

__all__ = [
    "LABELS",
    "SHIPPED_HEAD",
    "Reading",
    "ReviewReader",
    "SentimentHead",
    "label_of_stars",
    "review_text",
]
