"""AdamW over float32 copies of weights that are themselves bfloat16 (Micikevicius et al. 2018, arXiv:1710.03740).

Forward and backward run in bfloat16 where that is fast (`device.training_format`), twice as fast as float32 on CPUs
with AMX and on GPUs; updates, smaller than bfloat16's steps, gather in the copies. bfloat16 has float32's range, so
that losses need no scaling. Of weights in float32 the copies are the same numbers.
"""

from typing import Any

import torch
from torch import nn


class MixedAdamW:
    """AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101) with gradient clipping.

    Args:
        model: its parameters that need a gradient are trained.
        learning_rate: the highest.
        weight_decay: on matrices only, not on biases and norms.
    """

    def __init__(self, model: nn.Module, learning_rate: float, weight_decay: float) -> None:
        self._trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self._copies = [parameter.detach().float().clone() for parameter in self._trained]
        matrices = [copy for copy in self._copies if copy.ndim > 1]
        others = [copy for copy in self._copies if copy.ndim <= 1]
        self._learning_rate = learning_rate
        self._adam = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}],
            lr=learning_rate,
        )

    def step(self, share: float, clip_norm: float) -> None:
        """Take the gradients of one backward pass, and forget them.

        Args:
            share: of the highest learning rate.
            clip_norm: greatest norm of the whole gradient.
        """
        for parameter, copy in zip(self._trained, self._copies, strict=True):
            copy.grad = None if parameter.grad is None else parameter.grad.float()
            parameter.grad = None
        nn.utils.clip_grad_norm_(self._copies, clip_norm)
        for group in self._adam.param_groups:
            group["lr"] = self._learning_rate * share
        self._adam.step()
        with torch.no_grad():
            for parameter, copy in zip(self._trained, self._copies, strict=True):
                parameter.copy_(copy)

    def state(self) -> dict[str, Any]:
        """All that a resumed training needs."""
        return {"copies": self._copies, "adam": self._adam.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from `state`; the model's weights follow."""
        self._adam.load_state_dict(state["adam"])
        with torch.no_grad():
            for parameter, copy, kept in zip(self._trained, self._copies, state["copies"], strict=True):
                copy.copy_(kept)
                parameter.copy_(kept)
