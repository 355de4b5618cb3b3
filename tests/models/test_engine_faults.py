"""What a fault costs: the input that causes it, nothing else. Faults are injected into a backend without a model."""

import asyncio
import ctypes
import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import numpy as np
import pytest

from models import EncodingFailed
from models.engine import Engine
from models.engine.backend import Row
from models.engine.requests import Priority
from models.engine.scheduling import retries
from models.engine.scheduling.desk import SUSPICIOUS
from models.engine.scheduling.runtime import Runtime
from models.errors import DeadlineExceeded, EngineBroken, OutOfMemory
from tests.models.tiny_backend import (
    POISON,
    TinyBackend,
    is_poison,
    poisoned,
    tiny_model,
    vector_of,
    vectors_of,
)

# Threads that die say so on the error stream, too.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")

TEXTS = [f"good {number}" for number in range(12)]


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


async def embed_one_by_one(engine: Engine, texts: Sequence[str]) -> list[object]:
    """Each text in a call of its own, all at once."""
    calls = [engine.embed([text], model="tiny") for text in texts]
    return list(await asyncio.gather(*calls, return_exceptions=True))


def nan_for_poison(ids: Sequence[int]) -> list[float]:
    return [float("nan")] * 4 if is_poison(Row(list(ids))) else vector_of("".join(map(chr, ids)))


@pytest.mark.parametrize("fault", ["crash", "not finite"])
async def test_a_text_that_breaks_the_model_fails_alone(tiny: TinyBackend, fault: str) -> None:
    if fault == "not finite":
        tiny.poisoned = lambda rows: None
        tiny.output = nan_for_poison
    with Engine([tiny_model(tiny)]) as engine:
        results = await embed_one_by_one(engine, [*TEXTS[:6], POISON, *TEXTS[6:]])
        assert engine.statistics().of("tiny").failures == 1
    failure = results.pop(6)
    assert isinstance(failure, EncodingFailed)
    assert isinstance(failure.__cause__, ValueError if fault == "crash" else ArithmeticError)
    assert POISON not in str(failure)
    np.testing.assert_array_equal(np.concatenate(results), vectors_of(*TEXTS))  # type: ignore[arg-type]


async def test_a_few_outputs_that_are_not_finite_fail_their_calls_and_the_engine_serves_on(
    tiny: TinyBackend,
) -> None:
    tiny.output = lambda ids: [float("nan")] * 4
    with Engine([tiny_model(tiny)]) as engine:
        results = await embed_one_by_one(engine, TEXTS[:SUSPICIOUS])
        assert all(isinstance(result, EncodingFailed) for result in results)
        tiny.output = nan_for_poison
        assert await engine.embed(["after"], model="tiny") == pytest.approx(vectors_of("after"))


def test_a_text_that_the_tokenizer_refuses_fails_alone(tiny: TinyBackend) -> None:
    model = tiny_model(tiny)
    rows = model.tokeniser.rows

    def refusing(inputs: Sequence[str]) -> list[Row]:
        if POISON in inputs:
            raise ValueError("no such text")
        return rows(inputs)

    model.tokeniser.rows = refusing  # type: ignore[method-assign, assignment]
    with Engine([model]) as engine:
        with pytest.raises(EncodingFailed):
            engine.embed_now([*TEXTS, POISON], model="tiny")
        assert engine.embed_now(TEXTS, model="tiny").tolist() == vectors_of(*TEXTS).tolist()


def test_out_of_memory_halves_the_batches_which_grow_again(tiny: TinyBackend) -> None:
    memory = [3]

    def full(rows: Sequence[Row]) -> None:
        if len(rows) > memory[0]:
            raise OutOfMemory("too many rows")

    tiny.poisoned = full
    texts = [f"{number:08}" for number in range(200)]
    with Engine([tiny_model(tiny)]) as engine:
        np.testing.assert_array_equal(engine.embed_now(texts, model="tiny"), vectors_of(*texts))
        assert max(map(len, tiny.batches)) == 8
        statistics = engine.statistics().of("tiny")
        assert 2 <= statistics.out_of_memory <= 4
        assert statistics.token_budget == 16
        memory[0] = 8
        more = [f"{number:08}" for number in range(1_000, 2_000)]
        np.testing.assert_array_equal(engine.embed_now(more, model="tiny"), vectors_of(*more))
        statistics = engine.statistics().of("tiny")
        assert statistics.token_budget == 64


