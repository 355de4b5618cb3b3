"""BERT under training: a base's transformers model, low-rank changes of it by peft, and what they came to."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

LORA_ALPHA_PER_RANK: Final = 2.0
PEFT_PREFIX: Final = "base_model.model."
"""Of the names of a model's parts within peft's."""
_LINEAR: Final = ("query", "key", "value", "dense")
_SIDES: Final = ("lora_A", "lora_B")


def load_bert(kind: str, folder: Path, dropout: float) -> Any:  # noqa: ANN401 - of one of transformers' classes
    """A model in float32, silently.

    Args:
        kind: of transformers' automatic classes, `AutoModel` for instance.
        folder: of the base.
        dropout: after each sub-layer and embedding; attention weights are not dropped, which is twice as fast on CPU.
    """
    import transformers
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    return getattr(transformers, kind).from_pretrained(
        folder,
        dtype=torch.float32,
        attn_implementation="eager",  # whose backward is twice as fast on CPU
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=0.0,
    )


def with_low_rank(model: Any, rank: int) -> Any:  # noqa: ANN401 - a transformers model, then a peft one
    """Low-rank changes (LoRA, Hu et al. 2021, arXiv:2106.09685) of every linear layer of the encoder."""
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=rank,
        lora_alpha=round(rank * LORA_ALPHA_PER_RANK),
        target_modules=list(_linear_names(model)),
        lora_dropout=0.0,
    )
    return get_peft_model(model, config, autocast_adapter_dtype=False)


def low_rank_changes(model: nn.Module) -> dict[str, npt.NDArray[np.float16]]:
    """The low-rank changes, by the names of the base's parameters, see `models.sources.model_folder`."""
    found = {}
    for name, parameter in model.named_parameters():
        for side in _SIDES:
            if f".{side}." in name:
                weight = name.removeprefix(PEFT_PREFIX).partition(f".{side}.")[0]
                found[f"{weight}.weight.{side}"] = float32(parameter).astype(np.float16)
    return found


def float32(parameter: torch.Tensor) -> npt.NDArray[np.float32]:
    """A parameter's numbers."""
    array: npt.NDArray[np.float32] = parameter.detach().float().cpu().numpy()
    return array


def _linear_names(model: nn.Module) -> Iterator[str]:
    for name, module in model.named_modules():
        *path, last = name.split(".")
        if isinstance(module, nn.Linear) and "encoder" in path and last in _LINEAR:
            yield name
