"""The models of one worker: the retrieval encoder, and one for each role into which models are released."""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from models.catalogue.catalogue import Catalogue
from models.engine.backends import openvino_runtime
from models.engine.engine import Engine
from models.engine.folder import read_prompts
from models.engine.loading import load_model
from models.engine.model import LoadedModel
from models.engine.vector_cache import Caching, VectorStore
from models.errors import BackendUnusable, EngineBroken
from models.identity import ModelIdentity
from models.recommend import Projection, load_projection
from models.retrieval.encoder import TextEncoder
from models.reviews import ReviewReader
from models.sources import resolve
from models.support import SupportMemory
from models.support.intents import IntentReader
from streams.contracts.records import ModelRelease
from streams.delivery.errors import EXIT_STUCK
from streams.delivery.fatal import die
from streams.name_tagger import NameTagger
from streams.releases.loading import load_release, load_version, tell_loaded
from streams.releases.roles import (
    INTENT,
    RETRIEVAL,
    REVIEWS,
    TAGGER,
    ReleaseRefused,
    language_of,
    sources_of,
)
from streams.releases.serving import Serving, Version
from streams.review_readers import ReviewReaders
from streams.settings import ModelSettings

log = logging.getLogger(__name__)

NOTHING: Final[Mapping[str, ModelRelease]] = MappingProxyType({})

StoreOf = Callable[[LoadedModel], VectorStore | None]
"""Where a model's vectors are kept for all workers."""


@dataclass(frozen=True, slots=True)
class Models:
    """What one worker knows and runs, loaded together.

    Attributes:
        engine: runs the encoders; closed by whoever has this.
        serving: what serves each role into which models are released.
        retriever: puts texts into the space of search and support.
        catalogue: products, none yet.
        memory: what support knows, nothing yet.
        projection: maps the retriever's vectors in text profiles, and who it is; None where the settings name none.
    """

    engine: Engine
    serving: Mapping[str, Serving[Any]]
    retriever: TextEncoder
    catalogue: Catalogue
    memory: SupportMemory
    projection: tuple[Projection, ModelIdentity] | None = None

    @classmethod
    def load(
        cls, settings: ModelSettings, store_of: StoreOf, released: Mapping[str, ModelRelease] = NOTHING
    ) -> "Models":
        """Loads weights. Takes seconds, so not to be called on the event loop; a machine's first time, minutes.

        Reviews hardly repeat, so only the retrieval encoder's vectors are remembered.

        Args:
            settings: name a model for each role.
            store_of: where vectors are kept.
            released: by role, what takes the place of the settings' model, where it can be loaded.

        Raises:
            ModelError: weights are missing or can't be used; the text says what to do.
        """
        began = time.monotonic()
        prompts = read_prompts(resolve(settings.retrieval_encoder).folder)
        retrieval = load_model(RETRIEVAL, settings.retrieval_encoder, **settings.running)
        tell_loaded(retrieval)
        try:
            store = store_of(retrieval) if settings.shares_vectors else None
            engine = Engine(
                [retrieval],
                threads=settings.threads,
                on_broken=end_broken,
                caches={RETRIEVAL: Caching(settings.cache_bytes, store)},
            )
        except BaseException:
            retrieval.backend.close()
            raise
        try:
            projection = _projection(settings, retrieval)
            serving = {
                role: Serving(_first(role, source, released.get(role), engine, settings))
                for role, source in sources_of(settings).items()
            }
        except BaseException:
            engine.close()
            raise
        retriever = TextEncoder(engine.encoder(RETRIEVAL), prompts)
        log.info(
            "models loaded",
            extra={
                "seconds": round(time.monotonic() - began, 1),
                "threads": engine.statistics().threads,
                "remembers": ["process"] if store is None else ["process", "redis"],
            },
        )
        width = retriever.width
        return cls(engine, serving, retriever, Catalogue(width), SupportMemory(width), projection)

    @property
    def review_reader(self) -> Serving[ReviewReader]:
        """What reads reviews of all languages that no other model is for."""
        return self.serving[REVIEWS]

    @property
    def review_readers(self) -> ReviewReaders[ReviewReader]:
        """What reads reviews."""
        by_language = {language: one for role, one in self.serving.items() if (language := language_of(role))}
        return ReviewReaders(self.review_reader, by_language)

    @property
    def tagger(self) -> Serving[NameTagger] | None:
        """What finds names and addresses, for the guard; None where the settings name none."""
        return self.serving.get(TAGGER)

    @property
    def intent_reader(self) -> Serving[IntentReader] | None:
        """What tells what tickets are about; None where the settings name none."""
        return self.serving.get(INTENT)


def _projection(settings: ModelSettings, retrieval: LoadedModel) -> tuple[Projection, ModelIdentity] | None:
    if not settings.recommend:
        return None
    return load_projection(settings.recommend, retrieval.identity, retrieval.width)


def preload(settings: ModelSettings) -> None:
    """Loads the libraries of OpenVINO, where they are wanted and there, before the process has threads."""
    if settings.backend != "torch":
        with suppress(BackendUnusable):
            openvino_runtime.preload()


def end_broken(error: EngineBroken) -> None:
    """Ends the process: what the models had under way is decided by the next one."""
    die(f"{error}; the supervisor starts the worker again", EXIT_STUCK, error=error)


def _first(
    role: str, source: str, release: ModelRelease | None, engine: Engine, settings: ModelSettings
) -> Version[Any]:
    """What serves a role first: what was released, else, or where that fails, the settings' model."""
    if release is not None:
        try:
            return load_release(engine, role, release.released, settings.running)
        except ReleaseRefused as refused:
            problem = str(refused)
        log.error(
            "a released model is refused; the worker starts with the settings' own",
            extra={"role": role, "source": release.source, "digest": release.digest, "why": problem},
        )
    return load_version(engine, role, source, settings.running)
