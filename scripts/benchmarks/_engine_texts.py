"""Texts for the benchmarks of the engine: real ones where the data sets are there, else the made-up shop's."""

from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from random import Random

from models.catalogue.text import product_text
from models.engine.tokenising import Tokeniser
from models.evaluation.products import read_judgments, read_products
from models.reviews import review_text
from scripts.benchmarks._reviews import DATA
from scripts.reviews_from_csv import Form, NotAReview, reviews, rows_of
from streams.contracts.events import Review
from streams.demo.shop.plan import Plan

SEARCHES = Path("../shared/data/esci_small")
"""A part of github.com/amazon-science/esci-data (Apache-2.0): `products.jsonl.gz` and `judgments.jsonl`."""
SHOP_SCALE = 4
"""Of the made-up shop: about 4,800 reviews."""
SPECIAL_TOKENS = 2


def review_events(path: Path = DATA) -> Iterator[Review]:
    """All reviews of the data set, else those of the made-up shop."""
    if path.is_file():
        form = Form()
        return (one for one in reviews(rows_of(path, form), form) if not isinstance(one, NotAReview))
    return (
        one.event
        for one in Plan(scale=SHOP_SCALE).sendings()
        if isinstance(one.event, Review) and not one.resend
    )


def review_texts(count: int, path: Path = DATA) -> list[str]:
    """That many reviews, title and text as the review agent hands them to its encoder; repeated if there are fewer."""
    return list(
        islice(
            cycle(
                review_text(one.title.reveal() if one.title else None, one.text.reveal())
                for one in review_events(path)
            ),
            count,
        )
    )


def origin(path: Path = DATA) -> str:
    """Where the reviews come from."""
    return str(path) if path.is_file() else "the made-up shop"


def queries(count: int, folder: Path = SEARCHES) -> list[str]:
    """That many searches, repeated if there are fewer."""
    path = folder / "judgments.jsonl"
    if path.is_file():
        return list(islice(cycle(read_judgments(path)), count))
    return list(islice(cycle(one.event.text.reveal() for one in Plan().queries()), count))


def products(count: int, folder: Path = SEARCHES) -> list[str]:
    """That many products as the catalogue hands them to its encoder, repeated if there are fewer."""
    path = folder / "products.jsonl.gz"
    if path.is_file():
        return list(islice(cycle(product_text(one) for one in read_products(path)), count))
    return list(
        islice(cycle(f"{one.item.title}. {one.item.description}" for one in Plan().catalogue()), count)
    )


class ExactTexts:
    """Texts of an exact number of tokens, made of words that are one token each.

    Args:
        tokeniser: counts.
        texts: where words come from.
    """

    def __init__(self, tokeniser: Tokeniser, texts: Sequence[str]) -> None:
        words = [word for text in texts for word in text.split()]
        rows = tokeniser.rows(words)
        single = [word for word, row in zip(words, rows, strict=True) if len(row.ids) == SPECIAL_TOKENS + 1]
        self._words = single
        self._random = Random(0)

    def take(self, tokens: int, count: int) -> list[str]:
        """So many texts of so many tokens, special ones included; no two are equal, which an engine would notice."""
        found: set[str] = set()
        while len(found) < count:
            found.add(" ".join(self._random.choices(self._words, k=tokens - SPECIAL_TOKENS)))
        return sorted(found)
