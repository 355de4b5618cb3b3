"""The engine: one in a process, for all its models; from a coroutine or from plain code."""

import threading
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self, TypedDict, Unpack

import numpy as np
import numpy.typing as npt

from models.engine.backend import Task, Vectors
from models.engine.encoder import Encoder
from models.engine.model import LoadedModel
from models.engine.requests import Input, Priority
from models.engine.scheduling.runtime import WAITING_INPUTS, Runtime
from models.engine.scheduling.statistics import EngineStatistics
from models.engine.spans import Span
from models.engine.texts import checked_pairs, checked_texts, stacked
from models.engine.tokenising import Pair
from models.engine.vector_cache import Caching
from models.errors import EngineBroken

Floats = npt.NDArray[np.float32]


class Waiting(TypedDict, total=False):
    """Who waits for an answer, and how long: for a review, and for ever, where nothing is said."""

    priority: Priority
    timeout: float | None


class Engine:
    """Several models, one scheduler.

    All calls take `model`, the name of one; `priority`, who waits for the answer; `timeout`, seconds until the call
    has to be begun (None: for ever). Inputs longer than a model's limit are cut there. Where too many inputs of a
    priority wait, a call waits for room first. The methods that end in `_now` are for plain code: they block.

    All calls raise TypeError for what is not a string, KeyError for a model that is not there, ValueError for one of
    another task, EncodingFailed where these inputs can't be answered, DeadlineExceeded where they were not begun in
    time, EngineClosed and EngineBroken where the engine is.

    Args:
        models: what it runs; the engine closes their backends.
        threads: bulk batches that run on the cores at once; 0 is this process's share of the machine.
        waiting_inputs: how many inputs of each priority may wait before callers have to wait with theirs.
        on_broken: told once, from a thread of the engine, that the device hangs or the workers keep dying.
        caches: where vectors are kept, by model; a model that is not named computes every text anew.
    """

    def __init__(
        self,
        models: Iterable[LoadedModel],
        *,
        threads: int = 0,
        waiting_inputs: int = WAITING_INPUTS,
        on_broken: Callable[[EngineBroken], None] | None = None,
        caches: Mapping[str, Caching] | None = None,
    ) -> None:
        given = tuple(models)
        self._changing = threading.Lock()
        self._models = {model.name: model for model in given}
        if len(self._models) < len(given):
            raise ValueError("two models of an engine have one name")
        self._runtime = Runtime(
            given, threads=threads, waiting_inputs=waiting_inputs, on_broken=on_broken, caches=caches
        )
        # Also when it is forgotten, and at interpreter exit: a thread inside a backend must not outlive it.
        self._finish = weakref.finalize(self, self._runtime.close)

    @property
    def models(self) -> tuple[LoadedModel, ...]:
        """What it runs."""
        return tuple(self._models.values())

    def encoder(self, name: str) -> Encoder:
        """The face of one model of task `embed`; it keeps the engine alive and doesn't close it."""
        return Encoder(self._runtime, self._models[name], keep=self)

    def add(self, model: LoadedModel, caching: Caching | None = None) -> None:
        """Take one more model while the others are served; from any thread.

        Bulk workers that are there keep their threads' priority, which suits the models that the engine began with.

        Args:
            model: under a name that none of the others has; the engine closes its backend, but not where this raises.
            caching: where its vectors are kept; nowhere, where None.

        Raises:
            ValueError: there is a model of that name, or this one makes no vectors to keep.
            EngineClosed, EngineBroken: the engine is.
        """
        with self._changing:
            self._runtime.add(model, caching or Caching())
            self._models = {**self._models, model.name: model}

    def remove(self, name: str) -> None:
        """Let a model go: blocks until all calls of it are answered, then closes its backend. Others are served on.

        Calls that come meanwhile, or later, are turned away: of the engine with KeyError, of an `Encoder` with
        EngineClosed.

        Raises:
            KeyError: there is no such model.
        """
        with self._changing:
            del self._models[name]
        self._runtime.remove(name)

    async def embed(self, texts: Sequence[str], *, model: str, **waiting: Unpack[Waiting]) -> Vectors:
        """Vectors of length 1: float32 [len(texts), width]."""
        return stacked(await self._ask("embed", texts, model, **waiting), (self._models[model].width,))

    def embed_now(self, texts: Sequence[str], *, model: str, **waiting: Unpack[Waiting]) -> Vectors:
        """As `embed`; blocks."""
        return stacked(self._ask_now("embed", texts, model, **waiting), (self._models[model].width,))

    async def score(self, pairs: Sequence[Pair], *, model: str, **waiting: Unpack[Waiting]) -> Floats:
        """How well the two texts of each pair fit, logits of a cross-encoder: float32 [len(pairs)]."""
        return stacked(await self._ask("score", pairs, model, **waiting), ())

    def score_now(self, pairs: Sequence[Pair], *, model: str, **waiting: Unpack[Waiting]) -> Floats:
        """As `score`; blocks."""
        return stacked(self._ask_now("score", pairs, model, **waiting), ())

    async def classify(self, texts: Sequence[str], *, model: str, **waiting: Unpack[Waiting]) -> Floats:
        """Probabilities of the model's labels: float32 [len(texts), classes]; rows sum to 1."""
        return stacked(await self._ask("classify", texts, model, **waiting), (self._models[model].width,))

    def classify_now(self, texts: Sequence[str], *, model: str, **waiting: Unpack[Waiting]) -> Floats:
        """As `classify`; blocks."""
        return stacked(self._ask_now("classify", texts, model, **waiting), (self._models[model].width,))

    async def tag(self, texts: Sequence[str], *, model: str, **waiting: Unpack[Waiting]) -> list[list[Span]]:
        """Labelled spans of each text, in whole words; nothing beyond where the model cuts a text."""
        return await self._ask("tag", texts, model, **waiting)

    def tag_now(self, texts: Sequence[str], *, model: str, **waiting: Unpack[Waiting]) -> list[list[Span]]:
        """As `tag`; blocks."""
        return self._ask_now("tag", texts, model, **waiting)

    async def generate(self, texts: Sequence[str], *, model: str, **waiting: Unpack[Waiting]) -> list[str]:
        """What the model answers to each text."""
        return await self._ask("generate", texts, model, **waiting)

    def generate_now(self, texts: Sequence[str], *, model: str, **waiting: Unpack[Waiting]) -> list[str]:
        """As `generate`; blocks."""
        return self._ask_now("generate", texts, model, **waiting)

    def statistics(self) -> EngineStatistics:
        """What it has done, and does now."""
        return self._runtime.statistics()

    def close(self) -> None:
        """Finish the batches under way, fail what waits with EngineClosed, free devices. May be called again."""
        self._finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def _ask(
        self,
        task: Task,
        inputs: Sequence[Any],
        model: str,
        priority: Priority = Priority.REVIEW,
        timeout: float | None = None,
    ) -> list[Any]:
        return await self._runtime.run(model, self._checked(task, inputs, model), priority, timeout)

    def _ask_now(
        self,
        task: Task,
        inputs: Sequence[Any],
        model: str,
        priority: Priority = Priority.REVIEW,
        timeout: float | None = None,
    ) -> list[Any]:
        return self._runtime.run_now(model, self._checked(task, inputs, model), priority, timeout)

    def _checked(self, task: Task, inputs: Sequence[Any], name: str) -> Sequence[Input]:
        model = self._models[name]
        if model.task != task:
            raise ValueError(f"model {name!r} is for task {model.task!r}, not {task!r}")
        return checked_pairs(inputs) if task == "score" else checked_texts(inputs)
