"""All products that can be found, in this process: by id, by words, by vector."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from models.catalogue.facets import FacetTable, Mask, Required, facets_of
from models.catalogue.lexical import LexicalIndex, QueryTerm
from models.catalogue.product import Product
from models.catalogue.text import (
    FIELD_BOOSTS,
    SPELLING_FIELDS,
    code_forms,
    field_texts,
    same_text,
    term_form,
    term_forms,
)
from models.catalogue.vectors import VectorIndex, Vectors

LEAST_CODE = 6
"""Characters of a code that counts as a word among others."""


class Catalogue:
    """Products with their vectors, searched by words (BM25) and by meaning (exact cosine).

    One thread changes it (`upsert`, `delete`), in practice the event loop in chunks of at most 256 products. `commit`
    may run in a worker thread while searches go on, but never while `upsert` or `delete` run: the caller awaits it
    before the next change. Vectors, prices and stock count at once, words from the next `commit` on; a deleted
    product is gone at once.

    Args:
        width: numbers in a vector.

    Attributes:
        text_generation: moves whenever the same query may find other products than before: when a product comes or
            goes, when its text or vector changes, and when a commit makes words searchable. Price and stock don't
            move it.
    """

    def __init__(self, width: int) -> None:
        self.text_generation = 0
        self._products: dict[str, Product] = {}
        self._vectors = VectorIndex(width)
        self._lexical = LexicalIndex(FIELD_BOOSTS, SPELLING_FIELDS)
        self._facets = FacetTable()
        self._terms: Counter[str] = Counter()
        self._codes: defaultdict[str, set[str]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._products)

    def __contains__(self, key: object) -> bool:
        return key in self._products

    def __iter__(self) -> Iterator[str]:
        return iter(self._products)

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return self._vectors.width

    @property
    def uncommitted(self) -> bool:
        """Whether words wait for `commit`."""
        return self._lexical.pending

    @property
    def mean_vector(self) -> Vectors:
        """The mean of all products' vectors, float32 [width]; zero without products."""
        return self._vectors.mean

    def upsert(self, products: Sequence[Product], vectors: Vectors) -> None:
        """Add products or replace them.

        Args:
            products: of an id that comes twice the last counts.
            vectors: of their `product_text`, float32 [n, width].

        Raises:
            ValueError: the vectors have another shape or aren't finite; nothing was changed then.
        """
        for product, row in zip(products, self._vectors.checked(len(products), vectors), strict=True):
            known = self._products.get(product.id)
            self._products[product.id] = product
            self._name(product, known)
            if known is not None and code_forms(known) != code_forms(product):
                self.text_generation += 1
            if self._vectors.put(product.id, row):
                self.text_generation += 1
            if known is None or not same_text(known, product):
                facets = facets_of(product)
                self._lexical.add(product.id, field_texts(product), facets)
                self._facets.put(self._slot(product.id), facets)
                self.text_generation += 1

    def delete(self, ids: Iterable[str]) -> None:
        """Forget products; unknown ids are skipped."""
        for key in ids:
            if (known := self._products.pop(key, None)) is not None:
                self._name(None, known)
                self._facets.remove(self._slot(key))
                self._vectors.delete([key])
                self._lexical.delete(key)
                self.text_generation += 1

    def commit(self) -> None:
        """Make text changes searchable; does nothing where there are none."""
        if self._lexical.pending:
            self._lexical.commit()
            self.text_generation += 1

    def has_term(self, text: str) -> bool:
        """Whether `text` is a product's SKU, GTIN, brand or title of several words, whatever its case and hyphens."""
        return self._terms[term_form(text)] > 0

    def coded(self, query: str) -> list[str]:
        """Ids of the products that a query names exactly, by id, SKU or GTIN.

        The whole query may be such a code, or a word of it that is long enough not to be a size or a year.
        """
        found: dict[str, None] = {}
        for part in (query, *query.split()):
            form = term_form(part)
            if part is query or len(form) >= LEAST_CODE:
                found.update(dict.fromkeys(sorted(self._codes.get(form, ()))))
        return list(found)

    def get(self, product_id: str) -> Product | None:
        """A product as it is now."""
        return self._products.get(product_id)

    def vector(self, product_id: str) -> Vectors | None:
        """A product's unit vector, float32 [width]."""
        return self._vectors.get(product_id)

    def vectors(self, ids: Sequence[str]) -> Vectors:
        """Vectors of several products, float32 [n, width]; zero for unknown ones."""
        return self._vectors.rows(ids)

    def query_terms(self, query: str) -> list[QueryTerm]:
        """The words of a query as the index knows them, corrected where it knows none."""
        return self._lexical.query_terms(query)

    def lexical(
        self, query: str | Sequence[QueryTerm], limit: int, required: Required = ()
    ) -> list[tuple[str, float]]:
        """Products with any word of the query and their BM25 scores, best first.

        Args:
            query: a text, or its `query_terms`.
            limit: most products to give.
            required: facets; only products that have them are looked at, so the limit counts those alone.
        """
        terms = self._lexical.query_terms(query) if isinstance(query, str) else query
        return self._lexical.search(terms, limit, required)

    def nearest(
        self, vector: Vectors, limit: int, allowed: Callable[[Product], bool] | None = None
    ) -> list[tuple[str, float]]:
        """Products with their cosines to a unit vector [width], best first.

        Args:
            vector: what to be near to.
            limit: most products to give.
            allowed: asked from the nearest product down, until enough have passed.
        """
        if allowed is None:
            return self._vectors.nearest(vector, limit)
        products, test = self._products, allowed
        return self._vectors.nearest(vector, limit, lambda key: key in products and test(products[key]))

    def similarities(self, vectors: Vectors) -> Vectors:
        """Cosines of unit vectors [q, width] to all slots, float32 [q, slots]; for `best` and `cosines`."""
        return self._vectors.similarities(vectors)

    def best(self, similarities: Vectors, limit: int, required: Required = ()) -> list[tuple[str, float]]:
        """The nearest products by one row of `similarities`, only those that have the required facets."""
        mask: Mask | None = self._facets.mask(required, len(similarities)) if required else None
        return self._vectors.top(similarities, limit, mask)

    def cosines(self, similarities: Vectors, ids: Sequence[str]) -> Vectors:
        """Of products, from one row of `similarities`, float32 [n]; -1 for those without a vector there."""
        slots = [self._vectors.slot(key) for key in ids]
        values = [-1.0 if slot is None or slot >= len(similarities) else similarities[slot] for slot in slots]
        return np.maximum(np.asarray(values, np.float32), -1)

    def _name(self, product: Product | None, known: Product | None) -> None:
        """Exchanges what names a product."""
        if known is not None:
            for form in term_forms(known):
                self._terms[form] -= 1
                if not self._terms[form]:
                    del self._terms[form]
            for form in code_forms(known):
                self._codes[form].discard(known.id)
                if not self._codes[form]:
                    del self._codes[form]
        if product is not None:
            self._terms.update(term_forms(product))
            for form in code_forms(product):
                self._codes[form].add(product.id)

    def _slot(self, product_id: str) -> int:
        slot = self._vectors.slot(product_id)
        if slot is None:
            raise KeyError(product_id)
        return slot
