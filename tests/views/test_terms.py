"""What of a catalogue is nobody's personal data."""

import numpy as np
import pytest

from models.catalogue.catalogue import Catalogue
from models.catalogue.product import Product
from streams.views.terms import CatalogueTerms

NOW = 1_769_817_600.0
NOVEL = Product(
    id="n1", title="Harry Potter", brand="J. K. Rowling", sku="AB-1234", gtin="4006381333931", updated=NOW
)
SCENT = Product(id="s1", title="Anna", updated=NOW)


@pytest.fixture
def terms() -> CatalogueTerms:
    catalogue = Catalogue(4)
    catalogue.upsert([NOVEL, SCENT], np.eye(2, 4, dtype=np.float32))
    return CatalogueTerms(catalogue)


@pytest.mark.parametrize("text", ["harry potter", "J. K. Rowling", "ab 1234", "4006381333931"])
def test_titles_of_several_words_brands_and_numbers_are_terms(terms: CatalogueTerms, text: str) -> None:
    assert terms.is_term(text)


@pytest.mark.parametrize("text", ["Anna", "Harry", "Harry Potter and me", ""])
def test_a_title_of_one_word_is_none_nor_is_a_part_of_one(terms: CatalogueTerms, text: str) -> None:
    assert not terms.is_term(text)
