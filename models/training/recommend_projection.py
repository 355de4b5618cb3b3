"""The task of `shopstream train recommend`: a projection of the text profile, see `models.recommend.projection`.

Each product that a user took is to be told from those that other users took: cross-entropy over the products of a
batch, of the cosine between the projected profile of what came before, made of the very weights that recommending
gives it (`read_tastes`), and the projected products. The encoder's vectors stay as they are.

Popular products are in more batches, so that they would be pushed away for being popular: their logits are lessened by
the logarithm of how often they are taken (Yi et al. 2019, "Sampling-bias-corrected neural modeling for large corpus
item recommendations"), times `Options.popularity`: 1 is the whole correction, 0 none, which learns what is likelier
for this user than for others.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from models.catalogue.vectors import Vectors
from models.recommend.history import History, purchases
from models.recommend.profile import ACTIONS, SOURCES, read_tastes
from models.recommend.projection import Projection
from models.training.checkpoint import Checkpoints
from models.training.journeys import Journey
from models.training.loop import UNWATCHED, Outcome, Schedule, Watch, train

PER_USER = 50
"""Latest products of a user that are learned to be told; earlier ones are only what is told from."""

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectionOptions:
    """How a projection is trained.

    Attributes:
        rank: of the map's change; the vectors' width lets it become any map.
        temperature: what cosines are divided by.
        popularity: share of the correction for popularity, 0 to 1.
        batch_size: profiles in a step, and products that each is told from.
        schedule: how long and how fast.
    """

    rank: int
    temperature: float
    popularity: float
    batch_size: int
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class Examples:
    """Profiles, and the product that came next.

    Attributes:
        sources: rows of the profile's products, int64 [n, SOURCES]; 0 where there are fewer.
        weights: of these, float32 [n, SOURCES]; 0 where there are fewer.
        targets: row of the product that came next, int64 [n].
    """

    sources: Indices
    weights: npt.NDArray[np.float32]
    targets: Indices


@dataclass(frozen=True, slots=True)
class ProfileBatch:
    """`Examples` as tensors, [b, SOURCES] and [b]."""

    sources: torch.Tensor
    weights: torch.Tensor
    targets: torch.Tensor


class ProfileBatches:
    """Examples, shuffled anew each epoch."""

    def __init__(self, examples: Examples, batch_size: int, seed: int) -> None:
        self._examples = examples
        self._size = batch_size
        self._seed = seed

    def __len__(self) -> int:
        return math.ceil(len(self._examples.targets) / self._size)

    def epoch(self, number: int) -> Iterator[ProfileBatch]:
        """The batches of an epoch; the same number gives the same."""
        order = np.random.default_rng((self._seed, number)).permutation(len(self._examples.targets))
        for start in range(0, len(order), self._size):
            rows = order[start : start + self._size]
            yield ProfileBatch(
                torch.from_numpy(self._examples.sources[rows]),
                torch.from_numpy(self._examples.weights[rows]),
                torch.from_numpy(self._examples.targets[rows]),
            )


class ProfileModel(nn.Module):
    """A projection under training, over the centred vectors of a catalogue; it begins as no change.

    Args:
        vectors: of the catalogue's products less their mean, float32 [products, width].
        rank: of the change.
        seed: of its beginning.
    """

    def __init__(self, vectors: Vectors, rank: int, seed: int) -> None:
        super().__init__()
        width = vectors.shape[1]
        chance = torch.Generator().manual_seed(seed)
        self.vectors = torch.from_numpy(vectors)
        self.down = nn.Parameter(torch.randn(rank, width, generator=chance) / width**0.5)
        self.up = nn.Parameter(torch.zeros(width, rank))

    def forward(self, batch: ProfileBatch) -> torch.Tensor:
        """Cosines of each profile to the batch's targets, [b, b]."""
        rows, places = torch.cat((batch.sources.flatten(), batch.targets)).unique(return_inverse=True)
        taken = self.vectors[rows]
        mapped = nn.functional.normalize(taken + (taken @ self.down.T) @ self.up.T, dim=1)
        sources = places[: batch.sources.numel()].view_as(batch.sources)
        profiles = nn.functional.embedding_bag(sources, mapped, per_sample_weights=batch.weights, mode="sum")
        targets = mapped[places[batch.sources.numel() :]]
        return nn.functional.normalize(profiles, dim=1) @ targets.T

    def projection(self) -> Projection:
        """What was learned."""
        return Projection(self.down.detach().numpy().copy(), self.up.detach().numpy().copy())


