"""Shapes of sentiment head, each trained on fixed vectors and measured on validation."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from models.engine.backend import Vectors
from models.reviews.head import Layer
from models.reviews.labels import LABELS
from models.training.batches import LabelledVectors, ShuffledVectors
from models.training.calibration import fit_temperature
from models.training.loop import Schedule, train
from models.training.metrics import Labels, Metrics, measure

BATCH_SIZE = 256
DROPOUT = 0.3
SCHEDULE = Schedule(learning_rate=5e-4, epochs=40, patience=8)

ClassWeights = Literal["none", "root", "balanced"]
"""How much a class counts in the loss: alike, by 1/sqrt(its examples), by 1/(its examples)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One shape of head. `hidden` is the width of its hidden layer; 0 has none."""

    hidden: int
    class_weights: ClassWeights

    @property
    def name(self) -> str:
        """For people."""
        shape = f"one hidden layer of {self.hidden}" if self.hidden else "linear"
        return f"{shape}, class weights {self.class_weights}"


CANDIDATES = tuple(
    Candidate(hidden, weights) for hidden in (0, 256) for weights in ("none", "root", "balanced")
)


@dataclass(frozen=True, slots=True)
class Tried:
    """A candidate after its training, measured on validation."""

    candidate: Candidate
    validation: Metrics
    temperature: float
    epochs: int


@dataclass(frozen=True, slots=True)
class Examples:
    """Vectors [n, width] and class indices [n] of one part."""

    vectors: Vectors
    labels: Labels


def try_candidate(
    candidate: Candidate, training: Examples, validation: Examples, seed: int
) -> tuple[Tried, tuple[Layer, ...]]:
    """Train one candidate, stop it early and calibrate it on validation.

    Returns:
        What it came to, and its layers, which take plain vectors.
    """
    scaling = Scaling.of(training.vectors)
    vectors = torch.from_numpy(scaling.scaled(training.vectors))
    validation_vectors = torch.from_numpy(scaling.scaled(validation.vectors))

    def score(module: nn.Module) -> float:
        predicted = module(validation_vectors).argmax(dim=1).numpy()
        return measure(validation.labels, predicted, LABELS).selection_score

    model = _module(candidate, vectors.shape[1], seed)
    outcome = train(
        model,
        ShuffledVectors(LabelledVectors(vectors, torch.from_numpy(training.labels)), BATCH_SIZE, seed),
        _weighted_cross_entropy(_weights(training.labels, candidate.class_weights)),
        score,
        replace(SCHEDULE, seed=seed),
    )
    with torch.inference_mode():
        logits = model(validation_vectors).numpy()
    temperature = fit_temperature(logits, validation.labels)
    metrics = _measured(logits / temperature, validation.labels)
    return Tried(candidate, metrics, temperature, outcome.best.number + 1), scaling.folded_into(
        _layers(model)
    )


@dataclass(frozen=True, slots=True)
class Scaling:
    """Each number of a vector to mean 0 and deviation 1 while training, which steadies it.

    The numbers of a unit vector are small (about .05). A finished head carries the scaling in its first layer.
    """

    mean: Vectors
    deviation: Vectors

    @classmethod
    def of(cls, vectors: Vectors) -> Self:
        """The scaling of a training part."""
        return cls(vectors.mean(axis=0), np.maximum(vectors.std(axis=0), 1e-6))

    def scaled(self, vectors: Vectors) -> Vectors:
        """Vectors to train on."""
        return (vectors - self.mean) / self.deviation

    def folded_into(self, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        """Layers that do on plain vectors what `layers` do on scaled ones."""
        (weight, bias), *others = layers
        unscaled: Vectors = weight / self.deviation
        return ((unscaled, (bias - unscaled @ self.mean).astype(np.float32)), *others)


def _module(candidate: Candidate, width: int, seed: int) -> nn.Sequential:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        if not candidate.hidden:
            return nn.Sequential(nn.Dropout(DROPOUT), nn.Linear(width, len(LABELS)))
        return nn.Sequential(
            nn.Dropout(DROPOUT),
            nn.Linear(width, candidate.hidden),
            nn.ReLU(),
            nn.Dropout(DROPOUT),
            nn.Linear(candidate.hidden, len(LABELS)),
        )


def _layers(model: nn.Sequential) -> tuple[Layer, ...]:
    linear = [module for module in model if isinstance(module, nn.Linear)]
    return tuple((one.weight.detach().numpy().copy(), one.bias.detach().numpy().copy()) for one in linear)


def _weights(truth: Labels, kind: ClassWeights) -> torch.Tensor:
    counts = np.bincount(truth, minlength=len(LABELS)).astype(np.float64)
    weights = counts ** {"none": 0.0, "root": -0.5, "balanced": -1.0}[kind]
    # Scaled so that an example counts 1 on average, and the learning rate means the same for all three.
    return torch.from_numpy(weights * len(truth) / (weights * counts).sum()).float()


def _weighted_cross_entropy(weights: torch.Tensor) -> Callable[[nn.Module, LabelledVectors], torch.Tensor]:
    criterion = nn.CrossEntropyLoss(weight=weights)

    def loss(model: nn.Module, batch: LabelledVectors) -> torch.Tensor:
        value: torch.Tensor = criterion(model(batch.vectors), batch.labels)
        return value

    return loss


def _measured(logits: npt.NDArray[np.float32], truth: Labels) -> Metrics:
    probabilities = torch.from_numpy(logits).double().softmax(dim=1).numpy()
    return measure(truth, probabilities.argmax(axis=1), LABELS, probabilities)
