"""The task of `shopstream train search`: a cross-encoder that says how well a product answers a query.

Squared error between the score, as a share of 1 by the logistic function, and the judged gain as a share of the
highest gain. Queries are split by their hash, so that a query's products are all in one part.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from models.engine.tokenising import Pair
from models.errors import TrainingDataError
from models.training.checkpoint import Checkpoints
from models.training.cross_encoder import CrossEncoder, PairBatch
from models.training.dropout import Noise
from models.training.loop import UNWATCHED, Outcome, Schedule, Watch, train
from models.training.splits import Part, part_of

Judgments = Mapping[str, Mapping[str, float]]
"""Gains by product, by query."""
Scorer = Callable[[Sequence[Pair]], npt.NDArray[np.float32]]
"""Scores of pairs of query and product text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RerankOptions:
    """How a reranker is trained: pairs in a step, and how long and how fast."""

    batch_size: int
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class RerankData:
    """Judged queries in parts, and the text of each product.

    Attributes:
        texts: by product id.
        parts: judged queries.
        top: the highest gain.
        digest: SHA-256 (hex) of queries, gains and texts.
    """

    texts: Mapping[str, str]
    parts: Mapping[Part, Judgments]
    top: float
    digest: str

    def facts(self) -> dict[str, Any]:
        """For reports: how much of the data is in which part."""
        parts = {
            part.value: {"queries": len(queries), "pairs": len(self.pairs(part)[0])}
            for part, queries in self.parts.items()
        }
        return {"digest": self.digest, "top_gain": self.top, "parts": parts}

    def pairs(self, part: Part) -> tuple[list[Pair], list[float]]:
        """Pairs of query and product text of a part, and their gains as shares of the highest."""
        found = [
            ((query, self.texts[key]), gain / self.top)
            for query, gains in self.parts[part].items()
            for key, gain in gains.items()
            if key in self.texts
        ]
        return [pair for pair, _ in found], [gain for _, gain in found]


def _digest(texts: Mapping[str, str], judgments: Judgments) -> str:
    facts = [
        [query, [[texts.get(key, ""), gain] for key, gain in gains.items()]]
        for query, gains in judgments.items()
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def rerank_data(texts: Mapping[str, str], judgments: Judgments) -> RerankData:
    """Split judged queries; those without a gain are left out of validation and test, where they rank nothing.

    Raises:
        TrainingDataError: a part has no query.
    """
    parts: dict[Part, dict[str, Mapping[str, float]]] = {part: {} for part in Part}
    for query, gains in judgments.items():
        part = part_of(query)
        if part is Part.TRAIN or max(gains.values()) > 0:
            parts[part][query] = gains
    top = max((max(gains.values()) for gains in judgments.values()), default=0.0)
    data = RerankData(texts, parts, top, _digest(texts, judgments))
    if top <= 0 or not all(data.parts.values()) or not data.pairs(Part.TRAIN)[0]:
        raise TrainingDataError(
            "too few judged queries to train, validate and test on; some fifty are the least, with gains above 0 and"
            " products that the catalogue has"
        )
    return data


def train_reranker(
    model: CrossEncoder,
    data: RerankData,
    options: RerankOptions,
    noise: Noise,
    score: Callable[[Scorer], float],
    *,
    watch: Watch = UNWATCHED,
    checkpoints: Checkpoints | None = None,
) -> Outcome:
    """Train a cross-encoder in place.

    Args:
        model: with the dropouts of `noise`.
        data: what it learns from.
        options: how.
        noise: of the model.
        score: how good its scores are, on validation; the best epoch is that of the greatest.
        watch: told how far it is.
        checkpoints: for a training that may be killed.

    Raises:
        ArithmeticError: the loss is not finite.
        TrainingDataError: the checkpoint is of another training.
    """
    pairs, gains = data.pairs(Part.TRAIN)
    schedule = options.schedule
    batches = model.batches(pairs, np.array(gains, np.float32), options.batch_size, schedule.seed)

    def loss(module: nn.Module, batch: PairBatch) -> torch.Tensor:
        return nn.functional.mse_loss(torch.sigmoid(module(batch)), batch.targets)

    return train(
        model,
        batches,
        loss,
        lambda _: score(model.scores),
        schedule,
        watch=watch,
        noise=noise,
        checkpoints=checkpoints,
    )
