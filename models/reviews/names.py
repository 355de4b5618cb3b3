"""Names of the heads that read reviews."""

from typing import Final

SENTIMENT: Final = "sentiment"
STARS: Final = "stars"
HELPFUL: Final = "helpful"
ASPECT: Final = "aspect."
"""An aspect's head is called this and the aspect."""
HELPFUL_LABELS: Final = ("unhelpful", "helpful")
