"""Interactions and products from files whose columns are found by name."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from models.catalogue.product import Product
from models.errors import TrainingDataError
from models.evaluation.products import read_products
from models.training.journeys import Journey
from models.training.tables import pick_column, rows_of

USER_COLUMNS: Final = ("user_id", "user", "customer_id", "customer", "visitorid", "userId")
ITEM_COLUMNS: Final = ("item_id", "product_id", "item", "product", "asin", "itemid", "sku", "StockCode")
TIME_COLUMNS: Final = ("timestamp", "time", "at", "date", "InvoiceDate", "datetime", "created_at")
ID_COLUMNS: Final = ("product_id", "item_id", "asin", "id", "sku", "StockCode")
TEXT_COLUMNS: Final = ("title", "text", "name", "product_title", "description")
SEQUENCES: Final = "item_id_list"
"""A column of files that have a user's whole history on one line."""
MILLISECONDS_FROM: Final = 1e11
"""Numbers above are milliseconds: as seconds they would be after the year 5138."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionColumns:
    """Columns that were asked for; None is the first of the usual names."""

    user: str | None = None
    item: str | None = None
    time: str | None = None
    id: str | None = None
    text: str | None = None


def read_catalog(catalog: Path, columns: InteractionColumns) -> list[Product]:
    """Products with ids and texts.

    Args:
        catalog: JSON lines as of `models.evaluation.products.read_products`, or a table with ids and texts.
        columns: by which names, if not by usual ones.

    Raises:
        TrainingDataError: it can't be read, lacks a column, which is named, or has no texts.
        EvaluationDataError: the same of JSON lines.
    """
    plain = catalog.name.removesuffix(".gz")
    if plain.endswith((".jsonl", ".ndjson")) and columns.id is None and columns.text is None:
        return read_products(catalog)
    found: dict[str, Product] = {}
    names: tuple[str, str] | None = None
    for row in rows_of(catalog):
        names = names or (
            _column(row, columns.id, ID_COLUMNS, "--id-column", catalog),
            _column(row, columns.text, TEXT_COLUMNS, "--text-column", catalog),
        )
        key, text = row.get(names[0], "").strip(), row.get(names[1], "").strip()
        if key and text:
            found[key] = Product(id=key, title=text, updated=0.0)
    if not found:
        raise TrainingDataError(f"{catalog} has no products with a text")
    return list(found.values())


def read_journeys(
    path: Path, columns: InteractionColumns, known: AbstractSet[str]
) -> tuple[list[Journey], int]:
    """What each user took, and how many interactions name products that are not `known`, which are left out.

    Args:
        path: CSV, TSV, JSON lines, RecBole's `.inter`, Parquet.
        columns: by which names, if not by usual ones.
        known: ids of the catalogue.

    Raises:
        TrainingDataError: it can't be read, lacks a column, which is named, or names none of the products.
    """
    taken: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    unknown = 0
    for user, item, at in _interactions(path, columns):
        if item in known:
            taken[user].append((at, item))
        else:
            unknown += 1
    if not taken:
        raise TrainingDataError(f"{path} names no product of the catalogue in any of {unknown} interactions")
    journeys = []
    for user in sorted(taken):
        ordered = sorted(taken[user], key=lambda one: one[0])  # of one time, as the file has them
        journeys.append(Journey(user, tuple(item for _, item in ordered), tuple(at for at, _ in ordered)))
    return journeys, unknown


def _interactions(path: Path, columns: InteractionColumns) -> Iterator[tuple[str, str, float]]:
    names: tuple[str, str, str] | None = None
    for number, row in enumerate(rows_of(path), 1):
        if names is None:
            if SEQUENCES in row:
                raise TrainingDataError(
                    f"{path} has whole histories on a line ({SEQUENCES}); name its folder as --data"
                )
            names = (
                _column(row, columns.user, USER_COLUMNS, "--user-column", path),
                _column(row, columns.item, ITEM_COLUMNS, "--item-column", path),
                _column(row, columns.time, TIME_COLUMNS, "--time-column", path),
            )
        user, item, at = (row.get(name, "").strip() for name in names)
        if user and item:
            yield user, item, _seconds(at, path, number, names[2])


def _column(row: dict[str, str], wanted: str | None, usual: Sequence[str], option: str, path: Path) -> str:
    found = pick_column(list(row), wanted, usual, option)
    if found is None:
        raise TrainingDataError(
            f"{path} has no column {usual[0]!r} or another usual name of it; name it: {option}. There are"
            f" {len(row)} columns; the first line has to name them"
        )
    return found


def _seconds(text: str, path: Path, number: int, column: str) -> float:
    """Unix seconds of a number (in seconds, milli- or microseconds) or an ISO 8601 time, without an offset in UTC."""
    try:
        value = float(text)
    except ValueError:
        try:
            time = datetime.fromisoformat(text)
        except ValueError:
            raise TrainingDataError(
                f"{path}, row {number}: {column} is neither a number nor an ISO 8601 time"
            ) from None
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    if not math.isfinite(value):
        raise TrainingDataError(f"{path}, row {number}: {column} is not finite")
    while value > MILLISECONDS_FROM:
        value /= 1000
    return value
