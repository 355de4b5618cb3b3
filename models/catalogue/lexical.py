"""BM25 over fields, in memory, on tantivy.

BM25 with k1 = 1.2 and b = 0.75 (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework"). A document's
score is, summed over the query's terms, the best boosted field's BM25 (a disjunction maximum for each term): a sum over
fields would pay one word that is repeated in each of them more than a second word. A query is built from terms,
never parsed, so that nothing a user writes is an operator.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import tantivy

from models.catalogue.analysis import analyse, plain_analyser, stemming_analyser, terms_of, words_of
from models.catalogue.spelling import corrections

WRITER_BYTES = 32_000_000
"""Room of the writer for what isn't committed yet; it makes segments of about that size."""
MOST_TERMS = 32
"""Distinct terms of a query that are looked for; the rest of a longer text is ignored."""

_ANALYSER = "shopstream"
_NUMBER = "number"
_FACET = "facet"
_WORDS = "words"
_FREQUENCIES = "freq"


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """A word of a query.

    Attributes:
        word: as it was written, in lower case.
        term: as the index knows words.
        corrections: words that are looked for as well, because no document has this one.
    """

    word: str
    term: str
    corrections: "tuple[QueryTerm, ...]" = ()


class LexicalIndex:
    """Documents of several text fields, found by words.

    What is added or deleted is found, or no longer found, after `commit`; a deleted document is left out of results at
    once. `commit` may run in a worker thread while searches go on in another, but not while documents are added
    or deleted.

    Args:
        boosts: weight of each field.
        spelling: fields whose words correct misspelt ones.
    """

    def __init__(self, boosts: Mapping[str, float], spelling: Sequence[str]) -> None:
        self._boosts = dict(boosts)
        self._spelling = tuple(spelling)
        schema = tantivy.SchemaBuilder()
        for name in boosts:
            schema.add_text_field(name, tokenizer_name=_ANALYSER, index_option=_FREQUENCIES)
        schema.add_text_field(_WORDS, tokenizer_name=_WORDS, index_option="basic")
        schema.add_text_field(_FACET, tokenizer_name="raw", index_option="basic")
        # Signed: deletion by an unsigned number matches nothing in tantivy-py 0.27.
        schema.add_integer_field(_NUMBER, indexed=True, fast=True)
        self._schema = schema.build()
        self._index = tantivy.Index(self._schema)
        self._index.register_tokenizer(_ANALYSER, stemming_analyser())
        self._index.register_tokenizer(_WORDS, plain_analyser())
        self._writer = self._index.writer(WRITER_BYTES, num_threads=1)
        self._searcher = self._index.searcher()
        self._numbers: dict[str, int] = {}
        self._keys: dict[int, str] = {}
        self._next = count()
        self._pending = False

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def pending(self) -> bool:
        """Whether something waits for `commit`."""
        return self._pending

    def add(self, key: str, texts: Mapping[str, str], facets: Iterable[str] = ()) -> None:
        """Add a document or replace it.

        Args:
            key: its id.
            texts: by field; fields that are left out are empty.
            facets: what `search` may require, compared whole.
        """
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = next(self._next)
            self._keys[number] = key
        else:
            self._writer.delete_documents_by_term(_NUMBER, number)
        document = tantivy.Document()
        document.add_integer(_NUMBER, number)
        for name, text in texts.items():
            analysed = analyse(text)
            document.add_text(name, analysed)
            if name in self._spelling:
                document.add_text(_WORDS, analysed)
        for facet in facets:
            document.add_text(_FACET, facet)
        self._writer.add_document(document)
        self._pending = True

    def delete(self, key: str) -> None:
        """Delete a document; an unknown id changes nothing."""
        number = self._numbers.pop(key, None)
        if number is not None:
            del self._keys[number]
            self._writer.delete_documents_by_term(_NUMBER, number)
            self._pending = True

    def commit(self) -> None:
        """Make what was added searchable."""
        if self._pending:
            self._pending = False
            self._writer.commit()
            self._index.reload()
            self._searcher = self._index.searcher()

    def query_terms(self, text: str) -> list[QueryTerm]:
        """The distinct words of a query, at most `MOST_TERMS`, with corrections of those that the index lacks."""
        searcher = self._searcher
        words = dict(zip(terms_of(text), words_of(text), strict=True))
        return [
            QueryTerm(word, term, () if self._has(searcher, term) else _corrected(searcher, word))
            for term, word in list(words.items())[:MOST_TERMS]
        ]

    def search(
        self, terms: Sequence[QueryTerm], limit: int, required: Sequence[Sequence[str]] = ()
    ) -> list[tuple[str, float]]:
        """Documents with any of the terms and their BM25 scores, best first.

        Args:
            terms: see `query_terms`.
            limit: most documents to give.
            required: groups of facets; a document must have at least one of each group.
        """
        if not terms or limit < 1:
            return []
        query = self._query(terms)
        if required:
            groups = [tantivy.Query.term_set_query(self._schema, _FACET, list(group)) for group in required]
            unscored = [tantivy.Query.const_score_query(group, 0.0) for group in groups]
            query = query.and_must_match(*unscored)
        searcher = self._searcher
        hits = searcher.search(query, limit, count=False).hits
        numbers = searcher.fast_field_values(_NUMBER, [address for _, address in hits])
        keys = (self._keys.get(int(number)) for number in numbers if number is not None)
        return [(key, score) for key, (score, _) in zip(keys, hits, strict=True) if key is not None]

    def _query(self, terms: Sequence[QueryTerm]) -> tantivy.Query:
        each = [one for given in terms for one in (given, *given.corrections)]
        return tantivy.Query.boolean_query(
            [(tantivy.Occur.Should, self._best_field(one.term)) for one in each]
        )

    def _best_field(self, term: str) -> tantivy.Query:
        fields = [
            tantivy.Query.boost_query(
                tantivy.Query.term_query(self._schema, field, term, _FREQUENCIES), boost
            )
            for field, boost in self._boosts.items()
        ]
        return tantivy.Query.disjunction_max_query(fields)

    def _has(self, searcher: tantivy.Searcher, term: str) -> bool:
        return any(searcher.doc_freq(field, term) for field in self._boosts)


def _corrected(searcher: tantivy.Searcher, word: str) -> tuple[QueryTerm, ...]:
    """Looked for among whole words: a misspelt ending has another stem."""
    found = corrections(word, lambda prefix: searcher.terms_with_prefix(_WORDS, prefix))
    stems = {term: other for other in reversed(found) for term in terms_of(other)}
    return tuple(QueryTerm(other, term) for term, other in reversed(stems.items()))
