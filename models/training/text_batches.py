"""Batches of texts under training: of like length, in an order that follows from seed and epoch."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from models.training.trunk import padded

_BUCKET = 50
"""Batches among whose texts those of like length are put together; the rest is by chance."""

Targets = Mapping[str, npt.NDArray[np.float32]]
"""By objective: a class index or a number for each text [n]; NaN where it is not known."""


@dataclass(frozen=True, slots=True)
class TextPart:
    """Texts and what is known of them."""

    texts: Sequence[str]
    targets: Targets


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Ids and mask, int64 [n, longest]; targets by objective, float32 [n]; where in the part the rows stand."""

    ids: torch.Tensor
    mask: torch.Tensor
    targets: dict[str, torch.Tensor]
    rows: npt.NDArray[np.int64]

    def to(self, device: torch.device) -> "TokenBatch":
        """The same on another device."""
        targets = {name: target.to(device) for name, target in self.targets.items()}
        return TokenBatch(self.ids.to(device), self.mask.to(device), targets, self.rows)


class TextBatches:
    """A part, tokenised, cut into batches.

    Args:
        part: texts and targets.
        tokens: token ids of each text.
        pad_id: what rows are padded with.
        batch_size: texts in a batch.
        seed: of the order.
        most: tokens that the model takes; 0 pads to the longest row.
    """

    def __init__(
        self,
        part: TextPart,
        tokens: Sequence[Sequence[int]],
        pad_id: int,
        batch_size: int,
        seed: int,
        most: int = 0,
    ) -> None:
        self._part = part
        self._tokens = tokens
        self._pad_id = pad_id
        self._size = batch_size
        self._seed = seed
        self._most = most
        self._lengths = np.array([len(one) for one in tokens])

    def __len__(self) -> int:
        """Batches in one epoch."""
        return math.ceil(len(self._tokens) / self._size)

    def epoch(self, number: int) -> Iterator[TokenBatch]:
        """Every text once."""
        generator = np.random.default_rng([self._seed, number])
        order = generator.permutation(len(self._tokens))
        batches: list[npt.NDArray[np.int64]] = []
        for start in range(0, len(order), self._size * _BUCKET):
            bucket = order[start : start + self._size * _BUCKET]
            by_length = bucket[np.argsort(self._lengths[bucket], kind="stable")]
            batches += [by_length[at : at + self._size] for at in range(0, len(by_length), self._size)]
        for chosen in generator.permutation(len(batches)):
            yield self.batch(batches[chosen])

    def in_order(self) -> Iterator[TokenBatch]:
        """Every text once, by length; for measuring."""
        order = np.argsort(self._lengths, kind="stable")
        for start in range(0, len(order), self._size):
            yield self.batch(order[start : start + self._size])

    def batch(self, rows: npt.NDArray[np.int64]) -> TokenBatch:
        """The batch of some rows."""
        ids, mask = padded([self._tokens[row] for row in rows], self._pad_id, self._most)
        targets = {name: torch.from_numpy(one[rows]) for name, one in self._part.targets.items()}
        return TokenBatch(ids, mask, targets, rows)


def tokenised(folder: Path, texts: Sequence[str], max_tokens: int) -> list[list[int]]:
    """Token ids of each text with the encoder's special tokens, cut at `max_tokens`."""
    from tokenizers import Tokenizer

    from models.sources import TOKENIZER_FILE

    tokenizer: Tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return [encoding.ids for encoding in tokenizer.encode_batch_fast(list(texts))]
