"""The arithmetic of a forward in torch, the same on every device. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from models.engine.backend import Output, Row, Task
from models.engine.folder import EncoderFacts

if TYPE_CHECKING:
    import torch

_FULL_MASK = frozenset({"bert", "camembert", "distilbert", "electra", "roberta", "xlm-roberta"})
"""Kinds of models that take a ready attention mask of 4 dimensions, and look everywhere in each layer."""
_SINCE_VERSION = 5
"""Of transformers; before, BERT refused such a mask."""


@dataclass(frozen=True, slots=True)
class Padded:
    """One batch as tensors.

    Attributes:
        ids: int64 [rows, tokens], padded at the end.
        lengths: int64 [rows], tokens of each row without padding.
        seconds: int64 [rows], where each row's second text begins, its length where it has none; absent if no row has.
        full: whether there is no padding. Known here, so that no device has to be asked.
    """

    ids: "torch.Tensor"
    lengths: "torch.Tensor"
    seconds: "torch.Tensor | None"
    full: bool

    def on(self, device: "torch.device") -> "Padded":
        """The same on another device. From pinned memory the copies run while the host goes on."""
        return replace(
            self,
            ids=self.ids.to(device, non_blocking=True),
            lengths=self.lengths.to(device, non_blocking=True),
            seconds=None if self.seconds is None else self.seconds.to(device, non_blocking=True),
        )

    def pinned(self) -> "Padded":
        """The same in memory that a GPU reads without the host's help."""
        return replace(
            self,
            ids=self.ids.pin_memory(),
            lengths=self.lengths.pin_memory(),
            seconds=None if self.seconds is None else self.seconds.pin_memory(),
        )


def pad(rows: Sequence[Row], facts: EncoderFacts, pad_to: int) -> Padded:
    """One batch, padded to a multiple of `pad_to` tokens, but never beyond what the model takes."""
    import torch

    lengths = [len(row.ids) for row in rows]
    longest = max(lengths)
    width = max(longest, min(facts.max_tokens, -(-longest // pad_to) * pad_to))
    padding = [facts.pad_id] * width
    ids = torch.tensor([row.ids + padding[len(row.ids) :] for row in rows], dtype=torch.long)
    seconds = None
    if facts.token_types and any(row.second for row in rows):
        seconds = torch.tensor([row.second or len(row.ids) for row in rows])
    return Padded(ids, torch.tensor(lengths), seconds, full=min(lengths) == width)


def takes_full_mask(module: "torch.nn.Module") -> bool:
    """Whether a model takes a mask of 4 dimensions as it is.

    One of 2 dimensions is looked through first, whether it hides anything: on a GPU the host would wait for that.
    """
    import transformers

    config = module.config  # every model of transformers has one
    modern = int(transformers.__version__.partition(".")[0]) >= _SINCE_VERSION
    return modern and str(getattr(config, "model_type", "")) in _FULL_MASK


def forward(
    module: "torch.nn.Module", task: Task, facts: EncoderFacts, batch: Padded, *, full_mask: bool
) -> "torch.Tensor":
    """Run a batch where it lies, without waiting for the device.

    Args:
        module: see `models.engine.backends.torch_loading`.
        task: all but `generate`.
        facts: pooling, and whether the model takes token types.
        batch: on the module's device.
        full_mask: see `takes_full_mask`.

    Returns:
        float32 on the same device: embed [rows, width], of length 1; score [rows, 1]; classify [rows, classes];
        tag [rows, tokens, classes].
    """
    import torch

    with torch.inference_mode():
        positions = torch.arange(batch.ids.shape[1], device=batch.ids.device)
        mask = positions < batch.lengths[:, None]
        inputs = {"input_ids": batch.ids}
        if not full_mask:
            inputs["attention_mask"] = mask.long()
        elif not batch.full:  # without a mask, attention has faster kernels
            inputs["attention_mask"] = mask[:, None, None, :].expand(-1, 1, len(positions), -1)
        if batch.seconds is not None:
            inputs["token_type_ids"] = ((positions >= batch.seconds[:, None]) & mask).long()
        output = module(**inputs)
        if task != "embed":
            logits: torch.Tensor = output.logits.float()
            return logits
        pooled = _pool(output.last_hidden_state, mask, facts)
        return torch.nn.functional.normalize(pooled, dim=1)


def split(outputs: "torch.Tensor", task: Task, lengths: Sequence[int]) -> list[Output]:
    """A batch's outputs on the host, row by row; of `tag` without those of the padding."""
    rows = list(outputs.numpy())
    if task == "tag":
        return [row[:length] for row, length in zip(rows, lengths, strict=True)]
    return rows


def _pool(hidden: "torch.Tensor", mask: "torch.Tensor", facts: EncoderFacts) -> "torch.Tensor":
    if facts.pooling == "cls":
        return hidden[:, 0].float()
    weights = mask.unsqueeze(-1).float()
    return (hidden.float() * weights).sum(dim=1) / weights.sum(dim=1)
