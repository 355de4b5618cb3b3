"""Threads that die and devices that hang or fail: who is tried again, and when the engine is broken."""

import asyncio
import ctypes
import threading
import time
from collections.abc import Sequence

import numpy as np
import pytest

from models import EncodingFailed
from models.engine import Engine
from models.engine.backend import Row
from models.engine.requests import Priority
from models.engine.scheduling.desk import SUSPICIOUS
from models.engine.scheduling.runtime import Runtime
from models.errors import EngineBroken
from tests.models.faulty_calls import TEXTS, embed_one_by_one, wait_for
from tests.models.tiny_backend import (
    POISON,
    TinyBackend,
    is_poison,
    tiny_model,
    vector_of,
    vectors_of,
)

# Threads that die say so on the error stream, too.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


def kill(thread: threading.Thread) -> None:
    """Raise SystemExit in a thread, at its next bytecode."""
    assert thread.ident is not None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit))


def bulk_thread() -> threading.Thread:
    """The newest: other tests' engines may live as long as the session."""
    return [thread for thread in threading.enumerate() if thread.name == "shopstream-engine-bulk"][-1]


async def test_a_killed_thread_is_replaced_and_its_texts_are_tried_again(tiny: TinyBackend) -> None:
    tiny.go.clear()
    with Engine([tiny_model(tiny)]) as engine:
        task = asyncio.create_task(embed_one_by_one(engine, TEXTS))
        await asyncio.to_thread(tiny.started.wait, 10)
        victim = bulk_thread()
        kill(victim)
        tiny.go.set()
        np.testing.assert_array_equal(np.concatenate(await task), vectors_of(*TEXTS))  # type: ignore[arg-type]
        victim.join(5)
        assert not victim.is_alive()
        assert engine.statistics().threads_replaced == 1


async def test_a_thread_killed_while_idle_is_replaced(tiny: TinyBackend) -> None:
    with Engine([tiny_model(tiny)]) as engine:
        victim = bulk_thread()
        kill(victim)
        await asyncio.to_thread(wait_for, lambda: engine.statistics().threads_replaced)
        assert (await engine.embed(["a"], model="tiny")).tolist() == [vector_of("a")]


def test_a_text_that_kills_its_thread_fails_and_the_engine_lives(tiny: TinyBackend) -> None:
    def deadly(rows: Sequence[Row]) -> None:
        if any(is_poison(row) for row in rows):
            raise SystemExit

    tiny.poisoned = deadly
    with Engine([tiny_model(tiny)]) as engine:
        with pytest.raises(EncodingFailed):
            engine.embed_now([POISON], model="tiny")
        assert engine.embed_now(["a"], model="tiny").tolist() == [vector_of("a")]
        assert engine.statistics().threads_replaced == 2


async def test_a_text_that_kills_its_thread_costs_its_neighbours_nothing(tiny: TinyBackend) -> None:
    def deadly(rows: Sequence[Row]) -> None:
        if any(is_poison(row) for row in rows):
            raise SystemExit

    tiny.poisoned = deadly
    tiny.go.clear()
    texts = [f"{number:06}" for number in range(7)]
    with Engine([tiny_model(tiny)]) as engine:
        before = asyncio.create_task(engine.embed(["before"], model="tiny"))
        await asyncio.to_thread(tiny.started.wait, 10)
        task = asyncio.create_task(embed_one_by_one(engine, [*texts, POISON]))
        await asyncio.to_thread(wait_for, lambda: engine.statistics().of("tiny").waiting == 8)
        tiny.go.set()
        await before
        results = await task
        assert engine.statistics().threads_replaced == 2
    assert max(map(len, tiny.batches)) == 8
    assert isinstance(results.pop(), EncodingFailed)
    np.testing.assert_array_equal(np.concatenate(results), vectors_of(*texts))  # type: ignore[arg-type]


async def test_workers_that_keep_dying_break_the_engine(tiny: TinyBackend) -> None:
    def deadly(rows: Sequence[Row]) -> None:
        raise SystemExit

    tiny.poisoned = deadly
    told: list[EngineBroken] = []
    with Engine([tiny_model(tiny)], on_broken=told.append) as engine:
        results = await embed_one_by_one(engine, [f"{n:060}" for n in range(20)])
        assert any(isinstance(result, EngineBroken) for result in results)
        with pytest.raises(EngineBroken):
            await engine.embed(["after"], model="tiny")
    await asyncio.to_thread(wait_for, lambda: told)
    assert len(told) == 1


