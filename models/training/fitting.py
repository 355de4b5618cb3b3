"""Texts and what is known of them become an encoder with heads: the one way in which all text tasks are trained."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from models.heads import Head, write_heads
from models.sources.merging import packed_int8
from models.sources.model_folder import (
    ADAPTER_FILE,
    DELTA_FILE,
    HEADS_FILE,
    TERMS_FILE,
    Base,
    ModelFolder,
    write_model_folder,
)
from models.terms import TermModel, write_terms
from models.training.bert import LORA_ALPHA_PER_RANK, float32
from models.training.calibration import fit_temperature
from models.training.checkpoint import Checkpoints
from models.training.device import torch_device, training_format
from models.training.dropout import FastDropout, Noise
from models.training.loop import UNWATCHED, Outcome, Schedule, Watch, train
from models.training.objectives import ClassObjective, ClassWeights, Objective, mean_score
from models.training.text_batches import TextBatches, TextPart, TokenBatch, tokenised
from models.training.trunk import Trunk, TrunkOptions, write_tensors

Outputs = dict[str, npt.NDArray[np.float32]]
ExtraLoss = Callable[["TextModel", TokenBatch, torch.Tensor, dict[str, torch.Tensor]], torch.Tensor]
"""Of the model, a batch, its vectors [n, width] and its outputs by objective: what is added to the loss."""
Start = Callable[["TextModel"], None]
"""Changes a model before its first step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitOptions:
    """How a text model is trained.

    Attributes:
        trunk: what becomes of the encoder.
        schedule: how long and how fast.
        batch_size: texts in a step.
        max_tokens: where texts are cut while training; in service the encoder's own limit holds.
        device: `auto` (a GPU where there is one), `cpu`, `cuda`.
    """

    trunk: TrunkOptions = field(default_factory=TrunkOptions)
    schedule: Schedule = field(default_factory=lambda: Schedule(learning_rate=5e-4, epochs=3, patience=1))
    batch_size: int = 32
    max_tokens: int = 192
    device: str = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierOptions:
    """How a model is trained whose main head tells classes.

    Attributes:
        fit: encoder, schedule, batches.
        class_weights: how much a class counts in the loss.
        smoothing: of its labels.
    """

    fit: FitOptions = field(default_factory=FitOptions)
    class_weights: ClassWeights = "none"
    smoothing: float = 0.05


class TextModel(nn.Module):
    """A trunk and a linear head for each objective, over its unit vectors scaled to entries of about 1."""

    scale: float

    def __init__(self, trunk: Trunk, objectives: Sequence[Objective], noise: Noise) -> None:
        super().__init__()
        self.trunk = trunk
        self.dropout = FastDropout(trunk.options.dropout, noise)
        self.scale = trunk.width**0.5
        self.heads = nn.ModuleDict({_key(one): nn.Linear(trunk.width, one.outputs) for one in objectives})

    def head(self, objective: Objective) -> nn.Linear:
        """The head of an objective."""
        found = self.heads[_key(objective)]
        assert isinstance(found, nn.Linear)  # noqa: S101 - see __init__
        return found

    def forward(self, batch: TokenBatch) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Vectors [n, width], and outputs by objective [n, outputs]."""
        vectors = self.trunk.vectors(batch.ids, batch.mask)
        read = self.dropout(vectors * self.scale)
        return vectors, {_name(key): head(read) for key, head in self.heads.items()}


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained model.

    Attributes:
        model: in evaluation mode, with its best weights.
        options: how it was trained.
        heads: calibrated, as they will be in service.
        outcome: of the training.
        validation: what the heads give for validation, before temperatures, by objective.
        terms: what words say beside the vectors, where some head weighs that.
    """

    model: TextModel
    options: FitOptions
    heads: dict[str, Head]
    outcome: Outcome
    validation: Outputs = field(default_factory=dict)
    terms: TermModel | None = None

    def write(self, folder: Path, name: str, version: str, task: str) -> ModelFolder:
        """Write the model folder. Reports and cards that are there already are listed in it."""
        trunk, method = self.model.trunk, self.options.trunk.method
        if method == "lora":
            write_tensors(folder / ADAPTER_FILE, dict(trunk.adapter()))
        elif method == "full":
            write_tensors(folder / DELTA_FILE, packed_int8(trunk.changed()))
        write_heads(folder / HEADS_FILE, self.heads)
        if self.terms is not None:
            write_terms(folder / TERMS_FILE, self.terms)
        return write_model_folder(
            folder,
            ModelFolder(
                id=name,
                version=version,
                task=task,
                base=Base(trunk.source, trunk.base.digest),
                layers=self.options.trunk.layers,
                scaling=LORA_ALPHA_PER_RANK,
            ),
        )