def test_a_text_that_never_fits_fails_alone(tiny: TinyBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "BACKOFF_SECONDS", (0.01, 0.02))

    def full(rows: Sequence[Row]) -> None:
        if any(is_poison(row) for row in rows):
            raise OutOfMemory("no room")

    tiny.poisoned = full
    with Engine([tiny_model(tiny)]) as engine:
        results = asyncio.run(embed_one_by_one(engine, [*TEXTS, POISON]))
    assert [isinstance(result, EncodingFailed) for result in results] == [False] * 12 + [True]
    assert isinstance(results[-1].__cause__, OutOfMemory)  # type: ignore[attr-defined]


def test_a_shortage_of_memory_for_a_moment_costs_no_text(tiny: TinyBackend) -> None:
    over = time.monotonic() + 0.05

    def full(rows: Sequence[Row]) -> None:
        if time.monotonic() < over:
            raise OutOfMemory("no room now")

    tiny.poisoned = full
    texts = [f"{number:08}" for number in range(64)]
    with Engine([tiny_model(tiny)]) as engine:
        np.testing.assert_array_equal(engine.embed_now(texts, model="tiny"), vectors_of(*texts))
        assert engine.statistics().of("tiny").out_of_memory


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


async def test_a_text_of_100_000_tokens_an_empty_one_and_one_alone(tiny: TinyBackend) -> None:
    with Engine([tiny_model(tiny)]) as engine:
        vectors = await engine.embed(["x" * 100_000, "", "y"], model="tiny")
        alone = await engine.embed([""], model="tiny")
    np.testing.assert_array_equal(vectors, vectors_of("x" * 512, "", "y"))
    np.testing.assert_array_equal(alone, vectors_of(""))


async def test_whatever_goes_wrong_at_once_every_call_ends_and_nothing_is_left_behind() -> None:
    chance = random.Random(6)

    def trouble(rows: Sequence[Row]) -> None:
        time.sleep(chance.random() / 1_000)
        if chance.random() < 0.05 and len(rows) > 1:
            raise OutOfMemory("injected")
        if chance.random() < 0.02:
            raise SystemExit
        poisoned(rows)

    backends = [TinyBackend(slots=2), TinyBackend()]
    for backend in backends:
        backend.poisoned = trouble
    models = [tiny_model(backend, name) for backend, name in zip(backends, "ab", strict=True)]
    runtime = Runtime(models, threads=2, waiting_inputs=40)

    async def call() -> None:
        texts = [
            chance.choice(["a", "b" * 20, f"{chance.random()}", POISON])
            for _ in range(chance.randrange(1, 20))
        ]
        priority, timeout = chance.choice(list(Priority)), chance.choice([None, 0.02, 1])
        with suppress(EncodingFailed, DeadlineExceeded):
            vectors = await runtime.run(chance.choice("ab"), texts, priority, timeout)
            np.testing.assert_array_equal(np.array(vectors), vectors_of(*texts))

    tasks = []
    for _ in range(200):
        tasks.append(asyncio.create_task(call()))
        await asyncio.sleep(chance.random() / 200)
        if chance.random() < 0.1:
            chance.choice(tasks).cancel()
    done, pending = await asyncio.wait(tasks, timeout=30)
    assert not pending
    assert [task for task in done if not task.cancelled() and task.exception()] == []
    await asyncio.to_thread(wait_for, lambda: not runtime._desk._under_way)
    assert runtime.statistics().threads_replaced
    assert [room.inside for room in runtime._rooms.values()] == [0, 0, 0, 0]
    runtime.close()
    assert [model.running for model in runtime.statistics().models] == [0, 0]