def examples_of(journeys: Sequence[Journey], rows: Mapping[str, int]) -> Examples:
    """The latest `PER_USER` products that were new to a user, each with the profile of what came before.

    Args:
        journeys: what users took, of which the first product follows nothing and is no example.
        rows: of vectors, by product id.
    """
    sources: list[list[int]] = []
    weights: list[list[float]] = []
    targets: list[int] = []
    for journey in journeys:
        actions = purchases(journey.products, journey.times).actions
        first = {product: place for place, product in reversed(list(enumerate(journey.products)))}
        for place in sorted(first.values())[1:][-PER_USER:]:
            liked = read_tastes(History(actions[max(0, place - ACTIONS) : place])).liked
            lacking = SOURCES - len(liked)
            sources.append([rows[product] for product, _ in liked] + [0] * lacking)
            weights.append([weight for _, weight in liked] + [0.0] * lacking)
            targets.append(rows[journey.products[place]])
    return Examples(np.array(sources, np.int64), np.array(weights, np.float32), np.array(targets, np.int64))


def profile_loss(
    cosines: torch.Tensor, batch: ProfileBatch, log_shares: torch.Tensor, temperature: float
) -> torch.Tensor:
    """Mean cross-entropy of each profile's own target among those of the batch.

    Args:
        cosines: of profiles to targets, [b, b].
        batch: what they are of. What equals a profile's own target, or is in the profile, is none of the others.
        log_shares: by row of the catalogue, what logits are lessened by, [products].
        temperature: what cosines are divided by.
    """
    targets = batch.targets
    same = targets[:, None] == targets[None, :]
    taken = ((batch.sources[:, None, :] == targets[None, :, None]) & (batch.weights[:, None, :] > 0)).any(2)
    logits = cosines / temperature - log_shares[targets][None, :]
    own = torch.eye(len(targets), dtype=torch.bool)
    logits = logits.masked_fill((same | taken) & ~own, -torch.inf)
    return nn.functional.cross_entropy(logits, torch.arange(len(targets)))


def train_projection(
    journeys: Sequence[Journey],
    ids: Sequence[str],
    vectors: Vectors,
    options: ProjectionOptions,
    score: Callable[[Projection], float],
    *,
    watch: Watch = UNWATCHED,
    checkpoints: Checkpoints | None = None,
) -> tuple[Projection, Outcome]:
    """Train a projection.

    Args:
        journeys: what it learns from, of these products only.
        ids: of the products.
        vectors: of their texts by the retrieval encoder less the catalogue's mean, float32 [products, width].
        options: how.
        score: how good a projection is, on validation; the best epoch is that of the greatest.
        watch: told how far it is.
        checkpoints: for a training that may be killed.

    Raises:
        ArithmeticError: the loss is not finite.
        TrainingDataError: the checkpoint is of another training.
    """
    examples = examples_of(journeys, {key: row for row, key in enumerate(ids)})
    counts = np.bincount(examples.targets, minlength=len(ids)).astype(np.float32)
    shares = torch.from_numpy(np.log(np.maximum(counts, 1) / max(1, len(examples.targets))))
    log_shares = options.popularity * shares
    schedule = options.schedule
    model = ProfileModel(vectors, options.rank, schedule.seed)

    def loss(module: nn.Module, batch: ProfileBatch) -> torch.Tensor:
        return profile_loss(module(batch), batch, log_shares, options.temperature)

    outcome = train(
        model,
        ProfileBatches(examples, options.batch_size, schedule.seed),
        loss,
        lambda _: score(model.projection()),
        schedule,
        watch=watch,
        checkpoints=checkpoints,
    )
    return model.projection(), outcome
