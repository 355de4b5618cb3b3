"""Models that come and go while an engine serves."""

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest

from models.engine import Caching, Engine, Priority
from models.errors import EngineClosed
from tests.models.tiny_backend import TinyBackend, tiny_model, vectors_of


@pytest.fixture
def engine(tiny: TinyBackend) -> Iterator[Engine]:
    with Engine([tiny_model(tiny, "old")], threads=4) as engine:
        yield engine


async def test_a_model_goes_when_its_last_call_is_answered_and_others_do_not_wait(
    engine: Engine, tiny: TinyBackend
) -> None:
    other = TinyBackend(slots=2)
    engine.add(tiny_model(other, "new"))
    old = engine.encoder("old")
    tiny.go.clear()
    long = "too long to share a batch" * 5
    under_way = asyncio.create_task(old.embed(["one", long]))
    await asyncio.to_thread(tiny.started.wait, 20)
    removing = asyncio.create_task(asyncio.to_thread(engine.remove, "old"))
    while len(engine.models) > 1:
        await asyncio.sleep(0.01)
    for priority in (Priority.QUERY, Priority.REVIEW):
        np.testing.assert_array_equal(
            await engine.embed(["two"], model="new", priority=priority), vectors_of("two")
        )
    assert (removing.done(), tiny.closed) == (False, False)
    tiny.go.set()
    assert len(await under_way) == 2
    await removing
    assert tiny.closed
    assert not other.closed
    assert [one.model for one in engine.statistics().models] == ["new"]
    with pytest.raises(KeyError):
        await engine.embed(["three"], model="old")
    with pytest.raises(EngineClosed, match="'old' was removed"):
        await old.embed(["three"])


async def test_a_caller_that_gave_up_does_not_let_a_backend_be_closed_under_its_batch(
    engine: Engine, tiny: TinyBackend
) -> None:
    tiny.go.clear()
    given_up = asyncio.create_task(engine.embed(["one"], model="old"))
    await asyncio.to_thread(tiny.started.wait, 20)
    given_up.cancel()
    removing = asyncio.create_task(asyncio.to_thread(engine.remove, "old"))
    await asyncio.wait([removing], timeout=0.2)
    assert (removing.done(), tiny.closed) == (False, False)
    tiny.go.set()
    await removing
    assert tiny.closed


def test_an_engine_that_closes_while_a_model_goes_closes_it_once() -> None:
    class Once(TinyBackend):
        def close(self) -> None:
            assert not self.closed
            super().close()

    backends = Once(), Once()
    with Engine([tiny_model(one, name) for one, name in zip(backends, "ab", strict=True)]) as engine:
        engine.remove("a")
    assert [one.closed for one in backends] == [True, True]
    with pytest.raises(EngineClosed):
        engine.add(tiny_model(TinyBackend(), "late"))


def test_a_name_may_be_used_again_and_only_by_one(engine: Engine) -> None:
    with pytest.raises(ValueError, match="has a model 'old' already"):
        engine.add(tiny_model(TinyBackend(), "old"))
    old = engine.encoder("old")
    engine.remove("old")
    engine.add(tiny_model(TinyBackend(), "old"), Caching(process_bytes=1_000))
    for _ in range(2):
        np.testing.assert_array_equal(engine.embed_now(["one"], model="old"), vectors_of("one"))
    assert engine.statistics().of("old").memory_hits == 1
    assert len(old.embed_now(["one"])) == 1


def test_a_model_that_runs_more_at_once_gets_the_workers_for_it(engine: Engine) -> None:
    wide = TinyBackend(slots=3, token_budget=8)
    wide.go.clear()
    engine.add(tiny_model(wide, "wide"))
    with pytest.raises(KeyError):
        engine.remove("wider")

    async def three() -> None:
        calls = [asyncio.create_task(engine.embed([text], model="wide")) for text in ("one", "two", "six")]
        async with asyncio.timeout(20):
            while len(wide.batches) < 3:
                await asyncio.sleep(0.01)
        wide.go.set()
        await asyncio.gather(*calls)

    asyncio.run(three())