def fit(  # noqa: PLR0913 - each says one thing
    training: TextPart,
    validation: TextPart,
    objectives: Sequence[Objective],
    base: str,
    options: FitOptions,
    *,
    watch: Watch = UNWATCHED,
    checkpoints: Checkpoints | None = None,
    start: Start | None = None,
    extra_loss: ExtraLoss | None = None,
) -> Fitted:
    """Train an encoder and its heads.

    Args:
        training: what it learns from.
        validation: what epochs are chosen by and heads calibrated on.
        objectives: what the heads tell.
        base: source of the encoder to start from.
        options: how.
        watch: told how far it is.
        checkpoints: for a training that may be killed.
        start: gives the model other weights to begin with than the base's, for distillation.
        extra_loss: added to the objectives' losses, for distillation.

    Raises:
        ArithmeticError: the loss is not finite.
        TrainingDataError: the checkpoint is of another training.
    """
    seed, device, noise = options.schedule.seed, torch_device(options.device), Noise()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        trunk = Trunk(base, options.trunk, noise, training_format(device))
        model = TextModel(trunk, objectives, noise)
    if start is not None:
        start(model)
    model.to(device)
    cut = min(options.max_tokens, trunk.facts.max_tokens)

    def batches(part: TextPart) -> TextBatches:
        tokens = tokenised(trunk.base.folder, part.texts, cut)
        return TextBatches(part, tokens, trunk.facts.pad_id, options.batch_size, seed, trunk.facts.max_tokens)

    learning, holding = batches(training), batches(validation)
    criteria = {one.name: one.criterion(training.targets).to(device) for one in objectives}

    def loss(module: nn.Module, batch: TokenBatch) -> torch.Tensor:
        moved = batch.to(device)
        vectors, outputs = module(moved)
        losses = [
            value
            for one in objectives
            if (value := one.loss(criteria[one.name], outputs[one.name], moved.targets[one.name])) is not None
        ]
        if extra_loss is not None:
            losses.append(extra_loss(model, moved, vectors, outputs))
        # Of a batch of which nothing is known, nothing is learned.
        return torch.stack(losses).sum() if losses else vectors.sum() * 0

    last: Outputs = {}

    def score(_: nn.Module) -> float:
        last.update(outputs_of(model, holding, len(validation.texts)))
        return mean_score(objectives, last, validation.targets)

    outcome = train(
        model, learning, loss, score, options.schedule, watch=watch, noise=noise, checkpoints=checkpoints
    )
    # Most often the last epoch is the best one, and validation has been read with its weights.
    known = bool(last) and outcome.best is outcome.history[-1]
    outputs = last if known else outputs_of(model, holding, len(validation.texts))
    return Fitted(model, options, _heads(model, objectives, outputs, validation), outcome, outputs)


def outputs_of(model: TextModel, batches: TextBatches, count: int) -> Outputs:
    """What the heads give for every text of a part, float32 [count, outputs] by objective."""
    device = next(model.parameters()).device
    found: Outputs = {}
    model.eval()
    with torch.inference_mode():
        for batch in batches.in_order():
            _, outputs = model(batch.to(device))
            for name, output in outputs.items():
                whole = found.setdefault(name, np.zeros((count, output.shape[1]), np.float32))
                whole[batch.rows] = output.float().cpu().numpy()
    return found


def _heads(
    model: TextModel, objectives: Sequence[Objective], outputs: Outputs, validation: TextPart
) -> dict[str, Head]:
    heads = {}
    for one in objectives:
        linear = model.head(one)
        # The scale goes into the weights: in service a head reads plain unit vectors.
        weight = float32(linear.weight) * np.float32(model.scale)
        bias = float32(linear.bias)
        if isinstance(one, ClassObjective):
            target = validation.targets[one.name]
            known = ~np.isnan(target)
            temperature = 1.0
            if known.any():
                temperature = fit_temperature(outputs[one.name][known], target[known].astype(np.int64))
            heads[one.name] = Head(one.name, "classes", ((weight, bias),), one.labels, temperature)
        else:
            heads[one.name] = Head(one.name, "number", ((weight, bias),), bounds=one.bounds)
    return heads


def _key(objective: Objective) -> str:
    """Names of torch's modules have no dots."""
    return objective.name.replace(".", "/")


def _name(key: str) -> str:
    return key.replace("/", ".")
