"""Candidates by words and by meaning, fused. Knows text, not prices, stock or users, so its result can be kept."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.catalogue.catalogue import Catalogue
from models.catalogue.facets import Required
from models.catalogue.lexical import QueryTerm
from models.catalogue.vectors import Vectors

NAMED = 2.0
"""Score of being named by the query: more than words, meaning and taste can give together."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a query retrieved, best first.

    Attributes:
        ids: products [n].
        lexical: BM25's part of the score, float32 [n], from 0 to 1 - vector_weight; 0 where no word is in common.
        vector: the vectors' part, float32 [n], from 0 to vector_weight.
        code: `NAMED` where the query names the product by id, SKU or GTIN, else 0, float32 [n].
        terms: the query's words.
        exhausted: whether a greater depth would find nothing more.
    """

    ids: tuple[str, ...]
    lexical: Vectors
    vector: Vectors
    code: Vectors
    terms: tuple[QueryTerm, ...]
    exhausted: bool


def retrieve(
    catalogue: Catalogue,
    terms: Sequence[QueryTerm],
    coded: Sequence[str],
    similarities: Vectors | None,
    required: Required,
    depth: int,
    vector_weight: float,
) -> Candidates:
    """The best products by BM25 and by cosine, at most `2 * depth`, with one score.

    The score is a convex combination of both scores, each scaled to be 1 at the best product and 0 where BM25 is 0, and
    where the cosine is the whole catalogue's mean, or the worst retrieved product's if that is less. Combinations of
    scores rank better than of ranks, and need little data to choose their weight (Bruch et al. 2023, "An Analysis of
    Fusion Functions for Hybrid Retrieval", arXiv:2210.11934).

    Args:
        catalogue: what is searched.
        terms: the query's words; without any, cosine decides alone.
        coded: products that the query names exactly and that have what is required.
        similarities: the query's row of `Catalogue.similarities`; None: not known, so words decide alone.
        required: facets that products must have.
        depth: most products from each side.
        vector_weight: of the cosine's part, 0 to 1.
    """
    by_words = dict(catalogue.lexical(terms, depth, required))
    by_meaning = {} if similarities is None else dict(catalogue.best(similarities, depth, required))
    ids = list(by_words | by_meaning | dict.fromkeys(coded))
    lexical = np.asarray([by_words.get(key, 0.0) for key in ids], np.float32)
    if by_words:
        lexical /= max(by_words.values())
    if similarities is None:
        vector = np.zeros_like(lexical)
    else:
        vector = _scaled(catalogue.cosines(similarities, ids), list(by_meaning.values()), similarities)
    lexical, vector = (1 - vector_weight) * lexical, vector_weight * vector
    code = np.asarray([NAMED * (key in coded) for key in ids], np.float32)
    order = np.argsort(-(lexical + vector + code), kind="stable")
    return Candidates(
        tuple(ids[place] for place in order),
        lexical[order],
        vector[order],
        code[order],
        tuple(terms),
        exhausted=len(by_words if similarities is None else by_meaning) < depth,
    )


def _scaled(cosines: Vectors, best: list[float], similarities: Vectors) -> Vectors:
    """Cosines from 0 to 1, as `retrieve` says; as they are where the vectors retrieved nothing."""
    if not best:
        return cosines
    usual = float(np.mean(similarities, where=np.isfinite(similarities)))
    lowest, highest = min(usual, *best), max(best)
    spread = highest - lowest
    return np.clip((cosines - lowest) / spread, 0, 1) if spread > 0 else np.ones_like(cosines)
