"""How well the next product is foretold: `Associations` and `Recommender` as the agents run them, and each half alone.

Leave-one-out, full ranking: of each user one product is hidden, all products but those of their history compete.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

import numpy as np

from models.catalogue.catalogue import Catalogue
from models.catalogue.product import Product
from models.catalogue.vectors import Vectors
from models.evaluation.errors import EvaluationDataError
from models.evaluation.ranking_metrics import ndcg
from models.evaluation.recommend_data import RecommendData, Row
from models.evaluation.significance import mean_interval
from models.recommend.associations import Associations
from models.recommend.history import History, Standing, purchases
from models.recommend.profile import interest, read_tastes
from models.recommend.projection import Projection
from models.recommend.recommender import Recommender
from models.recommend.text_profile import TextProfile

DEPTH = 10
CHUNK = 256

Progress = Callable[[int], None]
"""Told how many users are done."""


@dataclass(frozen=True, slots=True)
class Score:
    """A mean over users, with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SystemScores:
    """One system: share of users whose next product is among the first 10, and NDCG@10 (1 / log2(rank + 1))."""

    hit_rate: Score
    ndcg: Score


@dataclass(frozen=True, slots=True)
class RecommendReport:
    """What `evaluate_recommend` found.

    Attributes:
        products: in the catalogue.
        users: judged.
        known_users: whose products the associations were made of.
        known_actions: how many those are.
        held_out: whether the judged rows are a held-out part of the training rows.
        text: whether product texts were used.
        systems: `recommend` is what the agents run; beside it `popularity`, `item_knn` (its associations alone) and
            `text_profile` (its text profile alone).
        repeats: products of a user's history that were recommended to them again; must be 0.
        users_per_second: of `recommend` alone, one after the other.
        p50_ms: of one call.
        p95_ms: likewise.
    """

    products: int
    users: int
    known_users: int
    known_actions: int
    held_out: bool
    text: bool
    systems: dict[str, SystemScores]
    repeats: int
    users_per_second: float
    p50_ms: float
    p95_ms: float

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


class CountedStandings:
    """Popularity by how many users have a product; no reviews."""

    def __init__(self, counts: Counter[str]) -> None:
        self._counts = counts
        self._ranked = sorted(counts, key=lambda product_id: (-counts[product_id], product_id))
        self._most = max(counts.values(), default=1)

    def of(self, product_id: str) -> Standing:
        """A product's popularity beside the most popular."""
        return Standing(popularity=self._counts[product_id] / self._most)

    def popular(self, limit: int) -> Sequence[str]:
        """The most popular products, ties by id."""
        return self._ranked[:limit]


@dataclass(frozen=True, slots=True)
class Rankings:
    """What each system shows each judged user.

    Attributes:
        lists: by system, of each user the first 10 product ids.
        seconds: that `recommend` took for each.
    """

    lists: dict[str, list[Sequence[str]]]
    seconds: list[float]


def evaluate_recommend(
    data: RecommendData,
    vectors: Vectors | None,
    progress: Progress = lambda _done: None,
    projection: Projection | None = None,
) -> RecommendReport:
    """Recommend to each judged user, and say how well that went; arguments and errors as in `rankings`."""
    found = rankings(data, vectors, progress, projection)
    p50, p95 = np.quantile(np.array(found.seconds) * 1000, [0.5, 0.95])
    return RecommendReport(
        products=len(data.products),
        users=len(data.judged),
        known_users=len(data.known),
        known_actions=sum(len(products) for _, products in data.known),
        held_out=data.held_out,
        text=vectors is not None,
        systems={name: scores(lists, data.judged) for name, lists in found.lists.items()},
        repeats=sum(
            len(set(row.history).intersection(shown))
            for row, shown in zip(data.judged, found.lists["recommend"], strict=True)
        ),
        users_per_second=len(found.seconds) / sum(found.seconds),
        p50_ms=float(p50),
        p95_ms=float(p95),
    )


def rankings(
    data: RecommendData,
    vectors: Vectors | None,
    progress: Progress = lambda _done: None,
    projection: Projection | None = None,
) -> Rankings:
    """Recommend to each judged user.

    Args:
        data: what to learn from and to judge on; positions in the histories stand for times where it has none.
        vectors: of the products' texts, float32 [products, width]; None does without texts.
        progress: told how many users are done.
        projection: what maps the vectors in the text profile.

    Raises:
        EvaluationDataError: nobody to judge on.
    """
    if not data.judged:
        raise EvaluationDataError("there is no user to judge on")
    catalogue = filled(data.products, vectors)
    associations = Associations()
    for user, products in data.known:
        for action in purchases(products).actions:
            associations.record(user, action.product_id, action.at, interest(action))
    standings = CountedStandings(Counter(product for _, products in data.known for product in set(products)))
    recommender = Recommender(catalogue, associations, projection)
    lists: dict[str, list[Sequence[str]]] = {"recommend": [], "popularity": [], "item_knn": []}
    if vectors is not None:
        lists["text_profile"] = []
    seconds = []
    for done, row in enumerate(data.judged, 1):
        history = purchases(row.history, row.times)
        started = time.perf_counter()
        answer = recommender.recommend(history, standings, DEPTH, now=_after(row))
        seconds.append(time.perf_counter() - started)
        lists["recommend"].append([item.product_id for item in answer])
        lists["popularity"].append(_popular(history, standings))
        lists["item_knn"].append(_together(history, associations))
        if vectors is not None:
            lists["text_profile"].append(near_texts(history, catalogue, projection))
        progress(done)
    return Rankings(lists, seconds)


def near_texts(history: History, catalogue: Catalogue, projection: Projection | None) -> list[str]:
    """The first 10 by the text profile alone, without what was bought."""
    direction = TextProfile.of(read_tastes(history), catalogue, projection).direction
    if direction is None:
        return []
    near = catalogue.nearest(direction, DEPTH, lambda product: product.id not in history.bought)
    return [product_id for product_id, _ in near]


def scores(ranked: Sequence[Sequence[str]], judged: Sequence[Row]) -> SystemScores:
    """One system: its list for each judged user, of which the first 10 count."""
    hits = [float(row.target in found[:DEPTH]) for found, row in zip(ranked, judged, strict=True)]
    gains = [ndcg(found, {row.target: 1.0}, DEPTH) for found, row in zip(ranked, judged, strict=True)]
    return SystemScores(_score(hits), _score(gains))


def filled(products: Sequence[Product], vectors: Vectors | None) -> Catalogue:
    """The products in chunks, as the views fill a catalogue; without texts, zero vectors, which are near nothing."""
    rows = np.zeros((len(products), 1), np.float32) if vectors is None else vectors
    catalogue = Catalogue(rows.shape[1])
    for start in range(0, len(products), CHUNK):
        catalogue.upsert(products[start : start + CHUNK], rows[start : start + CHUNK])
    return catalogue


def _popular(history: History, standings: CountedStandings) -> list[str]:
    beyond = standings.popular(DEPTH + len(history.bought))
    return [product_id for product_id in beyond if product_id not in history.bought][:DEPTH]


def _together(history: History, associations: Associations) -> list[str]:
    related = associations.related(read_tastes(history).liked)
    return related.best(DEPTH, lambda product_id: product_id not in history.bought)


def _after(row: Row) -> float:
    """When the next product is foretold."""
    return row.times[-1] if row.times else float(len(row.history))


def _score(values: Sequence[float]) -> Score:
    interval = mean_interval(values)
    return Score(fmean(values), interval.low, interval.high)
