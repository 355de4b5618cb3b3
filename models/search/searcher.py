"""Search: retrieval by words and meaning, filters, the user's taste, reasons."""

import re
from collections.abc import Sequence

import numpy as np

from models.catalogue.analysis import analyse
from models.catalogue.catalogue import Catalogue
from models.catalogue.facets import Required, facets_of, satisfies
from models.catalogue.lexical import QueryTerm
from models.catalogue.vectors import Vectors
from models.ranking import Ranked
from models.search.cache import LruCache
from models.search.options import SearchOptions
from models.search.personal import Taste, personal_parts, taste_of
from models.search.reasons import CODE, reasons_for
from models.search.request import SearchAnswer, SearchRequest
from models.search.retrieval import Candidates, retrieve

WIDER = 10
"""How many times deeper retrieval looks once, when price and stock leave fewer products than asked for."""
QUERIES_AT_ONCE = 32
"""Queries in one matrix product: 13 MB of cosines for 100,000 products."""
PARTS = ("lexical", "vector", CODE, "personal")

_Key = tuple[str, Required, int, str, int]


class Searcher:
    """Answers searches from a catalogue. For one thread at a time.

    What a query retrieved is remembered by normalised text, filters that look at text, the catalogue's text generation
    and the encoder; filters of price and stock, and the user's taste, are applied to it each time.

    Args:
        catalogue: what is searched.
        encoder_digest: of the encoder that makes the query vectors.
        options: see `SearchOptions`.
    """

    def __init__(
        self, catalogue: Catalogue, encoder_digest: str, options: SearchOptions | None = None
    ) -> None:
        self._catalogue = catalogue
        self._digest = encoder_digest
        self._options = options or SearchOptions()
        self._cache: LruCache[_Key, Candidates] = LruCache(self._options.cached_queries)

    @property
    def cache_hits(self) -> int:
        """Searches whose retrieval was remembered."""
        return self._cache.hits

    @property
    def cache_misses(self) -> int:
        """Searches whose retrieval was computed."""
        return self._cache.misses

    def search(self, requests: Sequence[SearchRequest], vectors: Vectors | None) -> list[SearchAnswer]:
        """Answer searches.

        Args:
            requests: what is asked [n].
            vectors: the unit vectors of their texts, as queries, float32 [n, width]; None: they could not be had in
                time, and what is not remembered is found by its words alone.

        Returns:
            Answers in the order of the requests; empty ones from an empty catalogue.

        Raises:
            ValueError: the vectors have another shape.
        """
        expected = (len(requests), self._catalogue.width)
        if vectors is not None and vectors.shape != expected:
            raise ValueError(f"expected query vectors of shape {expected}, got {vectors.shape}")
        if len(self._catalogue) == 0:
            return [SearchAnswer()] * len(requests)
        candidates = self._candidates(requests, vectors, self._options.depth)
        return [
            self._answer(request, None if vectors is None else vectors[place : place + 1], found)
            for place, (request, found) in enumerate(zip(requests, candidates, strict=True))
        ]

    def _candidates(
        self, requests: Sequence[SearchRequest], vectors: Vectors | None, depth: int
    ) -> list[Candidates]:
        keys = [self._key(request, depth) for request in requests]
        known: dict[_Key, Candidates | None] = {key: self._cache.get(key) for key in keys}
        missing = {key: place for place, key in reversed(list(enumerate(keys))) if known[key] is None}
        places = list(missing.values())
        for start in range(0, len(places), QUERIES_AT_ONCE):
            part = places[start : start + QUERIES_AT_ONCE]
            rows = [None] * len(part) if vectors is None else self._catalogue.similarities(vectors[part])
            for place, row in zip(part, rows, strict=True):
                key = keys[place]
                terms = self._catalogue.query_terms(requests[place].text)
                coded = self._coded(requests[place])
                known[key] = found = retrieve(
                    self._catalogue, terms, coded, row, key[1], depth, self._options.vector_weight
                )
                if row is not None:
                    self._cache.put(key, found)
        return [candidates for key in keys if (candidates := known[key]) is not None]

    def _coded(self, request: SearchRequest) -> list[str]:
        """Products that a request names and that have the facets it wants."""
        required = request.filters.required
        named = map(self._catalogue.get, self._catalogue.coded(request.text))
        products = [product for product in named if product is not None]
        return [one.id for one in products if not required or satisfies(facets_of(one), required)]

    def _key(self, request: SearchRequest, depth: int) -> _Key:
        text = " ".join(analyse(request.text).casefold().split())
        return text, request.filters.required, self._catalogue.text_generation, self._digest, depth

    def _answer(self, request: SearchRequest, vector: Vectors | None, candidates: Candidates) -> SearchAnswer:
        """Rank candidates; `vector` is the request's, float32 [1, width]."""
        places = self._admitted(request, candidates)
        if len(places) < request.limit and request.filters.bounds_trade and not candidates.exhausted:
            depth = WIDER * self._options.depth
            (candidates,) = self._candidates([request], vector, depth)
            places = self._admitted(request, candidates)
        if not places:
            return SearchAnswer()
        ids = [candidates.ids[place] for place in places]
        lexical, semantic, code = (
            of[places] for of in (candidates.lexical, candidates.vector, candidates.code)
        )
        taste = self._taste(request)
        personal = self._personal(request, taste, ids, lexical + semantic)
        best = np.argsort(-(lexical + semantic + code + personal), kind="stable")[: request.limit]
        columns = (lexical, semantic, code, personal)
        parts = (
            {
                name: float(of[place])
                for name, of in zip(PARTS, columns, strict=True)
                if name != CODE or of[place]
            }
            for place in best
        )
        items = [
            self._ranked(ids[place], part, candidates, taste) for place, part in zip(best, parts, strict=True)
        ]
        return SearchAnswer(tuple(items), len(ids), read_as(request.text, candidates.terms))

    def _admitted(self, request: SearchRequest, candidates: Candidates) -> list[int]:
        products = map(self._catalogue.get, candidates.ids)
        admit = request.filters.admit_trade
        return [place for place, product in enumerate(products) if product is not None and admit(product)]

    def _taste(self, request: SearchRequest) -> Taste | None:
        if request.history is None or self._options.personal_fraction == 0:
            return None
        return taste_of(request.history, self._catalogue, request.now, self._options)

    def _personal(
        self, request: SearchRequest, taste: Taste | None, ids: list[str], relevance: Vectors
    ) -> Vectors:
        if taste is None or request.history is None:
            return np.zeros_like(relevance)
        fraction = self._options.personal_fraction
        return personal_parts(taste, request.history, self._catalogue, ids, relevance, fraction)

    def _ranked(
        self, product_id: str, parts: dict[str, float], candidates: Candidates, taste: Taste | None
    ) -> Ranked:
        drivers: tuple[str, ...] = ()
        if taste is not None and parts["personal"] > 0:
            drivers = taste.drivers(self._catalogue.vectors([product_id])[0])
        product = self._catalogue.get(product_id)
        reasons = () if product is None else reasons_for(product, candidates.terms, parts, drivers)
        return Ranked(product_id, sum(parts.values()), parts, reasons)


def read_as(text: str, terms: Sequence[QueryTerm]) -> str | None:
    """The text with each unknown word in the likeliest spelling that products have; None where all are known."""
    corrected = text
    for one in terms:
        if one.corrections:
            wrong = re.compile(rf"(?<!\w){re.escape(one.word)}(?!\w)", re.IGNORECASE)
            corrected = wrong.sub(one.corrections[0].word.replace("\\", r"\\"), corrected)
    return None if corrected == text else corrected
