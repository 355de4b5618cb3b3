"""A cross-encoder under training: two texts read together, one score; and how the result is written."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from models.engine.folder import read_facts
from models.engine.tokenising import Pair, Tokeniser
from models.errors import TrainingDataError
from models.sources import resolve
from models.sources.model_folder import ADAPTER_FILE, DELTA_FILE
from models.training.bert import PEFT_PREFIX, float32, load_bert, low_rank_changes, with_low_rank
from models.training.device import training_format
from models.training.dropout import Noise, with_fast_dropout
from models.training.trunk import padded, write_tensors

Floats = npt.NDArray[np.float32]

_SCORED_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True)
class PairBatch:
    """Ids, mask and token types, int64 [n, longest]; targets [n]; where in the part the rows stand."""

    ids: torch.Tensor
    mask: torch.Tensor
    types: torch.Tensor
    targets: torch.Tensor
    rows: npt.NDArray[np.int64]


class PairBatches:
    """Pairs with targets, tokenised, cut into batches of like length.

    Args:
        tokeniser: of the cross-encoder.
        pairs: at least one.
        targets: [n].
        pad_id: what rows are padded with.
        batch_size: pairs in a batch.
        seed: of the order.
    """

    def __init__(
        self,
        tokeniser: Tokeniser,
        pairs: Sequence[Pair],
        targets: Floats,
        *,
        pad_id: int,
        batch_size: int,
        seed: int = 0,
    ) -> None:
        self._rows = tokeniser.rows(pairs)
        self._targets = torch.from_numpy(targets)
        self._pad_id = pad_id
        self._size = batch_size
        self._seed = seed
        self._by_length = np.argsort([len(row.ids) for row in self._rows], kind="stable")

    def __len__(self) -> int:
        """Batches in one epoch."""
        return math.ceil(len(self._rows) / self._size)

    def epoch(self, number: int) -> Iterator[PairBatch]:
        """Every pair once; the batches are the same each time, their order is not."""
        for place in np.random.default_rng([self._seed, number]).permutation(len(self)):
            yield self._batch(int(place))

    def in_order(self) -> Iterator[PairBatch]:
        """Every pair once, by length."""
        yield from map(self._batch, range(len(self)))

    def _batch(self, place: int) -> PairBatch:
        rows = self._by_length[place * self._size : (place + 1) * self._size]
        chosen = [self._rows[row] for row in rows]
        ids, mask = padded([row.ids for row in chosen], self._pad_id)
        types = torch.zeros_like(ids)
        for line, row in enumerate(chosen):
            types[line, row.second : len(row.ids)] = 1 if row.second else 0
        return PairBatch(ids, mask, types, self._targets[rows], rows)


class CrossEncoder(nn.Module):
    """A base's transformers model for one score, with low-rank changes and its last layer under training.

    Args:
        source: the cross-encoder to start from, one that the engine runs for task `score`.
        rank: of the low-rank changes.
        dropout: after each sub-layer and embedding.
        max_tokens: where pairs are cut; not beyond the model's own limit.
        noise: of its dropouts.
        seed: of the low-rank changes.

    Raises:
        TrainingDataError: the base has no layer named `classifier`, so it is another kind of model.
    """

    def __init__(
        self, source: str, rank: int, dropout: float, max_tokens: int, noise: Noise, seed: int
    ) -> None:
        super().__init__()
        self.source = source
        self.base = resolve(source)
        self.facts = read_facts(self.base.folder, "score")
        self.tokeniser = Tokeniser(self.base.folder, min(max_tokens, self.facts.max_tokens))
        model = load_bert("AutoModelForSequenceClassification", self.base.folder, dropout)
        if not isinstance(getattr(model, "classifier", None), nn.Linear):
            raise TrainingDataError(
                f"{source} has no linear layer named classifier; start from a BERT cross-encoder"
            )
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.model = with_low_rank(model, rank)
        for name, parameter in self.model.named_parameters():
            if name.startswith(f"{PEFT_PREFIX}classifier."):
                parameter.requires_grad_(True)  # noqa: FBT003 - torch's
        with_fast_dropout(self.model, noise)
        self.model.to(training_format(torch.device("cpu")))

    def forward(self, batch: PairBatch) -> torch.Tensor:
        """Scores, float32 [n]: logits."""
        types = {"token_type_ids": batch.types} if self.facts.token_types else {}
        logits: torch.Tensor = self.model(input_ids=batch.ids, attention_mask=batch.mask, **types).logits
        return logits[:, 0].float()

    def batches(self, pairs: Sequence[Pair], targets: Floats, batch_size: int, seed: int) -> PairBatches:
        """What it can learn from."""
        return PairBatches(
            self.tokeniser, pairs, targets, pad_id=self.facts.pad_id, batch_size=batch_size, seed=seed
        )

    def scores(self, pairs: Sequence[Pair]) -> Floats:
        """Scores of pairs [n], in evaluation mode."""
        found = np.zeros(len(pairs), np.float32)
        self.eval()
        with torch.inference_mode():
            for batch in self.batches(pairs, found, _SCORED_AT_ONCE, 0).in_order():
                found[batch.rows] = self(batch).numpy()
        return found

    def write(self, folder: Path) -> None:
        """Write the low-rank changes and the last layer, by the names of the base's parameters."""
        last = {
            name.removeprefix(PEFT_PREFIX): float32(parameter).astype(np.float16)
            for name, parameter in self.model.named_parameters()
            if name.startswith(f"{PEFT_PREFIX}classifier.")
        }
        write_tensors(folder / ADAPTER_FILE, low_rank_changes(self.model))
        write_tensors(folder / DELTA_FILE, last)
