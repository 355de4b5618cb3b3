"""The models of one worker: what they share, what is remembered of them, and how a broken engine ends the process."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from models.engine.model import LoadedModel
from models.errors import WeightsUnusable
from models.sources import identify
from streams.contracts.records import ModelRelease, ReleasedModel
from streams.delivery.errors import EXIT_STUCK
from streams.releases.publishing import new_release
from streams.releases.roles import RETRIEVAL
from streams.settings import ModelSettings
from streams.worker_models import Models
from tests.models.plain import PLAIN
from tests.models.tiny_folders import tiny_folder
from tests.models.tiny_reviews import tiny_reviews


class Shelf:
    """A store in memory."""

    def __init__(self) -> None:
        self.kept: dict[bytes, bytes] = {}

    async def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        return [self.kept.get(key) for key in keys]

    async def put(self, entries: Mapping[bytes, bytes]) -> None:
        self.kept |= entries


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of tiny models."""
    return tmp_path_factory.mktemp("tiny")


@contextmanager
def loaded(
    tiny: Path, shelf: Shelf, release: ModelRelease | None = None, reviews_in: Mapping[str, str] | None = None
) -> Iterator[Models]:
    """With torch in float32, as on every machine."""
    settings = ModelSettings(
        reviews=f"path:{tiny_reviews(tiny)}",
        reviews_in=dict(reviews_in or {}),
        retrieval_encoder=f"path:{tiny_folder(tiny, 'embed')}",
        tagger="",
        threads=1,
        **PLAIN,
    )

    def store_of(model: LoadedModel) -> Shelf:
        assert model.name == RETRIEVAL
        return shelf

    models = Models.load(settings, store_of, {release.role: release} if release else {})
    try:
        yield models
    finally:
        models.engine.close()


async def read(models: Models, text: str) -> str:
    with models.review_reader.use() as version:
        (reading,) = await version.model.read([text])
    return reading.label


def released(source: str, digest: str) -> ModelRelease:
    return new_release("reviews", ReleasedModel(source=source, version="1", digest=digest), None, None)


async def test_a_worker_starts_with_what_is_released_and_else_with_its_settings(
    tiny: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = f"path:{tiny_reviews(tiny, 'negative')}"
    digest = f"sha256:{identify(source).digest}"
    with loaded(tiny, Shelf(), released(source, digest)) as models:
        assert await read(models, "nice") == "negative"
        assert models.review_reader.current.digest == digest
    assert "refused" not in caplog.text
    with loaded(tiny, Shelf(), released("path:/nowhere", digest)) as models:
        assert await read(models, "nice") == "positive"
    assert "a released model is refused; the worker starts with the settings' own" in caplog.text


async def test_a_language_may_have_a_model_of_its_own_which_releases_replace(tiny: Path) -> None:
    negative, neutral = (f"path:{tiny_reviews(tiny, label)}" for label in ("negative", "neutral"))
    with loaded(tiny, Shelf(), reviews_in={"en": negative}) as models:
        read = await models.review_readers.read(["nice"] * 3, ["en", "de", "en-US"])
        assert [one.reading.label for one in read] == ["negative", "positive", "negative"]
    digest = f"sha256:{identify(neutral).digest}"
    release = new_release("reviews-en", ReleasedModel(source=neutral, version="1", digest=digest), None, None)
    with loaded(tiny, Shelf(), release, {"en": negative}) as models:
        read = await models.review_readers.read(["nice"] * 2, ["en", "de"])
        assert [one.reading.label for one in read] == ["neutral", "positive"]
        assert read[0].models[0].digest == digest


async def test_queries_are_remembered_for_all_workers_and_reviews_are_not(tiny: Path) -> None:
    shelf = Shelf()
    with loaded(tiny, shelf) as models:
        made = await models.retriever.queries(["red dress"])
        await read(models, "nice")
    with loaded(tiny, shelf) as models:
        reviews = models.review_reader.current.engine_model
        assert reviews is not None
        tried = models.engine.statistics().of(reviews).batches  # its heads, when it was loaded
        found = await models.retriever.queries(["red dress"])
        await read(models, "nice")
        statistics = models.engine.statistics()
    assert len(shelf.kept) == 1
    np.testing.assert_allclose(found, made, atol=1e-3)
    assert (statistics.of(RETRIEVAL).store_hits, statistics.of(RETRIEVAL).batches) == (1, 0)
    assert (statistics.of(reviews).store_hits, statistics.of(reviews).batches) == (0, tried + 1)


def test_a_reviews_model_without_heads_is_refused(tiny: Path) -> None:
    encoder = f"path:{tiny_folder(tiny, 'embed')}"
    settings = ModelSettings(reviews=encoder, retrieval_encoder=encoder, tagger="", threads=1, **PLAIN)
    with pytest.raises(WeightsUnusable, match=r"heads\.safetensors"):
        Models.load(settings, lambda _: None)


def test_a_broken_engine_ends_the_process_with_a_reason_and_a_code() -> None:
    program = (
        "from models.errors import EngineBroken\n"
        "from streams.worker_models import end_broken\n"
        "end_broken(EngineBroken('a batch runs for more than 60 s'))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == EXIT_STUCK
    assert "a batch runs for more than 60 s; the supervisor starts the worker again" in ended.stderr
