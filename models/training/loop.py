"""The training loop, for heads on fixed vectors as for a whole encoder.

AdamW with linear warm-up and linear decay, gradient clipping, early stopping on a validation score, the best weights
kept, resumable. What a batch is, what the loss is and what the score is come from the task.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Protocol, TypeVar

import torch
from torch import nn

from models.training.checkpoint import Checkpoints
from models.training.dropout import Noise
from models.training.optimizing import MixedAdamW

Batch_co = TypeVar("Batch_co", covariant=True)
Batch = TypeVar("Batch")
Weights = dict[str, torch.Tensor]


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
        learning_rate: AdamW's highest; 5e-5 suits whole encoders, LoRA and small heads take ten times that.
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
    """What one epoch came to: mean training loss, and the score on validation."""

    number: int
    loss: float
    score: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished training; the model holds the weights of `best`."""

    best: Epoch
    history: tuple[Epoch, ...]

    def told(self) -> str:
        """For cards; epochs are counted from 1."""
        return f"epochs: {len(self.history)}, the best: {self.best.number + 1}"

    def facts(self) -> dict[str, Any]:
        """For reports; epochs are counted from 1."""
        return {
            "epochs": len(self.history),
            "best_epoch": self.best.number + 1,
            "validation_score": self.best.score,
        }


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told while it lasts: after each step (done, of all), and after each epoch."""

    step: Callable[[int, int], None] = lambda _done, _total: None
    epoch: Callable[[Epoch], None] = lambda _: None


UNWATCHED = Watch()


@dataclass(slots=True)
class _Progress:
    """Where a training is."""

    epoch: int
    batch: int
    loss: float
    history: list[Epoch]
    best: Epoch | None
    best_weights: Weights


def train(
    model: nn.Module,
    batches: Batches[Batch],
    loss: Callable[[nn.Module, Batch], torch.Tensor],
    score: Callable[[nn.Module], float],
    schedule: Schedule,
    *,
    watch: Watch = UNWATCHED,
    noise: Noise | None = None,
    checkpoints: Checkpoints | None = None,
) -> Outcome:
    """Train a model in place.

    Args:
        model: any module; parameters that need no gradient are left alone.
        batches: the training part.
        loss: mean loss of one batch, on the model in training mode.
        score: how good the model, in evaluation mode, is on validation; greater is better.
        schedule: how to train.
        watch: told how far it is.
        noise: of the model's fast dropouts, where it has them.
        checkpoints: where to resume from, and what to resume from if killed, also after the last epoch.

    Raises:
        ArithmeticError: the loss is not finite; a lower learning rate may help.
        TrainingDataError: the checkpoint is of another training.
    """
    if schedule.epochs < 1:
        raise ValueError("epochs must be at least 1")
    optimizer = MixedAdamW(model, schedule.learning_rate, schedule.weight_decay)
    total = max(1, len(batches) * schedule.epochs)
    at = _resumed(optimizer, checkpoints)
    with torch.random.fork_rng():
        while at.epoch < schedule.epochs and not _out_of_patience(at, schedule):
            model.train()
            for number, batch in enumerate(batches.epoch(at.epoch)):
                if number < at.batch:
                    continue
                step = at.epoch * len(batches) + number
                _seed(schedule.seed, step, noise)
                value = loss(model, batch)
                value.backward()
                optimizer.step(rate_at(step, total, schedule.warm_up), schedule.clip_norm)
                at.batch, at.loss = number + 1, at.loss + value.item()
                watch.step(step + 1, total)
                if checkpoints is not None and checkpoints.due:
                    checkpoints.save(_state(at, optimizer))
            _end_epoch(model, at, score, watch)
    assert at.best is not None, "an epoch ended"  # noqa: S101
    _load(model, at.best_weights)
    model.eval()
    if checkpoints is not None:
        checkpoints.save(_state(at, optimizer))
    return Outcome(at.best, tuple(at.history))


def rate_at(step: int, steps: int, warm_up: float) -> float:
    """Share of the learning rate at a step: up from 0 over the warm-up, then down to 0."""
    rising = max(1, round(steps * warm_up))
    if step < rising:
        return (step + 1) / rising
    return max(0.0, (steps - step) / max(1, steps - rising))


def _end_epoch(model: nn.Module, at: _Progress, score: Callable[[nn.Module], float], watch: Watch) -> None:
    mean = at.loss / max(1, at.batch)
    if not math.isfinite(mean):
        raise ArithmeticError("the training loss is not finite; try a lower learning rate")
    model.eval()
    with torch.inference_mode():
        epoch = Epoch(at.epoch, mean, score(model))
    at.history.append(epoch)
    watch.epoch(epoch)
    if at.best is None or epoch.score > at.best.score:
        at.best, at.best_weights = epoch, _trained(model)
    at.epoch, at.batch, at.loss = at.epoch + 1, 0, 0.0


def _out_of_patience(at: _Progress, schedule: Schedule) -> bool:
    return at.best is not None and at.epoch - 1 - at.best.number >= schedule.patience


def _seed(seed: int, step: int, noise: Noise | None) -> None:
    torch.manual_seed(seed * 100_003 + step)
    if noise is not None:
        noise.seed(seed, step)


def _trained(model: nn.Module) -> Weights:
    return {name: one.detach().cpu().clone() for name, one in model.named_parameters() if one.requires_grad}


def _load(model: nn.Module, weights: Weights) -> None:
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in weights:
                parameter.copy_(weights[name])


def _state(at: _Progress, optimizer: MixedAdamW) -> dict[str, Any]:
    return {
        "optimizer": optimizer.state(),
        "epoch": at.epoch,
        "batch": at.batch,
        "loss": at.loss,
        "history": [asdict(one) for one in at.history],
        "best": None if at.best is None else at.best.number,
        "best_weights": at.best_weights,
    }


def _resumed(optimizer: MixedAdamW, checkpoints: Checkpoints | None) -> _Progress:
    kept = None if checkpoints is None else checkpoints.load()
    if kept is None:
        return _Progress(0, 0, 0.0, [], None, {})
    optimizer.restore(kept["optimizer"])
    history = [Epoch(**one) for one in kept["history"]]
    best = next((one for one in history if one.number == kept["best"]), None)
    return _Progress(kept["epoch"], kept["batch"], kept["loss"], history, best, kept["best_weights"])
