"""The knobs of search, with the values that measured well."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from models.recommend.history import ActionKind

DAY: Final = 86_400.0

KIND_WEIGHTS: Final[Mapping[ActionKind, float]] = {
    "viewed": 0.2,
    "clicked": 0.3,
    "carted": 0.6,
    "bought": 1.0,
    "reviewed": 1.0,
    "removed": -0.3,
    "dismissed": -0.5,
}
"""How much an action says of taste: the costlier for the user, the more (as confidence in Hu et al. 2008,
"Collaborative filtering for implicit feedback datasets"). A review counts by its opinion."""


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How search weighs things.

    Attributes:
        depth: products that each of BM25 and vectors retrieves.
        vector_weight: of the vectors' score, from 0 to 1; BM25 has the rest.
        personal_fraction: the personal part is at most this fraction of lexical and vector part together.
        half_life_days: an action this old counts half.
        kind_weights: of actions, by kind; negative ones turn away.
        history_actions: only so many of the latest actions are looked at.
        cached_queries: most queries whose retrieval is remembered.
    """

    depth: int = 200
    vector_weight: float = 0.5
    personal_fraction: float = 0.15
    half_life_days: float = 30.0
    kind_weights: Mapping[ActionKind, float] = field(default_factory=lambda: KIND_WEIGHTS)
    history_actions: int = 100
    cached_queries: int = 2048

    def __post_init__(self) -> None:
        if not (0 <= self.vector_weight <= 1 and 0 <= self.personal_fraction < 1):
            raise ValueError("vector_weight and personal_fraction must be fractions")
        if self.depth < 1 or self.half_life_days <= 0 or self.cached_queries < 0:
            raise ValueError("depth and half_life_days must be positive, cached_queries not negative")
