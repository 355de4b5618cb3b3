"""One worker and the releases that come to it, over a real Kafka; what would run on a device is a stand-in."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from models.engine.engine import Engine
from models.sources import identify
from streams.contracts.records import ReleasedModel
from streams.contracts.topics import MODEL_RELEASES
from streams.health import Health
from streams.releases import loading
from streams.releases.publishing import new_release, publish
from streams.releases.reading import latest, read_releases
from streams.releases.roles import REVIEWS
from streams.releases.serving import Serving
from streams.releases.worker import Releasing
from streams.settings import KafkaSettings, RedisSettings, Settings
from streams.state.connection import Cache
from streams.topic_admin import topic_admin, wanted_topics
from tests.models.tiny_backend import TinyBackend, tiny_model
from tests.models.tiny_reviews import hollow_base, tiny_reviews
from tests.standins.releasing import load_model
from tests.views.conftest import until


@dataclass(frozen=True)
class Installation:
    """A worker's part that follows releases, and two models for it."""

    settings: Settings
    health: Health
    engine: Engine
    serving: Serving[Any]
    old: ReleasedModel
    new: ReleasedModel

    async def release(self, model: ReleasedModel, role: str = REVIEWS) -> None:
        await publish(self.settings, new_release(role, model, self.old, None))

    def names(self) -> set[str]:
        return {model.name for model in self.engine.models}


@pytest.fixture
async def here(
    kafka: str, valkey: str, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Installation]:
    monkeypatch.setattr(loading, "load_model", load_model)
    settings = Settings(
        data_dir=tmp_path,
        kafka=KafkaSettings(bootstrap=kafka, topic_prefix=prefix, partitions=1),
        redis=RedisSettings(url=SecretStr(valkey)),
    )
    async with topic_admin(settings) as admin:
        await admin.create(wanted_topics(settings, [MODEL_RELEASES]))
    base = hollow_base(tmp_path)
    old, new = (released(f"path:{tiny_reviews(tmp_path, label, base)}") for label in ("negative", "positive"))
    health, cache = Health(), Cache.open(settings.redis, Health())
    with Engine([tiny_model(TinyBackend(), "retrieval")]) as engine:
        first = loading.load_version(engine, REVIEWS, old.source, settings.models.running)
        serving = Serving(first)
        releasing = Releasing(settings, health, cache, engine=engine, serving={REVIEWS: serving})
        await releasing.start()
        yield Installation(settings, health, engine, serving, old, new)
        await releasing.stop()
        await cache.close()


def released(source: str) -> ReleasedModel:
    identity = identify(source)
    return ReleasedModel(source=source, version=identity.version, digest=f"sha256:{identity.digest}")


async def said(serving: Serving[Any]) -> str:
    with serving.use() as version:
        (reading,) = await version.model.read(["nice"])
    label: str = reading.label
    return label


async def test_the_old_model_stays_until_its_last_batch_has_ended(here: Installation) -> None:
    assert await said(here.serving) == "negative"
    with here.serving.use() as held:
        await here.release(here.new)
        await until(lambda: here.serving.current.digest == here.new.digest)
        assert await said(here.serving) == "positive"
        (reading,) = await held.model.read(["nice"])
        assert (reading.label, held.digest) == ("negative", here.old.digest)
        assert len(here.names()) == 3
    await until(lambda: len(here.names()) == 2)
    assert held.engine_model not in here.names()
    await here.release(here.old)
    await until(lambda: here.serving.current.digest == here.old.digest)
    assert await said(here.serving) == "negative"
    assert latest(await read_releases(here.settings))[REVIEWS].released == here.old


@pytest.mark.parametrize(
    ("role", "changes", "why"),
    [
        (REVIEWS, {"digest": "sha256:" + "0" * 64}, "bring the released model to this machine"),
        (REVIEWS, {"source": "path:/nowhere"}, "there is no folder /nowhere"),
        ("retrieval", {}, "needs view topics of its own"),
        ("tagger", {}, "this worker has no tagger: set SHOPSTREAM_MODELS__TAGGER"),
        ("reviews-en", {}, "this worker has no reviews-en: set SHOPSTREAM_MODELS__REVIEWS_IN__EN"),
        ("reviews-english", {}, "no role is called reviews-english"),
        ("horoscope", {}, "no role is called horoscope"),
    ],
)
async def test_what_can_not_serve_is_refused_and_the_old_serves_on(
    here: Installation, role: str, changes: dict[str, str], why: str
) -> None:
    await here.release(here.new.model_copy(update=changes), role)
    await until(lambda: role in here.health.refused)
    assert why in here.health.refused[role]
    assert await said(here.serving) == "negative"
    await here.release(here.old, REVIEWS)
    await until(lambda: REVIEWS not in here.health.refused)


async def test_a_model_whose_head_gives_no_numbers_is_refused_and_leaves_nothing_behind(
    here: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_numbers(*_: object) -> Any:
        return [float("nan")]

    monkeypatch.setattr("models.heads.Head.__call__", no_numbers)
    before = here.names()
    await here.release(here.new)
    await until(lambda: REVIEWS in here.health.refused)
    assert "gives no numbers" in here.health.refused[REVIEWS]
    assert here.names() == before
