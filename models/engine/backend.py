"""What an inference backend is: the part of a model that runs on a device. One backend is one file in this folder.

A forward has three parts that overlap: `pre` (`models.engine.tokenising`, shared by all backends), `core` (start the
device), `post` (wait for it, results to the host).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Task: TypeAlias = Literal["embed", "score", "classify", "tag", "generate"]
"""What a model does: text to vector, pair to relevance, text to classes, tokens to classes, text to text."""

Precision: TypeAlias = Literal["float32", "bfloat16", "float16", "int8"]
"""Number format of most of a forward's arithmetic. `int8` has 8-bit linear layers, the rest as the device likes."""

Vectors: TypeAlias = npt.NDArray[np.float32]
"""Embeddings, shape [texts, width], each of length 1."""

Output: TypeAlias = npt.NDArray[Any]
"""What one row became: embed float32 [width], of length 1; score float32 [1], the logit; classify float32 [classes],
logits; tag float32 [tokens, classes], logits, special tokens included; generate int64 [new tokens]."""


class Lane(Enum):
    """Which of a device's two queues a batch takes."""

    URGENT = "urgent"
    """Somebody waits for it: few rows, ahead of all bulk work (threads of normal priority, a CUDA stream of high)."""
    BULK = "bulk"
    """Throughput: what it does not get done now, it gets done a little later (threads of low priority)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One tokenised input, special tokens included.

    Attributes:
        ids: token ids, not padded.
        second: index of the first token of a pair's second text; 0 where there is one text only.
        offsets: for `tag`, begin and end of each token in the text, in characters; (0, 0) for special tokens.
    """

    ids: list[int]
    second: int = 0
    offsets: list[tuple[int, int]] | None = None


class Backend(Protocol):
    """Runs one model on one device.

    `core` and `post` may be called from several threads at once: from `slots` threads in the bulk lane, and from one
    in the urgent lane. A batch's result doesn't depend on its other rows, nor on padding, beyond the precision.
    """

    @property
    def name(self) -> str:
        """Short name, as in settings and start-up lines: `torch`, `openvino`."""

    @property
    def device(self) -> str:
        """Where it runs: `cpu`, `cuda:0`."""

    @property
    def precision(self) -> Precision:
        """Number format."""

    @property
    def slots(self) -> int:
        """Bulk batches that should run at once."""

    @property
    def token_budget(self) -> int:
        """Padded tokens of one batch above which throughput no longer grows."""

    @property
    def pad_to(self) -> int:
        """Rows are padded to a multiple of this many tokens."""

    @property
    def fill(self) -> float:
        """Share of the token budget up to which shorter rows are taken in, and padded, to fill a batch."""

    @property
    def computes_in_caller(self) -> bool:
        """Whether `core` computes in the thread that calls it (and in those that this one starts)."""

    @property
    def memory_bytes(self) -> int:
        """What its weights take on the device, in bytes."""

    def core(self, rows: Sequence[Row], lane: Lane) -> Any:  # noqa: ANN401 - a backend's own handle
        """Start one batch; may return before the device is done.

        Raises:
            OutOfMemory: the batch does not fit; a smaller one may.
            EngineBroken: the device can't be used any more by this process.
        """

    def post(self, running: Any) -> Sequence[Output]:  # noqa: ANN401 - see core
        """Wait for a batch and bring its outputs to the host, one for each row, in order.

        Raises:
            OutOfMemory: as in `core`.
        """

    def close(self) -> None:
        """Free the device. Not called while a batch runs."""
