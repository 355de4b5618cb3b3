"""How good a reranker is: the first products of a search in the order of a cross-encoder's scores."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from models.catalogue.catalogue import Catalogue
from models.engine.tokenising import Pair
from models.evaluation.product_vectors import Encoder
from models.evaluation.ranking_metrics import ndcg
from models.evaluation.significance import Difference, Interval, mean_interval, paired_means
from models.search.request import SearchRequest
from models.search.searcher import Searcher

NDCG_DEPTH: Final = 10
DEPTH: Final = 50
"""Products that are put into another order."""
SEARCH: Final = "search"
BASE: Final = "search + base reranker"
MODEL: Final = "search + this reranker"

Rankings = Mapping[str, Sequence[str]]
"""Ids of products by query, best first."""
Judgments = Mapping[str, Mapping[str, float]]
Scorer = Callable[[Sequence[Pair]], npt.NDArray[np.float32]]
"""Scores of pairs of query and product text."""


class Texts(Protocol):
    """Texts of products by id."""

    def __getitem__(self, key: str, /) -> str: ...

    def __contains__(self, key: object, /) -> bool: ...


@dataclass(frozen=True, slots=True)
class RerankReport:
    """What `evaluate_reranking` found.

    Attributes:
        queries: judged.
        depth: products of each that were put into another order.
        ndcg: mean nDCG@10 by system.
        compared: the model's less each other system's, by the paired bootstrap.
    """

    queries: int
    depth: int
    ndcg: dict[str, Interval]
    compared: dict[str, Difference]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def first_stage(catalogue: Catalogue, encoder: Encoder, queries: Sequence[str]) -> dict[str, list[str]]:
    """The first `DEPTH` products of each query, as the search agent finds them."""
    searcher = Searcher(catalogue, encoder.identity.digest)
    found = {}
    for query in queries:
        (answer,) = searcher.search([SearchRequest(query, limit=DEPTH)], encoder.queries_now([query]))
        found[query] = [item.product_id for item in answer.items]
    return found


def reranked(rankings: Rankings, texts: Texts, score: Scorer) -> dict[str, list[str]]:
    """The same products by their scores, of equal ones those first that came first."""
    found = {}
    for query, ids in rankings.items():
        scores = score([(query, texts[key]) for key in ids]) if ids else np.zeros(0)
        found[query] = [ids[place] for place in np.argsort(-scores, kind="stable")]
    return found


def judged_ndcg(judged: Judgments, texts: Texts, score: Scorer) -> float:
    """Mean nDCG@10 of each query's judged products by their scores; what a training's epochs are compared by."""
    pools = {query: [key for key in gains if key in texts] for query, gains in judged.items()}
    order = reranked(pools, texts, score)
    return float(np.mean([ndcg(order[query], gains, NDCG_DEPTH) for query, gains in judged.items()]))


def evaluate_reranking(judged: Judgments, systems: Mapping[str, Rankings]) -> RerankReport:
    """Compare rankings.

    Args:
        judged: gains of each query, at least one of them above 0.
        systems: rankings of the same queries, by name; `MODEL` is among them.
    """
    values = {
        name: [ndcg(rankings[query], gains, NDCG_DEPTH) for query, gains in judged.items()]
        for name, rankings in systems.items()
    }
    return RerankReport(
        queries=len(judged),
        depth=DEPTH,
        ndcg={name: mean_interval(one) for name, one in values.items()},
        compared={name: paired_means(values[MODEL], one) for name, one in values.items() if name != MODEL},
    )
