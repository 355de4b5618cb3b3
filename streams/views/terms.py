"""The catalogue's own terms, which only look like personal data: article numbers, brands, titles."""

from models.catalogue.catalogue import Catalogue


class CatalogueTerms:
    """`privacy`'s `ProtectedTerms`, by this worker's catalogue.

    Args:
        catalogue: whose terms stay in queries, and are nobody's name anywhere.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def is_term(self, text: str) -> bool:
        """Whether `text` is a product's SKU, GTIN, brand or title, as a customer may write it."""
        return self._catalogue.has_term(text)
