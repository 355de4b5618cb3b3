"""The encoder under training: a base's transformers model, which of it is trained, and how the result is written."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from models.engine.folder import read_facts
from models.sources import CONFIG_FILE, WeightSource, resolve
from models.training.bert import float32, load_bert, low_rank_changes, with_low_rank
from models.training.dropout import Noise, with_fast_dropout

Method = Literal["lora", "full", "head"]
"""What is trained: low-rank changes of every linear layer, all layers, or nothing but the heads."""
_STRIDE = 16


@dataclass(frozen=True, slots=True)
class TrunkOptions:
    """What becomes of a base.

    Attributes:
        method: what is trained. Embeddings never are: they are most of a small model's bytes, and stay the base's.
        rank: of the low-rank changes.
        layers: which layers are kept; None is all.
        dropout: after each sub-layer and embedding; attention weights are not dropped, which is twice as fast on CPU.
    """

    method: Method = "lora"
    rank: int = 16
    layers: tuple[int, ...] | None = None
    dropout: float = 0.1


class Trunk(nn.Module):
    """Token ids to hidden states.

    Args:
        source: the encoder to start from.
        options: what is trained.
        noise: of its dropouts.
        dtype: of weights and activations, see `training_format`.
    """

    def __init__(self, source: str, options: TrunkOptions, noise: Noise, dtype: torch.dtype) -> None:
        super().__init__()
        self.source = source
        self.base = base = resolve(source)
        self.options = options
        self.dtype = dtype
        self.facts = read_facts(base.folder)
        model = load_bert("AutoModel", base.folder, options.dropout)
        model.pooler = None
        if options.layers is not None:
            model.encoder.layer = nn.ModuleList(model.encoder.layer[layer] for layer in options.layers)
            model.config.num_hidden_layers = len(options.layers)
        self.model = _with_trained_parts(model, options)
        with_fast_dropout(self.model, noise)
        self.model.to(dtype)

    @property
    def width(self) -> int:
        """Numbers in one hidden state."""
        return self.facts.width

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Hidden states, float32 [n, tokens, width], of ids and mask, int64 [n, tokens]."""
        hidden: torch.Tensor = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
        return hidden.float()

    def vectors(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Unit vectors, float32 [n, width], pooled as the engine pools them."""
        hidden = self(ids, mask)
        if self.facts.pooling == "cls":
            pooled = hidden[:, 0]
        else:
            weight = mask[..., None].to(hidden.dtype)
            pooled = (hidden * weight).sum(1) / weight.sum(1)
        return nn.functional.normalize(pooled, dim=1)

    def adapter(self) -> dict[str, npt.NDArray[np.float16]]:
        """The low-rank changes, by the names of the base's parameters, see `models.sources.model_folder`."""
        return low_rank_changes(self.model)

    def changed(self) -> dict[str, npt.NDArray[np.float32]]:
        """All parameters that were trained in full, by the names of the base's."""
        return {name: float32(one) for name, one in self.model.named_parameters() if one.requires_grad}


def layers_of(base: WeightSource) -> int:
    """How many layers a base has."""
    return int(json.loads((base.folder / CONFIG_FILE).read_text("utf-8"))["num_hidden_layers"])


def evenly(count: int, of: int) -> tuple[int, ...]:
    """`count` of `of` layers, evenly spread, the last one among them: 3 of 12 are 3, 7, 11."""
    return tuple(round((number + 1) * of / count) - 1 for number in range(count))


def write_tensors(path: Path, tensors: dict[str, npt.NDArray[Any]]) -> None:
    """Write safetensors, where there are any."""
    from safetensors.numpy import save_file

    if tensors:
        save_file({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, path)


def _with_trained_parts(model: Any, options: TrunkOptions) -> Any:  # noqa: ANN401 - a transformers or peft model
    for parameter in model.parameters():
        parameter.requires_grad_(options.method == "full")
    for parameter in model.embeddings.parameters():
        parameter.requires_grad_(False)  # noqa: FBT003 - torch's
    return with_low_rank(model, options.rank) if options.method == "lora" else model


def padded(rows: Sequence[Sequence[int]], pad_id: int, most: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and mask, int64 [n, tokens], of rows of token ids.

    Lengths are multiples of 16 as far as `most` allows: oneDNN prepares each new shape anew, and AMX works in
    sixteens.

    Args:
        rows: token ids.
        pad_id: what stands behind a row's end.
        most: tokens that the model takes; no row is longer. 0: as long as the longest row.
    """
    longest = max(map(len, rows))
    longest = max(longest, min(most, -(-longest // _STRIDE) * _STRIDE))
    ids = torch.full((len(rows), longest), pad_id, dtype=torch.int64)
    mask = torch.zeros((len(rows), longest), dtype=torch.int64)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = torch.tensor(row, dtype=torch.int64)
        mask[place, : len(row)] = 1
    return ids, mask
