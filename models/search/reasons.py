"""Why a product was found: only what is true of it."""

from collections.abc import Sequence

from models.catalogue.analysis import is_cjk, terms_of
from models.catalogue.lexical import QueryTerm
from models.catalogue.product import Product
from models.ranking import Because

TEXT_MATCH = "text_match"
MEANING = "meaning"
CODE = "code"
PERSONAL = "personal"

LEAST_PERSONAL = 0.01
"""Fraction of the score from which on the personal part is worth naming."""


def matched_words(terms: Sequence[QueryTerm], product: Product) -> list[str]:
    """The query's words that are in a product's title, as the user wrote them, or corrected."""
    title = set(terms_of(product.title))
    words: list[str] = []
    for one in terms:
        if one.term in title:
            words.append(one.word)
        else:
            words += [other.word for other in one.corrections if other.term in title]
    return _whole(words)


def reasons_for(
    product: Product, terms: Sequence[QueryTerm], parts: dict[str, float], drivers: tuple[str, ...]
) -> tuple[Because, ...]:
    """A product's reasons, that with the greater part of the score first.

    Args:
        product: what was found.
        terms: the query's words.
        parts: `lexical`, `vector`, `personal`, and `code` where the query names the product.
        drivers: products of the user's history that speak for it.
    """
    reasons: list[tuple[float, Because]] = []
    if parts.get(CODE):
        reasons.append((parts[CODE], Because(CODE, note="named by id, SKU or GTIN")))
    if parts["lexical"] > 0:
        words = matched_words(terms, product)
        note = (
            f"in the title: {', '.join(words)}" if words else "in brand, category, attributes or description"
        )
        reasons.append((parts["lexical"], Because(TEXT_MATCH, note=note)))
    elif parts["vector"] > 0:
        reasons.append((parts["vector"], Because(MEANING)))
    if drivers and parts["personal"] >= LEAST_PERSONAL * sum(parts.values()):
        reasons.append((parts["personal"], Because(PERSONAL, products=drivers)))
    return tuple(reason for _, reason in sorted(reasons, key=lambda one: -one[0]))


def _whole(words: Sequence[str]) -> list[str]:
    """Overlapping pairs of Chinese, Japanese or Korean put together again."""
    whole: list[str] = []
    for word in words:
        if whole and is_cjk(word) and is_cjk(whole[-1]) and whole[-1][-1] == word[0]:
            whole[-1] += word[1:]
        else:
            whole.append(word)
    return whole
