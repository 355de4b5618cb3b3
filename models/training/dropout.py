"""Dropout (Srivastava et al. 2014) from a fast generator.

torch draws its masks on CPU one number after the other: a quarter of the time of a training step in bfloat16. A
random byte a number, from numpy's SFC64, costs a tenth of that. On a GPU torch's own is used.
"""

import numpy as np
import torch
from torch import nn

_STEPS = 256
"""Values of a byte."""


class Noise:
    """Where all dropouts of a model draw from; seeded anew at each step, so that a resumed training draws the same."""

    def __init__(self) -> None:
        self._generator = np.random.Generator(np.random.SFC64(0))

    def seed(self, seed: int, step: int) -> None:
        """Begin step `step` of the training with `seed`."""
        self._generator = np.random.Generator(np.random.SFC64([seed, step]))

    def bytes(self, count: int) -> torch.Tensor:
        """`count` random bytes."""
        return torch.frombuffer(bytearray(self._generator.bytes(count)), dtype=torch.uint8)


class FastDropout(nn.Module):
    """Sets a share of numbers to 0 and scales the others up, while training.

    Args:
        rate: the share, rounded to 1/256.
        noise: where it draws from.
    """

    def __init__(self, rate: float, noise: Noise) -> None:
        super().__init__()
        self._dropped = round(rate * _STEPS)
        self._noise = noise

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Any shape, any floating type."""
        if not self.training or not self._dropped:
            return hidden
        if hidden.device.type != "cpu":
            return nn.functional.dropout(hidden, self._dropped / _STEPS)
        kept = self._noise.bytes(hidden.numel()).view(hidden.shape) >= self._dropped
        return hidden * (kept.to(hidden.dtype) * (_STEPS / (_STEPS - self._dropped)))


def with_fast_dropout(module: nn.Module, noise: Noise) -> None:
    """Replace every `nn.Dropout` in `module` that drops anything."""
    for name, child in module.named_children():
        if isinstance(child, nn.Dropout) and child.p > 0:
            setattr(module, name, FastDropout(child.p, noise))
        else:
            with_fast_dropout(child, noise)
