"""What a fault costs: the input that causes it, nothing else. Faults are injected into a backend without a model."""

import asyncio
import random
import time
from collections.abc import Sequence
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
from models.errors import DeadlineExceeded, OutOfMemory
from tests.models.faulty_calls import TEXTS, embed_one_by_one, wait_for
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
