"""Review events for the benchmarks: real texts where a data folder is named, else plausible ones."""

import csv
import gzip
import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

import orjson

DATA = Path(os.environ.get("SHOPSTREAM_REVIEWS", "../shared/data/womens_clothing/reviews.csv.gz"))
"""CSV with "Review Text" (the Women's E-Commerce Clothing Reviews of Kaggle, CC0); SHOPSTREAM_REVIEWS names another."""

SAMPLE = (
    "the dress fits well and color is lovely but fabric feels thin after first wash i ordered small usually wear "
    "medium sleeves are long waist sits high very soft would buy again size runs large returned it comfortable"
)
WORDS = SAMPLE.split()


def review_texts(count: int) -> Iterator[str]:
    """That many review texts, about 300 characters each."""
    if DATA.exists():
        with gzip.open(DATA, "rt", newline="") as file:
            texts = [row["Review Text"] for row in csv.DictReader(file) if row["Review Text"]]
        return islice(cycle(texts), count)
    chance = random.Random(7)
    return (" ".join(chance.choices(WORDS, k=chance.randint(20, 90))) for _ in range(count))


def review_events(count: int) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of review events."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number, text in enumerate(review_texts(count)):
        user = f"u{number % 4999}"
        event = {
            "id": f"r{number}",
            "time": (start + timedelta(seconds=number)).isoformat(),
            "product_id": f"p{number % 1009}",
            "user_id": user,
            "text": text,
            "rating": number % 5 + 1,
        }
        yield user.encode(), orjson.dumps(event)
