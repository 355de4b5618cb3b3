"""The house: what stages need, opened once per worker and closed with it."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from models.engine.model import LoadedModel
from models.errors import ModelError
from models.recommend import Recommender
from models.search import Searcher
from models.support import Responder
from privacy.errors import PrivacyError
from streams.client.errors import ClientError
from streams.contracts.records import ModelRelease
from streams.delivery.errors import DependencyUnavailable, WorkerDefect
from streams.delivery.fatal import fatal
from streams.erasing.worker import Erasing
from streams.health import Health
from streams.keys import Keys
from streams.metrics import REGISTRY
from streams.model_metrics import ModelMetrics
from streams.releases.reading import latest, read_releases
from streams.releases.serving import ServedTagger, reference
from streams.releases.worker import Releasing
from streams.settings import Settings
from streams.state.connection import Cache
from streams.state.products import RedisStandings
from streams.state.users import UserState
from streams.state.vectors import RedisVectors
from streams.tasks import cancelled
from streams.views.terms import CatalogueTerms
from streams.views.views import Views
from streams.worker_models import Models

log = logging.getLogger(__name__)

CARE_SECONDS: Final = 5.0
"""Between two looks at what has to be mended or measured anew."""
SETTLE_SECONDS: Final = 30.0
"""For which an erasure waits for resolutions that are not worked off yet; not for ever: it may itself hold them up."""


class House:
    """Guard, models, indexes and state of one worker.

    Attributes:
        keys: data keys, closed with the house.
        guard: masks, seals and tokenises.
        review_readers: what reads masked reviews now.
        name_tagger: what finds names and addresses now, for the guard; None where the settings name no such model.
        intent_reader: what tells what tickets are about; likewise.
        retriever: puts texts into the space of search and support.
        query_timeout: seconds for which a query may wait for that.
        retrieval_models: the models behind rankings, replies and recommendations.
        recommend_models: of recommendations; besides those, the projection of text profiles where there is one.
        catalogue: products, searchable.
        catalogue_coverage: how much of the catalogue is there.
        searcher: answers queries from it.
        lacking: what recommendations lack besides products.
        recommender: recommends from it.
        memory: what support knows.
        memory_coverage: how much of it is there.
        responder: answers tickets from it.
        users: user and product state in Redis.
        standings: how products fare, by that.
    """

    def __init__(self, settings: Settings, models: Models, keys: Keys, cache: Cache, health: Health) -> None:
        self.keys = keys
        self.name_tagger = models.tagger
        tagger = ServedTagger(self.name_tagger) if self.name_tagger else None
        self.guard = keys.guard(CatalogueTerms(models.catalogue), tagger)
        self.review_readers = models.review_readers
        self.intent_reader = models.intent_reader
        self.retriever = models.retriever
        self.retrieval_models = [reference(models.retriever.identity)]
        projection, identity = models.projection or (None, None)
        self.recommend_models = self.retrieval_models + ([reference(identity)] if identity else [])
        self.query_timeout = settings.models.query_timeout
        self.catalogue = models.catalogue
        self.searcher = Searcher(models.catalogue, models.retriever.identity.digest)
        self.responder = Responder(models.memory, settings.support.threshold)
        self._views = Views(settings, models.catalogue, models.memory, health)
        self.catalogue_coverage = self._views.catalogue
        self.memory = models.memory
        self.memory_coverage = self._views.memory
        self.lacking = self._views.lacking
        self.recommender = Recommender(models.catalogue, self._views.associations, projection)
        self._cache = cache
        self.users = UserState(self._cache, settings, health)
        self.standings = RedisStandings(self._cache, settings)
        self._erasing = Erasing(
            settings,
            health,
            self._cache,
            keys=keys.keyring,
            tokeniser=keys.tokeniser,
            renewed=self._views.renewed,
        )
        self._releasing = Releasing(settings, health, cache, engine=models.engine, serving=models.serving)
        self._engine = models.engine
        self._metrics = ModelMetrics(models.engine.statistics)
        self._patience = settings.worker.views_wait
        self._care: asyncio.Task[None] | None = None

    def clock(self) -> datetime:
        """The time, with offset."""
        return datetime.now(UTC)

    @classmethod
    async def open(cls, settings: Settings, health: Health) -> "House":
        """Loads keys and models, and fills the indexes as far as they get within the settings' `views_wait`.

        Raises:
            WorkerDefect: weights, keys or privacy settings are missing or can't be used; the text says what to do.
        """
        try:
            keys = await Keys.open(settings, health)
            cache = Cache.open(settings.redis, health)

            def store_of(model: LoadedModel) -> RedisVectors:
                return RedisVectors(
                    cache,
                    settings.group_id,
                    model.identity.digest,
                    tokeniser=keys.tokeniser,
                    seconds=settings.models.cache_seconds,
                    most_bytes=settings.models.cache_bytes,
                )

            released = await _released(settings)
            models = await asyncio.to_thread(Models.load, settings.models, store_of, released)
            house = cls(settings, models, keys, cache, health)
        except (ModelError, PrivacyError) as error:
            raise WorkerDefect(str(error)) from error
        await house.start()
        return house

    async def start(self) -> None:
        """Fills the indexes, and begins to look after them."""
        REGISTRY.register(self._metrics)
        await self._erasing.start()
        await self._releasing.start()
        await self._views.start(self._patience)
        self._care = fatal(self._look_after(), "the care of indexes and state")

    async def close(self) -> None:
        """Keeps snapshots, and lets connections and the models' threads end."""
        if self._care is not None:
            await cancelled(self._care)
        await self._releasing.stop()
        await self._erasing.stop()
        await self._views.stop()
        await self._cache.close()
        await self.keys.close()
        await asyncio.to_thread(self._engine.close)
        REGISTRY.unregister(self._metrics)

    async def memory_settled(self) -> bool:
        """Waits until what support knows holds all resolutions that are there now; False: it took too long."""
        return await self._views.memory_settled(SETTLE_SECONDS)

    async def _look_after(self) -> None:
        """Mends a Redis that lost its tail though no change comes, and keeps support's confidence calibrated."""
        while True:
            await asyncio.sleep(CARE_SECONDS)
            self.keys.keyring.purge()
            try:
                await self.users.mend()
            except DependencyUnavailable as missing:
                log.debug("user state can't be looked after", extra={"dependency": missing.name})
            if self.responder.recalibration_due:
                calibration = await asyncio.to_thread(self.responder.recalibrate)
                log.info(
                    "support is calibrated", extra={"on": calibration.fitted_on, "cases": calibration.cases}
                )


async def _released(settings: Settings) -> Mapping[str, ModelRelease]:
    """The models that are released now, by role; none where that can't be told."""
    try:
        return latest(await read_releases(settings))
    except ClientError as error:
        problem = str(error)
    log.error(
        "releases of models can't be read; the worker starts with the settings' own", extra={"why": problem}
    )
    return {}
