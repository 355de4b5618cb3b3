"""How good search is on judged queries: `Catalogue` and `Searcher` as the agents run them, and each half alone."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

import numpy as np

from models.catalogue.catalogue import Catalogue
from models.catalogue.product import Product
from models.catalogue.vectors import Vectors
from models.evaluation.errors import EvaluationDataError
from models.evaluation.product_vectors import Encoder
from models.evaluation.products import Judgments
from models.evaluation.ranking_metrics import ndcg, recall, reciprocal_rank
from models.evaluation.significance import mean_interval
from models.search.request import SearchRequest
from models.search.searcher import Searcher

NDCG_DEPTH = 10
RECALL_DEPTH = 100
CHUNK = 256
HELD_OUT_OF = 7

Rankings = dict[str, list[str]]
"""Of each query the ids that were found, best first."""


@dataclass(frozen=True, slots=True)
class SystemScores:
    """One system on one set of queries; means over queries.

    Attributes:
        ndcg: at 10, gains as judged.
        ndcg_low: 95 % bootstrap interval over queries.
        ndcg_high: likewise.
        mrr: reciprocal rank, at 10, of the first product with the highest gain of the file.
        recall: share of those products within the first 100.
    """

    ndcg: float
    ndcg_low: float
    ndcg_high: float
    mrr: float
    recall: float


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of one query alone, in this process."""

    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class SearchReport:
    """What `evaluate_search` found.

    Attributes:
        products: in the catalogue.
        judgments: of all queries, those of products that the catalogue lacks included.
        queries: that have a gain, by set: `all`, and `held_out`, those whose SHA-256 is divisible by 7. Shopstream's
            weights were chosen on the others of the data that it was developed with.
        skipped: queries without any gain.
        unknown: judged products that the catalogue lacks; they count as not found.
        systems: scores by set and system: `bm25`, `vectors`, and `search`, which is what the agents run.
        latency: by step: `encode` and `search`.
    """

    products: int
    judgments: int
    queries: dict[str, int]
    skipped: int
    unknown: int
    systems: dict[str, dict[str, SystemScores]]
    latency: dict[str, Latency]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def evaluate_search(
    products: Sequence[Product], vectors: Vectors, judgments: Judgments, encoder: Encoder
) -> SearchReport:
    """Search the catalogue for all judged queries.

    Args:
        products: the catalogue.
        vectors: of their texts, float32 [n, width].
        judgments: queries with gains.
        encoder: for the queries.

    Raises:
        EvaluationDataError: no query has a gain.
    """
    judged = {query: gains for query, gains in judgments.items() if max(gains.values()) > 0}
    if not judged:
        raise EvaluationDataError("no query has a product with a gain above 0")
    catalogue = filled(products, vectors)
    rankings, latency = _rankings(catalogue, encoder, list(judged))
    top = max(max(gains.values()) for gains in judged.values())
    sets = {"all": list(judged), "held_out": [query for query in judged if is_held_out(query)]}
    ids = {key for gains in judgments.values() for key in gains}
    return SearchReport(
        products=len(catalogue),
        judgments=sum(len(gains) for gains in judgments.values()),
        queries={name: len(queries) for name, queries in sets.items()},
        skipped=len(judgments) - len(judged),
        unknown=sum(key not in catalogue for key in ids),
        systems={
            name: {system: scores(found, judged, queries, top) for system, found in rankings.items()}
            for name, queries in sets.items()
            if queries
        },
        latency=latency,
    )


def filled(products: Sequence[Product], vectors: Vectors) -> Catalogue:
    """A catalogue of products, in chunks as the views fill it."""
    catalogue = Catalogue(vectors.shape[1])
    for start in range(0, len(products), CHUNK):
        catalogue.upsert(products[start : start + CHUNK], vectors[start : start + CHUNK])
    catalogue.commit()
    return catalogue


def scores(
    rankings: Rankings, judged: Mapping[str, Mapping[str, float]], queries: Sequence[str], top: float
) -> SystemScores:
    """One system on some queries.

    Args:
        rankings: what it found.
        judged: gains of each query.
        queries: which of them count, at least one.
        top: gain of a relevant product, for MRR and recall; queries without one don't count there.
    """
    gained = [ndcg(rankings[query], judged[query], NDCG_DEPTH) for query in queries]
    relevant = {
        query: frozenset(key for key, gain in judged[query].items() if gain >= top) for query in queries
    }
    answered = [query for query in queries if relevant[query]]
    interval = mean_interval(gained)
    return SystemScores(
        ndcg=fmean(gained),
        ndcg_low=interval.low,
        ndcg_high=interval.high,
        mrr=_mean([reciprocal_rank(rankings[query], relevant[query], NDCG_DEPTH) for query in answered]),
        recall=_mean([recall(rankings[query], relevant[query], RECALL_DEPTH) for query in answered]),
    )


def is_held_out(query: str) -> bool:
    """Whether a query's SHA-256 is divisible by 7."""
    return int.from_bytes(hashlib.sha256(query.encode("utf-8", "surrogatepass")).digest()) % HELD_OUT_OF == 0


def _rankings(
    catalogue: Catalogue, encoder: Encoder, queries: Sequence[str]
) -> tuple[dict[str, Rankings], dict[str, Latency]]:
    searcher = Searcher(catalogue, encoder.identity.digest)
    found: dict[str, Rankings] = {"bm25": {}, "vectors": {}, "search": {}}
    encoding, searching = [], []
    for query in queries:
        started = time.perf_counter()
        vector = encoder.queries_now([query])
        encoded = time.perf_counter()
        (answer,) = searcher.search([SearchRequest(query, limit=RECALL_DEPTH)], vector)
        encoding.append(encoded - started)
        searching.append(time.perf_counter() - encoded)
        found["bm25"][query] = [key for key, _ in catalogue.lexical(query, RECALL_DEPTH)]
        found["vectors"][query] = [key for key, _ in catalogue.nearest(vector[0], RECALL_DEPTH)]
        found["search"][query] = [item.product_id for item in answer.items]
    return found, {"encode": _latency(encoding), "search": _latency(searching)}


def _latency(seconds: Sequence[float]) -> Latency:
    p50, p95 = np.quantile(np.asarray(seconds) * 1000, [0.5, 0.95])
    return Latency(float(p50), float(p95))


def _mean(values: Sequence[float]) -> float:
    return fmean(values) if values else 0.0