async def test_a_hung_device_breaks_the_engine_and_is_told_once(tiny: TinyBackend) -> None:
    tiny.go.clear()
    told: list[EngineBroken] = []
    runtime = Runtime([tiny_model(tiny)], on_broken=told.append, hung_seconds=0.3, tick=0.05)
    calls = [runtime.run("tiny", [text], Priority.REVIEW, None) for text in TEXTS]
    results = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 10)
    assert all(isinstance(result, EngineBroken) for result in results)
    assert "'tiny'" in str(results[0])
    with pytest.raises(EngineBroken):
        await runtime.run("tiny", ["after"], Priority.REVIEW, None)
    await asyncio.to_thread(wait_for, lambda: told)
    runtime.close()
    assert len(told) == 1
    assert not tiny.closed  # under a batch that runs
    tiny.go.set()


async def test_who_is_told_may_close_the_engine(tiny: TinyBackend) -> None:
    tiny.go.clear()
    closed = threading.Event()

    def told(_: EngineBroken) -> None:
        runtime.close()
        closed.set()

    runtime = Runtime([tiny_model(tiny)], on_broken=told, hung_seconds=0.2, tick=0.05)
    with pytest.raises(EngineBroken):
        await runtime.run("tiny", ["a"], Priority.REVIEW, None)
    assert await asyncio.to_thread(closed.wait, 5)
    tiny.go.set()


async def test_a_device_that_fails_every_input_breaks_the_engine(tiny: TinyBackend) -> None:
    def sticky(rows: Sequence[Row]) -> None:
        raise RuntimeError("device-side assert")

    told: list[EngineBroken] = []
    runtime = Runtime([tiny_model(tiny)], on_broken=told.append, tick=0.05)
    good = await runtime.run("tiny", ["before"], Priority.REVIEW, None)
    assert good[0].tolist() == vector_of("before")
    tiny.poisoned = sticky
    calls = [runtime.run("tiny", [f"{n}"], Priority.REVIEW, None) for n in range(30)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    blamed = [result for result in results if isinstance(result, EncodingFailed)]
    assert len(blamed) == SUSPICIOUS
    assert sum(isinstance(result, EngineBroken) for result in results) == 30 - SUSPICIOUS
    assert len(told) == 1
    with pytest.raises(EngineBroken, match="fails every input"):
        await runtime.run("tiny", ["after"], Priority.REVIEW, None)
    runtime.close()


async def test_a_device_that_says_that_it_is_broken_is_believed_before_any_text_is_failed(
    tiny: TinyBackend,
) -> None:
    def broken(rows: Sequence[Row]) -> None:
        raise EngineBroken("cuda:0 failed")

    tiny.poisoned = broken
    ended: list[bool] = []
    runtime = Runtime(
        [tiny_model(tiny)], on_broken=lambda _: ended.append(any(call.done() for call in calls)), tick=60
    )
    calls = [
        asyncio.ensure_future(runtime.run("tiny", [text], Priority.REVIEW, None)) for text in [*TEXTS, POISON]
    ]
    results = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 10)
    assert [type(result) for result in results] == [EngineBroken] * 13
    assert "cuda:0 failed" in str(results[0])
    assert ended == [False]
    runtime.close()
    assert tiny.closed


async def test_many_bad_texts_do_not_break_the_engine(tiny: TinyBackend) -> None:
    told: list[EngineBroken] = []
    runtime = Runtime([tiny_model(tiny)], on_broken=told.append, tick=0.02)
    for _ in range(40):
        with pytest.raises(EncodingFailed):
            await runtime.run("tiny", [POISON], Priority.REVIEW, None)
    await asyncio.sleep(0.1)
    assert (await runtime.run("tiny", ["after"], Priority.REVIEW, None))[0].tolist() == vector_of("after")
    runtime.close()
    assert told == []


async def test_a_slow_batch_is_not_a_hung_one(tiny: TinyBackend) -> None:
    tiny.poisoned = lambda rows: time.sleep(0.1)
    told: list[EngineBroken] = []
    runtime = Runtime([tiny_model(tiny)], on_broken=told.append, hung_seconds=0.3, tick=0.05)
    await runtime.run("tiny", [f"{number:060}" for number in range(8)], Priority.REVIEW, None)
    runtime.close()
    assert told == []
