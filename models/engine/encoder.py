"""The face that tasks use: one encoder in an engine."""

import weakref
from collections.abc import Sequence
from typing import Self, Unpack

from models.engine.backend import Vectors
from models.engine.loading import LoadOptions, load_model
from models.engine.model import LoadedModel
from models.engine.requests import Priority
from models.engine.scheduling.runtime import Runtime
from models.engine.scheduling.statistics import ModelStatistics
from models.engine.texts import checked_texts, stacked
from models.errors import WeightsUnusable
from models.identity import ModelIdentity
from models.sources import WeightSource


class Encoder:
    """A model of task `embed`: texts to vectors of length 1.

    Vectors don't depend on what else is in a batch beyond the precision's rounding.

    Args:
        runtime: the engine that it runs in.
        model: the encoder.
        keep: kept alive as long as this is: the engine, where it is somebody else's; None where `close` closes it.
    """

    def __init__(self, runtime: Runtime, model: LoadedModel, keep: object = None) -> None:
        if model.task != "embed":
            raise WeightsUnusable(f"model {model.name!r} is for task {model.task!r}, not an encoder")
        self._runtime = runtime
        self._model = model
        self._keep = keep
        # Also when it is forgotten, and at interpreter exit: a thread inside a backend must not outlive it.
        self._finish = weakref.finalize(self, runtime.close) if keep is None else None

    @classmethod
    def load(cls, source: WeightSource | str, **options: Unpack[LoadOptions]) -> Self:
        """Load an encoder into an engine of its own, for training, evaluation and tests. Takes seconds.

        Arguments and errors as in `models.engine.loading.load_model`.
        """
        return cls.alone(load_model("encoder", source, **options), threads=options.get("threads", 0))

    @classmethod
    def alone(cls, model: LoadedModel, *, threads: int = 0) -> Self:
        """An encoder in an engine of its own, which `close` closes, with the model's backend."""
        return cls(Runtime([model], threads=threads), model)

    @property
    def identity(self) -> ModelIdentity:
        """Name, version and digest of the weights."""
        return self._model.identity

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
        return self._model.width

    @property
    def runs_on(self) -> str:
        """Backend, device and precision, for a start-up line: `openvino cpu int8`."""
        return self._model.runs_on

    @property
    def notes(self) -> tuple[str, ...]:
        """Why it runs on this."""
        return self._model.notes

    async def embed(
        self, texts: Sequence[str], priority: Priority = Priority.REVIEW, timeout: float | None = None
    ) -> Vectors:
        """Embed texts without blocking the event loop.

        Texts longer than the encoder's limit are cut there. Where too many inputs of a priority wait, this waits for
        room first.

        Args:
            texts: any strings; empty ones have a vector too.
            priority: who waits for it.
            timeout: seconds until it has to be begun; None is for ever.

        Returns:
            float32 [len(texts), width], rows of length 1, in order.

        Raises:
            TypeError: something is not a string.
            EncodingFailed: these texts can't be embedded; other callers are not affected.
            DeadlineExceeded: it was not begun in time.
            EngineClosed: the engine is closed, or was while this waited.
            EngineBroken: the engine can't go on.
        """
        outputs = await self._runtime.run(self._model.name, checked_texts(texts), priority, timeout)
        return stacked(outputs, (self.width,))

    def embed_now(
        self, texts: Sequence[str], priority: Priority = Priority.REVIEW, timeout: float | None = None
    ) -> Vectors:
        """Embed texts and wait, for plain code; it would block an event loop. As `embed` otherwise."""
        outputs = self._runtime.run_now(self._model.name, checked_texts(texts), priority, timeout)
        return stacked(outputs, (self.width,))

    def statistics(self) -> ModelStatistics:
        """What the encoder has done in its engine, and does now."""
        return self._runtime.statistics().of(self._model.name)

    def close(self) -> None:
        """Close the engine, where it is the encoder's own. May be called again."""
        if self._finish is not None:
            self._finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
