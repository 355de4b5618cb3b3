"""The engine's faces, on a backend that notes its calls."""

import asyncio
import gc
import os
import sys
import threading
import time
import weakref

import numpy as np
import pytest

from models import EngineClosed
from models.engine import Encoder, Engine, Priority
from models.engine.backend import Lane
from models.engine.niceness import BULK
from models.errors import DeadlineExceeded
from tests.models.tiny_backend import TinyBackend, tiny_model, vector_of, vectors_of


def encoder_of(backend: TinyBackend) -> Encoder:
    return Encoder.alone(tiny_model(backend))


async def hold(encoder: Encoder, tiny: TinyBackend) -> asyncio.Task[object]:
    """Keep the one bulk worker busy until `tiny.go` is set."""
    tiny.go.clear()
    tiny.started.clear()
    task: asyncio.Task[object] = asyncio.create_task(encoder.embed(["running"]))
    await asyncio.to_thread(tiny.started.wait, 10)
    return task


async def settle() -> None:
    """Until all that was handed over is in the queues."""
    await asyncio.sleep(0.05)


async def test_calls_that_wait_at_once_share_batches(tiny: TinyBackend) -> None:
    with encoder_of(tiny) as encoder:
        running = await hold(encoder, tiny)
        tasks = [asyncio.create_task(encoder.embed([f"text {number}", "x"])) for number in range(50)]
        await settle()
        tiny.go.set()
        await running
        results = await asyncio.gather(*tasks)
    for number, vectors in enumerate(results):
        assert vectors.tolist() == [vector_of(f"text {number}"), vector_of("x")]
    # 51 texts of at most 8 tokens, 64 tokens a batch; "x" is computed once.
    assert len(tiny.batches) == 1 + 7
    assert sum(batch.count("x") for batch in tiny.batches) == 1


