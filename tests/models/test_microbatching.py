"""The engine's async face, on a backend that notes its calls."""

import asyncio
import gc
import threading
import weakref

import numpy as np
import pytest

from models import EncodingFailed, EngineClosed
from models.engine import Engine
from tests.models.tiny_backend import IDENTITY, POISON, TinyBackend, vector_of


async def test_calls_that_wait_at_once_share_a_round(tiny: TinyBackend) -> None:
    tiny.go.clear()
    with Engine(tiny, IDENTITY) as engine:
        first = asyncio.create_task(engine.embed(["first"]))
        await asyncio.to_thread(tiny.started.wait, 10)
        others = [asyncio.create_task(engine.embed([f"text {number}", "x"])) for number in range(50)]
        await asyncio.sleep(0.05)
        tiny.go.set()
        await first
        results = await asyncio.gather(*others)
    assert len(tiny.rounds) == 2
    assert len(tiny.rounds[1]) == 100
    for number, vectors in enumerate(results):
        assert vectors.tolist() == [vector_of(f"text {number}"), vector_of("x")]


async def test_a_round_takes_no_more_texts_than_it_should(tiny: TinyBackend) -> None:
    tiny.go.clear()
    with Engine(tiny, IDENTITY, round_texts=8) as engine:
        tasks = [asyncio.create_task(engine.embed(["a", "b", "c"])) for _ in range(9)]
        await asyncio.sleep(0.05)
        tiny.go.set()
        await asyncio.gather(*tasks)
        large = await engine.embed(["y"] * 20)
    assert max(len(texts) for texts in tiny.rounds[:-1]) <= 8
    assert large.shape == (20, 4)


async def test_a_request_that_fails_fails_alone(tiny: TinyBackend) -> None:
    tiny.go.clear()
    with Engine(tiny, IDENTITY) as engine:
        first = asyncio.create_task(engine.embed(["first"]))
        await asyncio.to_thread(tiny.started.wait, 10)
        tasks = [asyncio.create_task(engine.embed([POISON if n == 5 else f"good {n}"])) for n in range(12)]
        await asyncio.sleep(0.05)
        tiny.go.set()
        results = await asyncio.gather(first, *tasks, return_exceptions=True)
        assert (await engine.embed(["after"])).tolist() == [vector_of("after")]
    failed = [result for result in results if isinstance(result, BaseException)]
    assert len(failed) == 1
    assert isinstance(results[6], EncodingFailed)
    assert isinstance(results[6].__cause__, ValueError)
    assert POISON not in str(results[6])


async def test_the_event_loop_runs_on_while_the_model_works(tiny: TinyBackend) -> None:
    tiny.go.clear()
    with Engine(tiny, IDENTITY) as engine:
        task = asyncio.create_task(engine.embed(["slow"]))
        await asyncio.to_thread(tiny.started.wait, 10)
        await asyncio.wait_for(asyncio.sleep(0.01), 1)
        assert not task.done()
        tiny.go.set()
        await task
    assert tiny.threads == {"shopstream-engine"}


async def test_callers_wait_when_too_many_texts_wait(tiny: TinyBackend) -> None:
    tiny.go.clear()
    with Engine(tiny, IDENTITY, waiting_texts=4) as engine:
        tasks = [asyncio.create_task(engine.embed(["a", "b"])) for _ in range(10)]
        await asyncio.sleep(0.05)
        assert engine.waiting == 4
        tiny.go.set()
        await asyncio.gather(*tasks)
        assert engine.waiting == 0


async def test_cancelled_calls_give_their_room_back_and_are_not_computed(tiny: TinyBackend) -> None:
    tiny.go.clear()
    with Engine(tiny, IDENTITY, waiting_texts=4) as engine:
        running = asyncio.create_task(engine.embed(["running"]))
        await asyncio.to_thread(tiny.started.wait, 10)
        tasks = [asyncio.create_task(engine.embed([f"unwanted {number}"])) for number in range(8)]
        await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        tiny.go.set()
        await running
        await engine.embed(["wanted"])
        assert engine.waiting == 0
    assert tiny.rounds == [["running"], ["wanted"]]


async def test_a_call_cancelled_in_the_moment_it_is_let_in_leaves_no_room_taken(tiny: TinyBackend) -> None:
    with Engine(tiny, IDENTITY, waiting_texts=1) as engine:
        for _ in range(50):
            task = asyncio.create_task(engine.embed(["a"]))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await asyncio.wait_for(engine.embed(["b"]), 5)


async def test_closing_finishes_the_round_and_fails_what_waits(tiny: TinyBackend) -> None:
    tiny.go.clear()
    engine = Engine(tiny, IDENTITY, waiting_texts=2)
    running = asyncio.create_task(engine.embed(["running"]))
    await asyncio.to_thread(tiny.started.wait, 10)
    queued, outside = (asyncio.create_task(engine.embed(["x"])) for _ in range(2))
    await asyncio.sleep(0.05)
    closing = asyncio.create_task(asyncio.to_thread(engine.close))
    await asyncio.sleep(0.05)
    tiny.go.set()
    await closing
    assert (await running).tolist() == [vector_of("running")]
    for task in (queued, outside):
        with pytest.raises(EngineClosed):
            await task
    with pytest.raises(EngineClosed):
        await engine.embed(["late"])
    with pytest.raises(EngineClosed):
        engine.embed_now(["late"])
    engine.close()
    assert tiny.closed


async def test_no_texts_need_no_round(tiny: TinyBackend) -> None:
    with Engine(tiny, IDENTITY) as engine:
        assert (await engine.embed([])).shape == (0, 4)
        assert engine.embed_now([]).shape == (0, 4)
    assert tiny.rounds == []


@pytest.mark.parametrize("texts", ["one string", [b"bytes"], ["a", None]])
async def test_what_is_not_text_is_refused_without_showing_it(tiny: TinyBackend, texts: list[str]) -> None:
    with Engine(tiny, IDENTITY) as engine:
        with pytest.raises(TypeError) as raised:
            await engine.embed(texts)
        assert "bytes'" not in str(raised.value)
    assert tiny.rounds == []


def test_a_forgotten_engine_ends_its_thread(tiny: TinyBackend) -> None:
    before = set(threading.enumerate())
    engine = Engine(tiny, IDENTITY)
    engine.embed_now(["a"])
    assert set(threading.enumerate()) - before
    gone = weakref.ref(engine)
    del engine
    gc.collect()
    assert gone() is None
    assert tiny.closed
    assert not set(threading.enumerate()) - before


def test_plain_code_and_coroutines_get_the_same(tiny: TinyBackend) -> None:
    texts = ["b", "", "a longer text", "b"]
    with Engine(tiny, IDENTITY) as engine:
        now = engine.embed_now(texts)
        later = asyncio.run(engine.embed(texts))
    np.testing.assert_array_equal(now, later)
    assert now.tolist() == [vector_of(text) for text in texts]
