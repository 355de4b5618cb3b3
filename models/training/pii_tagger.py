"""Training of the tagger: a token classifier over few layers of an encoder, by cross-entropy."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from models.engine.backend import Precision
from models.engine.folder import OUTSIDE_KEY
from models.sources.merging import packed_int8
from models.sources.model_folder import (
    DELTA_FILE,
    OVERRIDES_FILE,
    Base,
    ModelFolder,
    write_model_folder,
)
from models.training.checkpoint import Checkpoints
from models.training.device import torch_device, training_format
from models.training.dropout import FastDropout, Noise
from models.training.loop import UNWATCHED, Outcome, Schedule, Watch, train
from models.training.pii_batches import IGNORED, Encoded, FreshBatches, TagBatch, encode, in_order
from models.training.pii_caution import Read
from models.training.pii_text import LABELS, Tagged
from models.training.trunk import Trunk, TrunkOptions, write_tensors

CLASSIFIER = "classifier"
"""Name of the head's parameters, as transformers' token classifiers have it."""
_MEASURED_AT_ONCE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggerOptions:
    """How a tagger is trained.

    Attributes:
        layers: which of the base's layers are kept and trained; its embeddings stay as they are.
        schedule: how long and how fast.
        epoch_size: texts in an epoch.
        batch_size: texts in a step.
        max_tokens: where texts are cut while training.
        device: `auto` (a GPU where there is one), `cpu`, `cuda`.
    """

    layers: tuple[int, ...] = (0, 1, 2)
    schedule: Schedule = field(default_factory=lambda: Schedule(learning_rate=5e-4, epochs=60, patience=60))
    epoch_size: int = 8_000
    batch_size: int = 32
    max_tokens: int = 160
    device: str = "auto"


class TagModel(nn.Module):
    """A trunk and a linear layer over each token's hidden state."""

    def __init__(self, trunk: Trunk, noise: Noise) -> None:
        super().__init__()
        self.trunk = trunk
        self.dropout = FastDropout(trunk.options.dropout, noise)
        self.classifier = nn.Linear(trunk.width, len(LABELS))

    def forward(self, batch: TagBatch) -> torch.Tensor:
        """Logits, float32 [n, tokens, classes]."""
        logits: torch.Tensor = self.classifier(self.dropout(self.trunk(batch.ids, batch.mask)))
        return logits


@dataclass(frozen=True, slots=True)
class FittedTagger:
    """A trained tagger.

    Attributes:
        model: in evaluation mode, with its best weights.
        options: how it was trained.
        outcome: of the training.
        caution: what is added to the logit of "outside" in its folder, see `pii_caution`.
        more: what is added beside that in number formats other than float32.
    """

    model: TagModel
    options: TaggerOptions
    outcome: Outcome
    caution: float = 0.0
    more: Mapping[Precision, float] = field(default_factory=dict)

    def encode(self, texts: Sequence[Tagged]) -> Encoded:
        """As the model sees them."""
        trunk = self.model.trunk
        return encode(trunk.base.folder, texts, trunk.facts.max_tokens)

    def write(self, folder: Path, name: str, version: str) -> ModelFolder:
        """Write the model folder. Reports and cards that are there already are listed in it."""
        trunk, classifier = self.model.trunk, self.model.classifier
        bias = classifier.bias.detach().float().cpu().numpy().copy()
        bias[0] += self.caution
        weight = classifier.weight.detach().float().cpu().numpy()
        tensors = packed_int8(trunk.changed())
        tensors |= {f"{CLASSIFIER}.weight": weight.astype(np.float16), f"{CLASSIFIER}.bias": bias}
        write_tensors(folder / DELTA_FILE, tensors)
        overrides: dict[str, Any] = {
            "architectures": ["BertForTokenClassification"],
            "id2label": {str(number): label for number, label in enumerate(LABELS)},
            "label2id": {label: number for number, label in enumerate(LABELS)},
        }
        if self.more:
            overrides[OUTSIDE_KEY] = dict(self.more)
        (folder / OVERRIDES_FILE).write_text(json.dumps(overrides, indent=2) + "\n", "utf-8")
        base = Base(trunk.source, trunk.base.digest)
        return write_model_folder(folder, ModelFolder(name, version, "pii", base, layers=self.options.layers))


def fit_tagger(
    examples: Callable[[int, int], Iterable[Tagged]],
    validation: Sequence[Tagged],
    base: str,
    options: TaggerOptions,
    *,
    watch: Watch = UNWATCHED,
    checkpoints: Checkpoints | None = None,
) -> FittedTagger:
    """Train a tagger.

    Args:
        examples: so many texts, from such a number on; no epoch sees those of another.
        validation: what epochs are chosen by.
        base: source of the encoder to start from.
        options: how.
        watch: told how far it is.
        checkpoints: for a training that may be killed.

    Raises:
        ArithmeticError: the loss is not finite.
        TrainingDataError: the checkpoint is of another training.
    """
    seed, device, noise = options.schedule.seed, torch_device(options.device), Noise()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        trunk = Trunk(
            base, TrunkOptions(method="full", layers=options.layers), noise, training_format(device)
        )
        model = TagModel(trunk, noise).to(device)
    cut, size = min(options.max_tokens, trunk.facts.max_tokens), options.epoch_size
    learning = FreshBatches(
        lambda epoch: encode(trunk.base.folder, list(examples(size, epoch * size)), cut),
        size,
        trunk.facts.pad_id,
        options.batch_size,
        seed,
    )
    held = encode(trunk.base.folder, validation, cut)
    # No label smoothing: it bounds how sure a tagger can be, and caution is to tell the very sure from the fairly sure.
    criterion = nn.CrossEntropyLoss(ignore_index=IGNORED)

    def loss(module: nn.Module, batch: TagBatch) -> torch.Tensor:
        moved = batch.to(device)
        value: torch.Tensor = criterion(module(moved).flatten(0, 1), moved.classes.flatten())
        return value

    def score(_: nn.Module) -> float:
        return Read(held, logits_of(model, held)).counts(0).f1

    outcome = train(
        model, learning, loss, score, options.schedule, watch=watch, noise=noise, checkpoints=checkpoints
    )
    return FittedTagger(model, options, outcome)


def logits_of(model: TagModel, encoded: Encoded) -> list[npt.NDArray[np.float32]]:
    """Logits [tokens, classes] of each text."""
    device = next(model.parameters()).device
    found: list[npt.NDArray[np.float32]] = [np.zeros((0, len(LABELS)), np.float32)] * len(encoded.texts)
    model.eval()
    with torch.inference_mode():
        for batch in in_order(encoded, model.trunk.facts.pad_id, _MEASURED_AT_ONCE):
            logits = model(batch.to(device)).float().cpu().numpy()
            for row, one, length in zip(batch.rows, logits, batch.mask.sum(1).tolist(), strict=True):
                found[row] = one[:length]
    return found
