"""The models of one worker: two encoders in one engine, or one where both settings name the same."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from models.catalogue.catalogue import Catalogue
from models.engine.backends import openvino_runtime
from models.engine.engine import Engine
from models.engine.folder import read_prompts
from models.engine.loading import load_model
from models.engine.model import LoadedModel
from models.engine.vector_cache import Caching, VectorStore
from models.errors import BackendUnusable, EngineBroken
from models.retrieval.encoder import TextEncoder
from models.reviews import SHIPPED_HEAD, ReviewReader, SentimentHead
from models.sources import identify, resolve
from models.support import SupportMemory
from streams.delivery.errors import EXIT_STUCK
from streams.delivery.fatal import die
from streams.settings import ModelSettings

log = logging.getLogger(__name__)

REVIEWS: Final = "reviews"
RETRIEVAL: Final = "retrieval"

StoreOf = Callable[[LoadedModel], VectorStore | None]
"""Where a model's vectors are kept for all workers."""


@dataclass(frozen=True, slots=True)
class Models:
    """What one worker knows and runs, loaded together.

    Attributes:
        engine: runs the encoders; closed by whoever has this.
        review_reader: reads reviews.
        retriever: puts texts into the space of search and support.
        catalogue: products, none yet.
        memory: what support knows, nothing yet.
    """

    engine: Engine
    review_reader: ReviewReader
    retriever: TextEncoder
    catalogue: Catalogue
    memory: SupportMemory

    @classmethod
    def load(cls, settings: ModelSettings, store_of: StoreOf) -> "Models":
        """Loads weights. Takes seconds, so not to be called on the event loop; a machine's first time, minutes.

        Reviews hardly repeat, so only the retrieval encoder's vectors are remembered; and in this process alone where
        it reads reviews as well.

        Raises:
            ModelError: weights are missing or can't be used; the text says what to do.
        """
        began = time.monotonic()
        head = SentimentHead.load(settings.sentiment_head or SHIPPED_HEAD)
        head.require_encoder(identify(settings.encoder))  # before what takes long
        prompts = read_prompts(resolve(settings.retrieval_encoder).folder)
        loaded = [_load(REVIEWS, settings.encoder, settings)]
        shared = settings.encoder == settings.retrieval_encoder
        try:
            if not shared:
                loaded.append(_load(RETRIEVAL, settings.retrieval_encoder, settings))
            *_, retrieval = loaded
            store = store_of(retrieval) if settings.shares_vectors and not shared else None
            engine = Engine(
                loaded,
                threads=settings.threads,
                on_broken=end_broken,
                caches={retrieval.name: Caching(settings.cache_bytes, store)},
            )
        except BaseException:
            for one in loaded:
                one.backend.close()
            raise
        try:
            reader = ReviewReader(engine.encoder(REVIEWS), head)
        except BaseException:
            engine.close()
            raise
        retriever = TextEncoder(engine.encoder(retrieval.name), prompts)
        log.info(
            "models loaded",
            extra={
                "seconds": round(time.monotonic() - began, 1),
                "threads": engine.statistics().threads,
                "shared": shared,
                "remembers": ["process"] if store is None else ["process", "redis"],
            },
        )
        return cls(engine, reader, retriever, Catalogue(retriever.width), SupportMemory(retriever.width))


def preload(settings: ModelSettings) -> None:
    """Loads the libraries of OpenVINO, where they are wanted and there, before the process has threads."""
    if settings.backend != "torch":
        with suppress(BackendUnusable):
            openvino_runtime.preload()


def end_broken(error: EngineBroken) -> None:
    """Ends the process: what the models had under way is decided by the next one."""
    die(f"{error}; the supervisor starts the worker again", EXIT_STUCK, error=error)


def _load(name: str, source: str, settings: ModelSettings) -> LoadedModel:
    loaded = load_model(name, source, **settings.running)
    log.info(
        "a model is loaded",
        extra={
            "model": name,
            "encoder": loaded.identity.id,
            "version": loaded.identity.version,
            "runs_on": loaded.runs_on,
            "batches_at_once": loaded.backend.slots,
            "weights_mb": round(loaded.backend.memory_bytes / 1e6),
            "why": list(loaded.notes),
        },
    )
    return loaded
