"""Tagged texts as token ids and classes, in batches of like length."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from models.engine.spans import words_of
from models.training.pii_text import LABELS, OUTSIDE, UNSURE, Tagged
from models.training.trunk import padded

IGNORED = -100
"""The class of tokens that no loss counts: special ones, all of a word but its first, and what is unsure."""
_CLASS = {label: number for number, label in enumerate(LABELS)} | {
    f"{prefix}-{UNSURE}": IGNORED for prefix in "BI"
}


@dataclass(frozen=True, slots=True)
class TagBatch:
    """Ids and mask, int64 [n, longest]; classes, int64 [n, longest]; which texts the rows are."""

    ids: torch.Tensor
    mask: torch.Tensor
    classes: torch.Tensor
    rows: npt.NDArray[np.int64]

    def to(self, device: torch.device) -> "TagBatch":
        """The same on another device."""
        return TagBatch(self.ids.to(device), self.mask.to(device), self.classes.to(device), self.rows)


@dataclass(frozen=True, slots=True)
class Encoded:
    """Texts as a model sees them.

    Attributes:
        texts: as they were.
        ids: token ids of each text.
        classes: of each token, see `IGNORED`.
        offsets: begin and end of each token in characters.
    """

    texts: Sequence[Tagged]
    ids: Sequence[Sequence[int]]
    classes: Sequence[Sequence[int]]
    offsets: Sequence[Sequence[tuple[int, int]]]


def encode(folder: Path, texts: Sequence[Tagged], max_tokens: int) -> Encoded:
    """Tokenise with the tokenizer of a folder, and give each word's first token the word's class."""
    from tokenizers import Tokenizer

    from models.sources import TOKENIZER_FILE

    tokenizer: Tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    encodings = tokenizer.encode_batch([one.text for one in texts])
    return Encoded(
        texts,
        [encoding.ids for encoding in encodings],
        [classes_of(one, encoding.offsets) for one, encoding in zip(texts, encodings, strict=True)],
        [encoding.offsets for encoding in encodings],
    )


def classes_of(tagged: Tagged, offsets: Sequence[tuple[int, int]]) -> list[int]:
    """The class of each token. A word is of the entity that it overlaps; of two, of the first."""
    classes = [IGNORED] * len(offsets)
    begun: set[int] = set()
    for begin, end, token in words_of(tagged.text, offsets):
        label = OUTSIDE
        for number, entity in enumerate(tagged.entities):
            if entity.start < end and begin < entity.end:
                label = f"{'I' if number in begun else 'B'}-{entity.kind}"
                begun.add(number)
                break
        classes[token] = _CLASS[label]
    return classes


class FreshBatches:
    """Batches of other texts in each epoch; which, and their order, follows from seed and epoch.

    Args:
        make: the texts of an epoch, by its number; always `size` of them.
        size: texts in an epoch.
        pad_id: what rows are padded with.
        batch_size: texts in a batch.
        seed: of the order.
    """

    def __init__(
        self, make: Callable[[int], Encoded], size: int, pad_id: int, batch_size: int, seed: int
    ) -> None:
        self._make = make
        self._texts = size
        self._pad_id = pad_id
        self._size = batch_size
        self._seed = seed

    def __len__(self) -> int:
        """Batches in one epoch."""
        return math.ceil(self._texts / self._size)

    def epoch(self, number: int) -> Iterator[TagBatch]:
        """Every text of the epoch once, those of like length together."""
        encoded = self._make(number)
        order = np.argsort([len(one) for one in encoded.ids], kind="stable")
        batches = [order[start : start + self._size] for start in range(0, len(order), self._size)]
        for chosen in np.random.default_rng([self._seed, number]).permutation(len(batches)):
            yield batch_of(encoded, batches[chosen], self._pad_id)


def in_order(encoded: Encoded, pad_id: int, batch_size: int) -> Iterator[TagBatch]:
    """Every text once, by length; for measuring."""
    order = np.argsort([len(one) for one in encoded.ids], kind="stable")
    for start in range(0, len(order), batch_size):
        yield batch_of(encoded, order[start : start + batch_size], pad_id)


def batch_of(encoded: Encoded, rows: npt.NDArray[np.int64], pad_id: int) -> TagBatch:
    """The batch of some texts."""
    ids, mask = padded([encoded.ids[row] for row in rows], pad_id)
    classes = torch.full(ids.shape, IGNORED, dtype=torch.int64)
    for place, row in enumerate(rows):
        known = encoded.classes[row]
        classes[place, : len(known)] = torch.tensor(known, dtype=torch.int64)
    return TagBatch(ids, mask, classes, rows)
