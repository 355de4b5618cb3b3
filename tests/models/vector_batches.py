"""Batches of fixed vectors and labels, shuffled anew each epoch."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch


class LabelledVectors(NamedTuple):
    """Vectors [n, width] and class indices [n]."""

    vectors: torch.Tensor
    labels: torch.Tensor


class ShuffledVectors:
    """Cuts labelled vectors into batches; the order follows from seed and epoch."""

    def __init__(self, part: LabelledVectors, batch_size: int, seed: int) -> None:
        self._part = part
        self._batch_size = batch_size
        self._seed = seed

    def __len__(self) -> int:
        """Batches in one epoch."""
        return math.ceil(len(self._part.labels) / self._batch_size)

    def epoch(self, number: int) -> Iterator[LabelledVectors]:
        """Every example once."""
        generator = torch.Generator().manual_seed(self._seed * 100_003 + number)
        order = torch.randperm(len(self._part.labels), generator=generator)
        for chosen in order.split(self._batch_size):
            yield LabelledVectors(self._part.vectors[chosen], self._part.labels[chosen])
