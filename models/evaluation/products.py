"""Products and judgments from files: Shopstream's own catalogue events, or as others name such fields."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from models.catalogue.product import AttributeValue, Product
from models.evaluation.errors import EvaluationDataError
from models.evaluation.lines import json_lines

ID_FIELDS = ("product_id", "asin", "id")
GAIN_FIELDS = ("gain", "relevance")
ATTRIBUTE_FIELDS = ("color", "colour", "size", "material")

Judgments = dict[str, dict[str, float]]
"""Of each query, the gain of each judged product; products that aren't there gain nothing."""


def read_products(path: Path) -> list[Product]:
    """A catalogue from JSON lines, optionally gzipped.

    A line has an id (`product_id`, `asin` or `id`) and a `title`; if it has them, `description`, `bullet_points`,
    `brand`, `categories` (a list), `category` (a name, or the parts of one path), `attributes`, `color`, `price` (a
    number, a text, or `amount` with `currency`), `stock`, `language`, `replenishable`. Lines without a title are
    skipped; of an id that comes twice the last line counts.

    Raises:
        EvaluationDataError: no such file, a line without an id, or no products.
    """
    found: dict[str, Product] = {}
    for number, row in json_lines(path):
        key = _id(row, path, number)
        title = _text(row.get("title"))
        if title:
            found[key] = _product(key, title, row)
    if not found:
        raise EvaluationDataError(f"{path} has no products with a title")
    return list(found.values())


def read_judgments(path: Path) -> Judgments:
    """Judgments from JSON lines: `query`, an id as in `read_products`, and `gain` or `relevance`, at least 0.

    Raises:
        EvaluationDataError: no such file, a line lacks one of them, or no judgments.
    """
    found: Judgments = defaultdict(dict)
    for number, row in json_lines(path):
        query = row.get("query")
        gain = next((row[name] for name in GAIN_FIELDS if name in row), None)
        if not isinstance(query, str) or not query.strip():
            raise EvaluationDataError(f"{path}, line {number}: no query")
        if isinstance(gain, bool) or not isinstance(gain, int | float) or gain < 0:
            raise EvaluationDataError(f"{path}, line {number}: gain must be a number, at least 0")
        found[query][_id(row, path, number)] = float(gain)
    if not found:
        raise EvaluationDataError(f"{path} has no judgments")
    return dict(found)


def _product(key: str, title: str, row: Mapping[str, Any]) -> Product:
    amount, currency = _price(row)
    stock = row.get("stock")
    brand, language = _text(row.get("brand")), _text(row.get("language"))
    return Product(
        id=key,
        title=title,
        updated=0.0,
        description="\n".join(
            part for part in (_text(row.get("bullet_points")), _text(row.get("description"))) if part
        ),
        brand=brand or None,
        categories=tuple(_categories(row)),
        attributes=dict(_attributes(row)),
        price=amount,
        currency=currency,
        stock=stock if isinstance(stock, int) and not isinstance(stock, bool) else None,
        language=language or None,
        replenishable=row.get("replenishable") is True,
    )


def _id(row: Mapping[str, Any], path: Path, number: int) -> str:
    for name in ID_FIELDS:
        value = row.get(name)
        if isinstance(value, str | int) and str(value).strip():
            return str(value)
    raise EvaluationDataError(f"{path}, line {number}: no id; one of {', '.join(ID_FIELDS)} is needed")


def _text(value: object) -> str:
    """A text, or the texts of a list one below the other."""
    if isinstance(value, list):
        return "\n".join(part.strip() for part in value if isinstance(part, str) and part.strip())
    return value.strip() if isinstance(value, str) else ""


def _categories(row: Mapping[str, Any]) -> Iterator[str]:
    several, path = row.get("categories"), row.get("category")
    if isinstance(several, list):
        yield from (name for name in several if isinstance(name, str) and name.strip())
    if isinstance(path, list):
        path = " > ".join(part for part in path if isinstance(part, str) and part.strip())
    if isinstance(path, str) and path.strip():
        yield path


def _attributes(row: Mapping[str, Any]) -> Iterator[tuple[str, AttributeValue]]:
    for name in ATTRIBUTE_FIELDS:
        if value := _text(row.get(name)):
            yield name, value
    given = row.get("attributes")
    for name, value in given.items() if isinstance(given, dict) else ():
        if isinstance(value, list):
            yield name, tuple(part for part in value if isinstance(part, str))
        elif isinstance(value, str | bool | int | float):
            yield name, value


def _price(row: Mapping[str, Any]) -> tuple[Decimal | None, str | None]:
    price: Any = row.get("price")
    currency: Any = row.get("currency")
    if isinstance(price, dict):
        price, currency = price.get("amount"), price.get("currency")
    if isinstance(price, bool) or not isinstance(price, str | int | float):
        return None, None
    try:
        amount = Decimal(str(price))
    except InvalidOperation:
        return None, None
    return (amount, currency if isinstance(currency, str) else None) if amount.is_finite() else (None, None)
