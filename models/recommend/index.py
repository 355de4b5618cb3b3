"""What recommendation needs to know of the products."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from models.catalogue.product import Product

Vectors = npt.NDArray[np.float32]


class ProductIndex(Protocol):
    """Products with their text vectors; `models.catalogue.Catalogue` is one."""

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        ...

    @property
    def mean_vector(self) -> Vectors:
        """The mean of all vectors, float32 [width]."""
        ...

    def get(self, product_id: str) -> Product | None:
        """A product as it is now."""
        ...

    def vector(self, product_id: str) -> Vectors | None:
        """A product's unit vector, float32 [width]."""
        ...

    def nearest(
        self, vector: Vectors, limit: int, allowed: Callable[[Product], bool] | None = None
    ) -> list[tuple[str, float]]:
        """Allowed products with their cosines to a unit vector, best first."""
        ...
