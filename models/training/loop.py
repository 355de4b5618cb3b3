"""The training loop, for a head on fixed vectors as for a whole encoder.

AdamW with linear warm-up and linear decay, gradient clipping, early stopping on a validation score, the best weights
kept. What a batch is, what the loss is and what the score is come from the task.
"""

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

import torch
from torch import nn

Batch_co = TypeVar("Batch_co", covariant=True)
Batch = TypeVar("Batch")


class Batches(Protocol[Batch_co]):
    """The training part, cut into batches anew each epoch."""

    def __len__(self) -> int:
        """Batches in one epoch."""

    def epoch(self, number: int) -> Iterator[Batch_co]:
        """The batches of epoch `number`; the same number gives the same batches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How to train.

    Attributes:
        learning_rate: AdamW's highest; 5e-5 suits whole encoders, a small head takes more.
        weight_decay: on matrices only, not on biases and norms.
        warm_up: share of all steps over which the rate rises from 0; then it falls linearly to 0.
        epochs: at most.
        patience: epochs without a better score after which training ends.
        clip_norm: greatest norm of the gradient.
        seed: of dropout, and of whatever the task draws.
    """

    learning_rate: float = 5e-5
    weight_decay: float = 0.01
    warm_up: float = 0.1
    epochs: int = 10
    patience: int = 3
    clip_norm: float = 1.0
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one epoch came to."""

    number: int
    loss: float
    score: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished training; the model holds the weights of `best`."""

    best: Epoch
    history: tuple[Epoch, ...]


def train(
    model: nn.Module,
    batches: Batches[Batch],
    loss: Callable[[nn.Module, Batch], torch.Tensor],
    score: Callable[[nn.Module], float],
    schedule: Schedule,
    progress: Callable[[Epoch], None] = lambda _: None,
) -> Outcome:
    """Train a model in place.

    Args:
        model: any module; parameters that need no gradient are left alone.
        batches: the training part.
        loss: mean loss of one batch, on the model in training mode.
        score: how good the model, in evaluation mode, is on validation; greater is better.
        schedule: how to train.
        progress: called after each epoch.

    Raises:
        ArithmeticError: the loss is not finite; a lower learning rate may help.
    """
    optimizer = torch.optim.AdamW(_parameter_groups(model, schedule.weight_decay), lr=schedule.learning_rate)
    steps = max(1, len(batches) * schedule.epochs)
    rate = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate_at(step, steps, schedule.warm_up))
    history: list[Epoch] = []
    best: Epoch | None = None
    best_weights = copy.deepcopy(model.state_dict())
    with torch.random.fork_rng():
        torch.manual_seed(schedule.seed)
        for number in range(schedule.epochs):
            mean_loss = _one_epoch(model, batches.epoch(number), loss, optimizer, rate, schedule.clip_norm)
            history.append(Epoch(number, mean_loss, _score(model, score)))
            progress(history[-1])
            if best is None or history[-1].score > best.score:
                best = history[-1]
                best_weights = copy.deepcopy(model.state_dict())
            elif number - best.number >= schedule.patience:
                break
    if best is None:
        raise ValueError("epochs must be at least 1")
    model.load_state_dict(best_weights)
    model.eval()
    return Outcome(best, tuple(history))


def rate_at(step: int, steps: int, warm_up: float) -> float:
    """Share of the learning rate at a step: up from 0 over the warm-up, then down to 0."""
    rising = max(1, round(steps * warm_up))
    if step < rising:
        return (step + 1) / rising
    return max(0.0, (steps - step) / max(1, steps - rising))


def _one_epoch(
    model: nn.Module,
    batches: Iterator[Batch],
    loss: Callable[[nn.Module, Batch], torch.Tensor],
    optimizer: torch.optim.Optimizer,
    rate: torch.optim.lr_scheduler.LRScheduler,
    clip_norm: float,
) -> float:
    model.train()
    total, count = 0.0, 0
    for batch in batches:
        optimizer.zero_grad(set_to_none=True)
        value = loss(model, batch)
        value.backward()
        nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
        optimizer.step()
        rate.step()
        total += value.item()
        count += 1
    mean = total / max(1, count)
    if not math.isfinite(mean):
        raise ArithmeticError("the training loss is not finite; try a lower learning rate")
    return mean


def _score(model: nn.Module, score: Callable[[nn.Module], float]) -> float:
    model.eval()
    with torch.inference_mode():
        return score(model)


def _parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return [
        {"params": [parameter for parameter in trained if parameter.ndim > 1], "weight_decay": weight_decay},
        {"params": [parameter for parameter in trained if parameter.ndim <= 1], "weight_decay": 0.0},
    ]
