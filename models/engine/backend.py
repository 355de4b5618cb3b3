"""What an inference backend is: three steps, so that they can overlap. One backend is one file in this folder."""

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

TokenList: TypeAlias = list[int]
"""One text as token ids, special tokens included."""

Vectors: TypeAlias = npt.NDArray[np.float32]
"""Embeddings, shape [texts, width], each of length 1."""


class Backend(Protocol):
    """Runs one encoder on one device. Called from a single thread.

    `encode_core` may return before the device is done; `encode_post` waits for it. A caller that starts batch
    n + 1 before it finishes batch n therefore keeps an accelerator busy.
    """

    @property
    def name(self) -> str:
        """Short name of the backend, as in settings and start-up lines."""

    @property
    def device(self) -> str:
        """Where it runs: `cpu`, `cuda:0`."""

    @property
    def dtype(self) -> str:
        """Number format of the weights: `float32`, `bfloat16`, `float16`."""

    @property
    def width(self) -> int:
        """Numbers in one vector."""

    @property
    def token_budget(self) -> int:
        """Most padded tokens (rows times longest row) that one batch should have on this device."""

    def encode_pre(self, texts: Sequence[str]) -> list[TokenList]:
        """Tokenise, truncated at the encoder's own limit, without padding."""

    def encode_core(self, tokens: Sequence[TokenList]) -> Any:  # noqa: ANN401 - a backend's own tensor type
        """Run the encoder over one batch, longest row first, and pool."""

    def encode_post(self, pooled: Any) -> Vectors:  # noqa: ANN401
        """Bring one batch's vectors to the host, in the order of the batch."""

    def close(self) -> None:
        """Free the device."""
