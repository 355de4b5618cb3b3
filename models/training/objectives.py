"""What a head is trained to tell: a class by cross-entropy, a number by squared error."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from models.training.metrics import Labels, Metrics, measure
from models.training.text_batches import Targets

ClassWeights = Literal["none", "root", "balanced"]
"""How much a class counts in the loss: alike, by 1/sqrt(its examples), by 1/(its examples)."""


@dataclass(frozen=True, slots=True)
class ClassObjective:
    """One of some classes.

    Attributes:
        name: of the head and of the targets.
        labels: names of the classes; a target is an index into them.
        weight: of its loss among all.
        class_weights: how much a class counts.
        smoothing: label smoothing (Szegedy et al. 2016): the share of each target that is spread over all classes.
    """

    name: str
    labels: tuple[str, ...]
    weight: float = 1.0
    class_weights: ClassWeights = "root"
    smoothing: float = 0.05

    @property
    def outputs(self) -> int:
        """Numbers that its head gives."""
        return len(self.labels)

    def criterion(self, targets: Targets) -> nn.Module:
        """The loss, weighted by the classes of the training part."""
        known = _known(targets[self.name]).astype(np.int64)
        counts = np.bincount(known, minlength=len(self.labels)).astype(np.float64)
        powers = np.maximum(counts, 1) ** {"none": 0.0, "root": -0.5, "balanced": -1.0}[self.class_weights]
        # Scaled so that an example counts 1 on average, and the learning rate means the same for all three.
        scaled = powers * len(known) / max(1.0, float((powers * counts).sum()))
        return nn.CrossEntropyLoss(torch.from_numpy(scaled).float(), label_smoothing=self.smoothing)

    def loss(self, criterion: nn.Module, outputs: torch.Tensor, target: torch.Tensor) -> torch.Tensor | None:
        """Mean over the rows whose class is known; None where there are none."""
        known = ~target.isnan()
        if not bool(known.any()):
            return None
        value: torch.Tensor = criterion(outputs[known], target[known].long())
        return value * self.weight

    def measured(self, outputs: npt.NDArray[np.float32], target: npt.NDArray[np.float32]) -> Metrics | None:
        """How good it is; None where no class is known."""
        known = ~np.isnan(target)
        if not known.any():
            return None
        truth: Labels = target[known].astype(np.int64)
        probabilities = torch.from_numpy(outputs[known]).double().softmax(dim=1).numpy()
        return measure(truth, probabilities.argmax(axis=1), self.labels, probabilities)

    def score(self, outputs: npt.NDArray[np.float32], target: npt.NDArray[np.float32]) -> float | None:
        """What epochs are compared by: the mean of accuracy and macro-F1."""
        metrics = self.measured(outputs, target)
        return None if metrics is None else metrics.selection_score


@dataclass(frozen=True, slots=True)
class NumberObjective:
    """A number within bounds.

    Attributes:
        name: of the head and of the targets.
        bounds: least and greatest.
        weight: of its loss among all.
    """

    name: str
    bounds: tuple[float, float]
    weight: float = 0.3

    @property
    def outputs(self) -> int:
        """Numbers that its head gives."""
        return 1

    def criterion(self, targets: Targets) -> nn.Module:
        """Mean squared error."""
        del targets
        return nn.MSELoss()

    def loss(self, criterion: nn.Module, outputs: torch.Tensor, target: torch.Tensor) -> torch.Tensor | None:
        """Mean over the rows whose number is known; None where there are none."""
        known = ~target.isnan()
        if not bool(known.any()):
            return None
        value: torch.Tensor = criterion(outputs[known, 0], target[known])
        return value * self.weight

    def score(self, outputs: npt.NDArray[np.float32], target: npt.NDArray[np.float32]) -> float | None:
        """1 less the mean absolute error as a share of the bounds' distance."""
        known = ~np.isnan(target)
        if not known.any():
            return None
        low, high = self.bounds
        error = np.abs(outputs[known, 0].clip(low, high) - target[known]).mean()
        return float(1 - error / (high - low))


Objective = ClassObjective | NumberObjective


def mean_score(
    objectives: Sequence[Objective],
    outputs: dict[str, npt.NDArray[np.float32]],
    targets: Targets,
) -> float:
    """The objectives' scores, weighted as their losses."""
    scores = [
        (score, one.weight)
        for one in objectives
        if (score := one.score(outputs[one.name], targets[one.name])) is not None
    ]
    return float(np.average([score for score, _ in scores], weights=[weight for _, weight in scores]))


def _known(target: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return target[~np.isnan(target)]
