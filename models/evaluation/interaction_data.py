"""Interactions and a catalogue from files, cut by time: the last new product of a user is for tests.

Of each user with enough different products the last one that was new to them is the test's; of a quarter of the
users, by their hash, the one before is validation's. All that came before is learned from.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from models.catalogue.product import Product
from models.catalogue.text import product_text
from models.errors import TrainingDataError
from models.evaluation.interaction_files import InteractionColumns, read_catalog, read_journeys
from models.evaluation.recommend_data import RecommendData, Row, is_held_out, read_recommend
from models.training.journeys import Journey

LEAST_PRODUCTS: Final = 3
"""Different products of a user for whom the last is foretold: one that is learned from, one of validation, and it."""
WHERE_TO_GET_DATA: Final = (
    "--data is a table of interactions (a user, a product and a time on each line) with --catalog, or a folder as of"
    " shopstream evaluate recommend. Shopstream's figures are for UCI Online Retail, doi 10.24432/C5BW33, CC BY 4.0"
)

LAST: Final = (
    "Of each user the last new product is the test's; of a quarter of them, by their hash, the one before is"
    " validation's."
)
AS_GIVEN: Final = (
    "The folder's valid.inter is the test; validation are train rows of a quarter of the users, by hash."
)


@dataclass(frozen=True, slots=True)
class InteractionData:
    """What a projection learns from, and what it is judged on.

    Attributes:
        products: the catalogue.
        learned: journeys without what validation and test foretell.
        validation: a quarter of the users, by their hash, with the last product of what the test leaves.
        test: each user's last new product.
        unknown: interactions with products that the catalogue lacks, which are left out.
        split: how test and validation were made, for cards.
        digest: SHA-256 (hex) of texts and journeys.
    """

    products: tuple[Product, ...]
    learned: tuple[Journey, ...]
    validation: RecommendData
    test: RecommendData
    unknown: int
    split: str
    digest: str

    def facts(self) -> dict[str, Any]:
        """For reports: how much of the data is in which part."""
        return {
            "digest": self.digest,
            "products": len(self.products),
            "users": len(self.learned),
            "unknown_products": self.unknown,
            "split": self.split,
            "parts": {
                "train": {"interactions": sum(len(one.products) for one in self.learned)},
                "validation": {"users": len(self.validation.judged)},
                "test": {"users": len(self.test.judged)},
            },
        }


def read_interactions(data: Path, catalog: Path | None, columns: InteractionColumns) -> InteractionData:
    """Read a table and a catalogue, or a folder as of `models.evaluation.recommend_data`.

    Args:
        data: CSV, TSV, JSON lines, RecBole's `.inter`, Parquet; or a folder, whose valid.inter is the test.
        catalog: JSON lines as of `models.evaluation.products.read_products`, or a table with ids and texts.
        columns: by which names, if not by usual ones.

    Raises:
        TrainingDataError: a file can't be read, lacks a column, which is named, or has too few interactions.
        EvaluationDataError: the same of a folder, or of JSON lines of products.
    """
    if data.is_dir():
        return _of_folder(data)
    if catalog is None:
        raise TrainingDataError(f"{data.name} is a table of interactions, so name its products: --catalog")
    products = read_catalog(catalog, columns)
    journeys, unknown = read_journeys(data, columns, {product.id for product in products})
    return interaction_data(products, journeys, unknown)


def interaction_data(
    products: Sequence[Product], journeys: Sequence[Journey], unknown: int = 0
) -> InteractionData:
    """Cut journeys into parts.

    Raises:
        TrainingDataError: a part has nothing.
    """
    before_test, test = _left_out(products, journeys, lambda _: True, LEAST_PRODUCTS)
    before_validation, validation = _left_out(products, before_test, is_held_out, LEAST_PRODUCTS - 1)
    return _checked(tuple(products), before_validation, validation, test, unknown, LAST)


def _of_folder(folder: Path) -> InteractionData:
    validation, test = read_recommend(folder, "train"), read_recommend(folder, "valid")
    learned = [
        Journey(user, products, tuple(map(float, range(len(products)))))
        for user, products in validation.known
    ]
    return _checked(test.products, learned, validation, test, 0, AS_GIVEN)


def _checked(
    products: tuple[Product, ...],
    learned: Sequence[Journey],
    validation: RecommendData,
    test: RecommendData,
    unknown: int,
    split: str,
) -> InteractionData:
    enough = any(len(set(journey.products)) > 1 for journey in learned)
    if not enough or not validation.judged or not test.judged:
        raise TrainingDataError(
            "too few interactions to train, validate and test on: some fifty users with"
            f" {LEAST_PRODUCTS} different products or more of the catalogue are the least"
        )
    facts = [
        [[one.id, product_text(one)] for one in products],
        *[[one.user, one.products, one.times] for one in learned],
        *[
            [row.user, row.history, row.target, row.times]
            for part in (validation, test)
            for row in part.judged
        ],
    ]
    digest = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
    return InteractionData(products, tuple(learned), validation, test, unknown, split, digest)


def _left_out(
    products: Sequence[Product], journeys: Iterable[Journey], judges: Callable[[str], bool], least: int
) -> tuple[list[Journey], RecommendData]:
    """Journeys up to what is foretold, and the rows that foretell it."""
    kept, rows = [], []
    for journey in journeys:
        first = {product: place for place, product in reversed(list(enumerate(journey.products)))}
        if len(first) < least or not judges(journey.user):
            kept.append(journey)
            continue
        place = max(first.values())
        history, times = journey.products[:place], journey.times[:place]
        kept.append(Journey(journey.user, history, times))
        rows.append(Row(journey.user, history, journey.products[place], times))
    known = tuple((journey.user, journey.products) for journey in kept)
    return kept, RecommendData(tuple(products), known, tuple(rows), held_out=True)
