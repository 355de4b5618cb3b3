"""What a projection of the text profile changes: recommendations without it and with it, to the same users."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from models.catalogue.catalogue import Catalogue
from models.catalogue.vectors import Vectors
from models.evaluation.ranking_metrics import ndcg
from models.evaluation.recommend import DEPTH, SystemScores, near_texts, rankings, scores
from models.evaluation.recommend_data import RecommendData, Row
from models.evaluation.significance import Difference, paired_means
from models.recommend.history import purchases
from models.recommend.projection import Projection

PROJECTED: Final = ("text_profile", "recommend")
"""Systems that a projection changes."""

MOST_USERS: Final = 2_000
"""At most so many are recommended to by `ProfileScore`."""


@dataclass(frozen=True, slots=True)
class Gain:
    """A system's figures with the projection less those without it, by the paired bootstrap over users."""

    hit_rate: Difference
    ndcg: Difference


@dataclass(frozen=True, slots=True)
class ProjectionReport:
    """What `compare_projection` found.

    Attributes:
        users: judged.
        before: HR@10 and NDCG@10 by system, without the projection; `popularity` and `item_knn` need none.
        after: of the systems that the projection changes, with it.
        gains: of these, after less before.
    """

    users: int
    before: dict[str, SystemScores]
    after: dict[str, SystemScores]
    gains: dict[str, Gain]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def profile_score(data: RecommendData, catalogue: Catalogue) -> Callable[[Projection], float]:
    """What a training's epochs are compared by: NDCG@10 of the text profile alone.

    Args:
        data: of validation; the first `MOST_USERS` count.
        catalogue: with its products.
    """
    judged = data.judged[:MOST_USERS]
    histories = [purchases(row.history, row.times) for row in judged]

    def score(projection: Projection) -> float:
        found = [near_texts(history, catalogue, projection) for history in histories]
        return scores(found, judged).ndcg.mean

    return score


def compare_projection(
    data: RecommendData,
    vectors: Vectors,
    projection: Projection,
    progress: Callable[[int], None] = lambda _done: None,
) -> ProjectionReport:
    """Recommend to each judged user twice.

    Args:
        data: as for `models.evaluation.recommend.rankings`.
        vectors: of the products' texts, float32 [products, width].
        projection: of these.
        progress: told how many users are done, of twice as many.

    Raises:
        EvaluationDataError: nobody to judge on.
    """
    plain = rankings(data, vectors, progress).lists
    mapped = rankings(data, vectors, lambda done: progress(len(data.judged) + done), projection).lists
    return ProjectionReport(
        users=len(data.judged),
        before={name: scores(lists, data.judged) for name, lists in plain.items()},
        after={name: scores(mapped[name], data.judged) for name in PROJECTED},
        gains={name: _gain(mapped[name], plain[name], data.judged) for name in PROJECTED},
    )


def _gain(mapped: Sequence[Sequence[str]], plain: Sequence[Sequence[str]], judged: Sequence[Row]) -> Gain:
    def hits(lists: Sequence[Sequence[str]]) -> list[float]:
        return [float(row.target in found[:DEPTH]) for found, row in zip(lists, judged, strict=True)]

    def gains(lists: Sequence[Sequence[str]]) -> list[float]:
        return [ndcg(found, {row.target: 1.0}, DEPTH) for found, row in zip(lists, judged, strict=True)]

    return Gain(paired_means(hits(mapped), hits(plain)), paired_means(gains(mapped), gains(plain)))