async def test_no_batch_is_larger_than_its_budget(tiny: TinyBackend) -> None:
    texts = [chr(97 + number % 26) * (number % 70) for number in range(200)]
    with encoder_of(tiny) as encoder:
        vectors = await encoder.embed(texts)
        statistics = encoder.statistics()
    np.testing.assert_array_equal(vectors, vectors_of(*texts))
    for batch in tiny.batches:
        longest = -(-max(map(len, batch)) // 8) * 8
        assert len(batch) == 1 or len(batch) * longest <= 64
    assert statistics.rows == len(set(texts))
    assert statistics.padded_tokens >= statistics.tokens == sum(map(len, set(texts)))


async def test_the_event_loop_runs_on_while_the_model_works(tiny: TinyBackend) -> None:
    with encoder_of(tiny) as encoder:
        task = await hold(encoder, tiny)
        await asyncio.wait_for(asyncio.sleep(0.01), 1)
        assert not task.done()
        tiny.go.set()
        await task
    assert tiny.threads == {"shopstream-engine-bulk"}


async def test_a_query_takes_the_urgent_lane_past_bulk_work(tiny: TinyBackend) -> None:
    tiny.poisoned = lambda rows: None
    with encoder_of(tiny) as encoder:
        running = await hold(encoder, tiny)
        tiny.started.clear()
        waiting = asyncio.create_task(encoder.embed(["review"]))
        query = asyncio.create_task(encoder.embed(["query"], Priority.QUERY))
        await asyncio.to_thread(tiny.started.wait, 10)
        assert tiny.batches == [["running"], ["query"]]
        assert tiny.lanes == [Lane.BULK, Lane.URGENT]
        tiny.go.set()
        await asyncio.gather(running, waiting, query)


async def test_callers_wait_when_too_many_inputs_wait(tiny: TinyBackend) -> None:
    with Engine([tiny_model(tiny)], waiting_inputs=4) as engine:
        encoder = engine.encoder("tiny")
        running = await hold(encoder, tiny)
        reviews = [asyncio.create_task(encoder.embed([f"a{n}", f"b{n}"])) for n in range(10)]
        await settle()
        assert engine.statistics().of("tiny").waiting == 2
        # Another priority has a room of its own.
        ticket = asyncio.create_task(encoder.embed(["ticket"], Priority.TICKET))
        await settle()
        assert engine.statistics().of("tiny").waiting == 3
        tiny.go.set()
        await asyncio.gather(running, ticket, *reviews)
        assert engine.statistics().of("tiny").waiting == 0


async def test_cancelled_calls_give_their_room_back_and_are_not_computed(tiny: TinyBackend) -> None:
    with Engine([tiny_model(tiny)], waiting_inputs=4) as engine:
        encoder = engine.encoder("tiny")
        running = await hold(encoder, tiny)
        tasks = [asyncio.create_task(encoder.embed([f"unwanted {number}"])) for number in range(8)]
        await settle()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        again = asyncio.create_task(encoder.embed(["unwanted 0"]))
        await settle()
        tiny.go.set()
        await running
        assert (await again).tolist() == [vector_of("unwanted 0")]
    assert tiny.batches == [["running"], ["unwanted 0"]]


async def test_inputs_that_nobody_waits_for_do_not_pile_up(tiny: TinyBackend) -> None:
    with encoder_of(tiny) as encoder:
        running = await hold(encoder, tiny)
        for number in range(3):
            task = asyncio.create_task(encoder.embed([f"{number} {n}" for n in range(400)]))
            await settle()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert encoder.statistics().waiting == 0
        tiny.go.set()
        await running


async def test_calls_cancelled_at_any_moment_leave_no_room_taken(tiny: TinyBackend) -> None:
    with Engine([tiny_model(tiny)], waiting_inputs=1) as engine:
        encoder = engine.encoder("tiny")
        for number in range(100):
            task = asyncio.create_task(encoder.embed(["a"]))
            await asyncio.sleep(number % 10 / 5_000)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await asyncio.wait_for(encoder.embed(["b"]), 5)


async def test_one_caller_that_leaves_does_not_take_the_other_ones_text_along(tiny: TinyBackend) -> None:
    with encoder_of(tiny) as encoder:
        running = await hold(encoder, tiny)
        leaving, staying = (asyncio.create_task(encoder.embed(["same"])) for _ in range(2))
        await settle()
        leaving.cancel()
        await settle()
        tiny.go.set()
        assert (await staying).tolist() == [vector_of("same")]
        await running
    assert tiny.batches == [["running"], ["same"]]


@pytest.mark.parametrize("full", [False, True])
async def test_what_is_not_begun_in_time_is_given_up(tiny: TinyBackend, *, full: bool) -> None:
    with Engine([tiny_model(tiny)], waiting_inputs=1 if full else 10) as engine:
        encoder = engine.encoder("tiny")
        running = await hold(encoder, tiny)
        with pytest.raises(DeadlineExceeded):
            await encoder.embed(["late"], timeout=0.05)
        with pytest.raises(DeadlineExceeded):
            await asyncio.to_thread(encoder.embed_now, ["late"], timeout=0.05)
        tiny.go.set()
        await running
        await encoder.embed(["after"], timeout=10)
    assert tiny.batches == [["running"], ["after"]]


async def test_what_is_begun_in_time_is_finished(tiny: TinyBackend) -> None:
    tiny.go.clear()
    with encoder_of(tiny) as encoder:
        tasks = [
            asyncio.create_task(encoder.embed(["a"], timeout=0.2)),
            asyncio.create_task(asyncio.to_thread(encoder.embed_now, ["a"], timeout=0.2)),
        ]
        await asyncio.sleep(0.5)
        tiny.go.set()
        assert [vectors.tolist() for vectors in await asyncio.gather(*tasks)] == [[vector_of("a")]] * 2


async def test_closing_finishes_what_runs_and_fails_what_waits(tiny: TinyBackend) -> None:
    engine = Engine([tiny_model(tiny)], waiting_inputs=2)
    encoder = engine.encoder("tiny")
    running = await hold(encoder, tiny)
    queued, outside = (asyncio.create_task(encoder.embed(["x", "y"][:n])) for n in (1, 2))
    await settle()
    closing = asyncio.create_task(asyncio.to_thread(engine.close))
    await settle()
    assert not closing.done()
    tiny.go.set()
    await closing
    await running
    for task in (queued, outside):
        with pytest.raises(EngineClosed):
            await task
    with pytest.raises(EngineClosed):
        await encoder.embed(["late"])
    with pytest.raises(EngineClosed):
        encoder.embed_now(["late"])
    engine.close()
    assert tiny.closed


async def test_a_call_larger_than_the_room_is_served_in_parts(tiny: TinyBackend) -> None:
    texts = [f"text {number}" for number in range(50)]
    with Engine([tiny_model(tiny)], waiting_inputs=8) as engine:
        now = engine.embed_now(texts, model="tiny", timeout=10)
        later = await engine.embed(texts, model="tiny", timeout=10)
    np.testing.assert_array_equal(now, vectors_of(*texts))
    np.testing.assert_array_equal(now, later)


async def test_no_texts_need_no_batch(tiny: TinyBackend) -> None:
    with encoder_of(tiny) as encoder:
        assert (await encoder.embed([])).shape == (0, 4)
        assert encoder.embed_now([]).shape == (0, 4)
    assert tiny.batches == []


@pytest.mark.parametrize("texts", ["one string", [b"bytes"], ["a", None]])
async def test_what_is_not_text_is_refused_without_showing_it(tiny: TinyBackend, texts: list[str]) -> None:
    with encoder_of(tiny) as encoder, pytest.raises(TypeError) as raised:
        await encoder.embed(texts)
    assert "bytes'" not in str(raised.value)
    assert tiny.batches == []


def test_a_forgotten_encoder_ends_its_threads(tiny: TinyBackend) -> None:
    before = set(threading.enumerate())
    encoder = encoder_of(tiny)
    encoder.embed_now(["a"])
    assert set(threading.enumerate()) - before
    gone = weakref.ref(encoder)
    del encoder
    gc.collect()
    assert gone() is None
    assert tiny.closed
    assert not set(threading.enumerate()) - before


def test_a_face_keeps_its_engine(tiny: TinyBackend) -> None:
    encoder = Engine([tiny_model(tiny)]).encoder("tiny")
    gc.collect()
    assert encoder.embed_now(["a"]).tolist() == [vector_of("a")]


def test_plain_code_and_coroutines_get_the_same(tiny: TinyBackend) -> None:
    texts = ["b", "", "a longer text", "b"]
    with encoder_of(tiny) as encoder:
        now = encoder.embed_now(texts)
        later = asyncio.run(encoder.embed(texts))
    np.testing.assert_array_equal(now, later)
    np.testing.assert_array_equal(now, vectors_of(*texts))


@pytest.mark.skipif(sys.platform != "linux", reason="threads have a priority of their own on Linux only")
def test_bulk_workers_give_way_and_the_urgent_one_does_not(tiny: TinyBackend) -> None:
    with encoder_of(tiny) as encoder:
        encoder.embed_now(["a"])
        niceness = {
            thread.name: os.getpriority(os.PRIO_PROCESS, thread.native_id)
            for thread in threading.enumerate()
            if thread.native_id is not None
        }
    assert niceness["shopstream-engine-bulk"] == BULK
    assert niceness["shopstream-engine-urgent"] == niceness[threading.current_thread().name]


def test_bulk_workers_share_the_cores(tiny: TinyBackend) -> None:
    """Four workers, two of which may run at once."""
    wide = TinyBackend(slots=4)
    wide.go.clear()
    with Engine([tiny_model(wide)], threads=2) as engine:
        waiting = threading.Thread(
            target=engine.embed_now, args=([f"{n:08}" for n in range(64)],), kwargs={"model": "tiny"}
        )
        waiting.start()
        assert wide.started.wait(10)
        time.sleep(0.1)
        assert engine.statistics().of("tiny").running == 2
        wide.go.set()
        waiting.join()
        assert engine.statistics().of("tiny").batches == 8
