"""A few products with vectors that stand for two kinds of things, outdoor and kitchen."""

from decimal import Decimal

import numpy as np

from models.catalogue import Catalogue, Product
from models.catalogue.vectors import Vectors, unit

WIDTH = 16
OUTDOOR, KITCHEN = np.eye(WIDTH, dtype=np.float32)[:2]

PRODUCTS = (
    Product(
        "boots", "Waterproof hiking boots", 1.0, "Leather, for long tours.", "Alpina", ("Outdoor > Hiking > Boots",),
        {"colour": "Brown", "size": 42, "vegan": False}, Decimal("129.90"), "EUR", 3,
    ),
    Product(
        "poles", "Folding trekking poles", 1.0, "Light, of carbon.", "Alpina", ("Outdoor > Hiking > Poles",),
        {"colour": ("black", "red")}, Decimal("59.00"), "EUR", 0,
    ),
    Product("zh", "防水登山鞋 男款", 1.0, "真皮", "远山", ("户外",), language="zh"),
    Product(
        "kettle", "Electric kettle", 1.0, "1.7 litres, of steel.", "Brewster", ("Kitchen > Kettles",),
        {"colour": "steel", "size": 2}, Decimal("39.50"), "EUR", None,
    ),
    Product(
        "teapot", "Glass teapot", 1.0, "Fits beside any kettle.", "Brewster", ("Kitchen > Tea",),
        {"colour": "clear"}, Decimal("24.00"), "USD", 5, replenishable=True,
    ),
    Product("apron", "Cotton apron", 1.0, "For cooks.", None, ("Kitchen",)),
)  # fmt: skip

_KINDS = (OUTDOOR, OUTDOOR, OUTDOOR, KITCHEN, KITCHEN, KITCHEN)


def unit_vectors(count: int, width: int, seed: int) -> Vectors:
    """Random directions."""
    return unit(np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32))


def vectors() -> Vectors:
    """Those of `PRODUCTS`: each near its kind."""
    return unit(np.stack(_KINDS) + 0.3 * unit_vectors(len(PRODUCTS), WIDTH, seed=0))


def filled() -> Catalogue:
    """A catalogue of `PRODUCTS`, committed."""
    catalogue = Catalogue(WIDTH)
    catalogue.upsert(PRODUCTS, vectors())
    catalogue.commit()
    return catalogue
