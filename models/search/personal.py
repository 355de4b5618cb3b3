"""A user's taste from what they did, and how near products are to it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.catalogue.catalogue import Catalogue
from models.catalogue.vectors import Vectors, unit
from models.recommend.history import Action, History
from models.search.options import DAY, SearchOptions

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Taste:
    """What a user likes.

    Vectors are taken from the catalogue's mean: encoders put all texts into a narrow cone, where without that
    everything is near to everything (Mu and Viswanath 2018, "All-but-the-Top", arXiv:1702.01417).

    Attributes:
        direction: float32 [width], of length 1.
        mean: the catalogue's mean vector, float32 [width].
        products: of the history, ids [n].
        pulls: weight times centred vector of each, float32 [n, width]; they add up to a multiple of `direction`.
        liked: whether the weight of each is above 0 [n].
    """

    direction: Vectors
    mean: Vectors
    products: tuple[str, ...]
    pulls: Vectors
    liked: npt.NDArray[np.bool_]

    def affinities(self, vectors: Vectors) -> Vectors:
        """How near products [m, width] are to the taste, float32 [m]: the centred cosine, at least 0 and at most 1."""
        return np.asarray(np.clip(unit(vectors - self.mean) @ self.direction, 0, 1), np.float32)

    def drivers(self, vector: Vectors) -> tuple[str, ...]:
        """Products that the user liked and that speak for a product [width], the strongest first, at most three."""
        pull = self.pulls @ (vector - self.mean) * self.liked
        return tuple(self.products[place] for place in np.argsort(-pull)[:MOST_NAMED] if pull[place] > 0)


def taste_of(history: History, catalogue: Catalogue, now: float, options: SearchOptions) -> Taste | None:
    """The taste that a history shows; None where it shows none.

    Each action weighs by its kind, and half as much for each half-life since. Products that the catalogue no longer has
    are left out.

    Args:
        history: what the user did.
        catalogue: has the products' vectors.
        now: Unix seconds; later actions count as of now.
        options: weights and half-life.
    """
    weights: dict[str, float] = defaultdict(float)
    for action in history.actions[-options.history_actions :]:
        if action.product_id in catalogue:
            weights[action.product_id] += _weight(action, now, options)
    products = tuple(key for key, weight in weights.items() if weight != 0)
    if not products:
        return None
    mean = catalogue.mean_vector
    factors = np.asarray([weights[key] for key in products], np.float32)
    pulls = factors[:, np.newaxis] * (catalogue.vectors(products) - mean)
    total = pulls.sum(axis=0)
    if not np.linalg.norm(total) > 0:
        return None
    return Taste(unit(total), mean, products, pulls, factors > 0)


def personal_parts(
    taste: Taste,
    history: History,
    catalogue: Catalogue,
    ids: Sequence[str],
    relevance: Vectors,
    fraction: float,
) -> Vectors:
    """What taste adds to each product's score, float32 [n]: relevance x fraction x affinity.

    Affinity is from 0 to 1. So a product whose relevance is more than 1 + fraction times another's stays before it,
    whatever the history; only products nearer to each other than that can change places. What was bought and isn't
    bought again gets nothing.

    Args:
        taste: see `taste_of`.
        history: what the user bought.
        catalogue: has the products' vectors.
        ids: products [n].
        relevance: their scores without this part, float32 [n].
        fraction: the bound.
    """
    affinities = taste.affinities(catalogue.vectors(ids))
    for place, key in enumerate(ids):
        product = catalogue.get(key) if key in history.bought else None
        if product is not None and not product.replenishable:
            affinities[place] = 0
    return relevance * np.float32(fraction) * affinities


def _weight(action: Action, now: float, options: SearchOptions) -> float:
    weight = options.kind_weights.get(action.kind, 0.0)
    if action.kind == "reviewed":
        weight *= action.opinion or 0.0
    age_days = max(0.0, now - action.at) / DAY
    return float(weight * 0.5 ** (age_days / options.half_life_days))
