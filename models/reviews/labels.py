"""The three classes of a review's sentiment, and what stars they stand for."""

LABELS = ("negative", "neutral", "positive")
"""In the order of every probability triple."""

FEWEST_STARS, MOST_STARS = 1, 5


def label_of_stars(stars: int) -> int:
    """Index into `LABELS`: 1-2 stars negative, 3 neutral, 4-5 positive.

    Raises:
        ValueError: stars outside 1..5.
    """
    if not FEWEST_STARS <= stars <= MOST_STARS:
        raise ValueError(f"stars must be {FEWEST_STARS} to {MOST_STARS}")
    return (0, 0, 1, 2, 2)[stars - 1]
