"""Where a student begins: at its teacher's weights, in the layers that it keeps."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from models.heads import Head
from models.sources import WeightSource, weight_files
from models.sources.merging import kept_layers
from models.training.bert import LORA_ALPHA_PER_RANK, PEFT_PREFIX
from models.training.fitting import TextModel
from models.training.objectives import Objective

_ROW_LENGTH = 3**-0.5
"""Length of a row of A as peft draws it: entries uniform within 1/sqrt(inputs)."""


@dataclass(frozen=True, slots=True)
class Start:
    """Puts a teacher's weights into a student, before its first step.

    With `full` they are the teacher's own. With `lora` each matrix begins as near to the teacher's as the rank allows
    (the best low-rank change of the base's, Eckart & Young 1936): exactly there where the teacher was trained by LoRA
    of no higher rank. Heads begin as the teacher's in any case.

    Args:
        teacher: the trained model, merged with its base.
        heads: its heads.
        objectives: of the student, one for each head.
        places: which of the teacher's layers the student keeps.
    """

    teacher: WeightSource
    heads: dict[str, Head]
    objectives: tuple[Objective, ...]
    places: tuple[int, ...]

    def __call__(self, model: TextModel) -> None:
        """Change `model` in place."""
        wanted = self._tensors()
        with torch.no_grad():
            for objective in self.objectives:
                linear, (weight, bias) = model.head(objective), self.heads[objective.name].layers[0]
                linear.weight.copy_(torch.from_numpy(weight) / model.scale)
                linear.bias.copy_(torch.from_numpy(bias))
            method = model.trunk.options.method
            if method == "full":
                for name, parameter in model.trunk.model.named_parameters():
                    if parameter.requires_grad:
                        parameter.copy_(wanted[name])
            elif method == "lora":
                for name, linear in _low_rank_linears(model.trunk.model):
                    _start_low_rank(linear, wanted[f"{name}.weight"])

    def _tensors(self) -> dict[str, torch.Tensor]:
        from safetensors.numpy import load_file

        tensors: dict[str, Any] = {}
        for path in weight_files(self.teacher.folder):
            tensors |= load_file(path)
        return {
            name: torch.from_numpy(tensor).float()
            for name, tensor in kept_layers(tensors, self.places).items()
            if tensor.dtype.kind == "f"
        }


def _low_rank_linears(model: nn.Module) -> Iterator[tuple[str, Any]]:
    for name, module in model.named_modules():
        if hasattr(module, "lora_A"):
            yield name.removeprefix(PEFT_PREFIX), module


def _start_low_rank(linear: Any, wanted: torch.Tensor) -> None:  # noqa: ANN401 - a linear layer of peft
    down, up = linear.lora_A["default"].weight, linear.lora_B["default"].weight
    left, sizes, right = torch.linalg.svd(wanted - linear.base_layer.weight.float(), full_matrices=False)
    rank = down.shape[0]
    down.copy_(right[:rank] * _ROW_LENGTH)
    up.copy_(left[:, :rank] * (sizes[:rank] / (_ROW_LENGTH * LORA_ALPHA_PER_RANK)))
