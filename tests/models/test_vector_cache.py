"""Vectors that need not be computed again."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from models.engine import Caching, Engine, Priority
from models.engine.scheduling import model_cache
from models.engine.vector_cache import ENTRY_BYTES, VectorCache, packed, unpacked, vector_keys
from tests.models.tiny_backend import TinyBackend, tiny_model, vectors_of

ENTRY = 16 + ENTRY_BYTES
"""Bytes of a cached vector of four numbers."""


class Store:
    """A store in this process; `away` makes it fail as one that breaks its promise, `slow` keep it from answering."""

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}
        self.away = self.slow = False
        self.asked = 0

    async def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        self.asked += 1
        await asyncio.sleep(60 if self.slow else 0)
        if self.away:
            raise ConnectionError
        return [self.values.get(key) for key in keys]

    async def put(self, entries: Mapping[bytes, bytes]) -> None:
        if self.away:
            raise ConnectionError
        self.values.update(entries)


def unit(*numbers: float) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    vector = np.array(numbers, np.float32)
    return vector / np.linalg.norm(vector)


def unit_of(ids: Sequence[int]) -> list[float]:
    return list(unit(1, len(ids), sum(ids) % 7, sum(ids) % 11))


def test_what_was_not_used_for_longest_goes() -> None:
    cache = VectorCache(2 * ENTRY)
    for name in (b"a", b"b"):
        cache.put(name, unit(1, 2, 3, 4))
    assert cache.get(b"a") is not None
    cache.put(b"c", unit(1, 1, 1, 1))
    assert cache.get(b"b") is None
    assert cache.get(b"a") is not None
    assert cache.get(b"c") is not None
    assert cache.size == 2 * ENTRY


def test_a_cached_vector_can_not_be_changed() -> None:
    cache = VectorCache(2 * ENTRY)
    vector = unit(1, 2, 3, 4)
    cache.put(b"a", vector)
    vector[0] = 9
    kept = cache.get(b"a")
    assert kept is not None
    np.testing.assert_array_equal(kept, unit(1, 2, 3, 4))
    with pytest.raises(ValueError, match="read-only"):
        kept[0] = 9


def test_a_vector_larger_than_the_cache_is_not_kept() -> None:
    cache = VectorCache(ENTRY - 1)
    cache.put(b"a", unit(1, 2, 3, 4))
    assert cache.get(b"a") is None
    assert cache.size == 0


def test_a_key_covers_text_precision_limit_and_what_else_vectors_depend_on(tiny: TinyBackend) -> None:
    model = tiny_model(tiny)
    assert len(set(vector_keys(model, ["a", "b", "", "\ud800"]))) == 4
    before = vector_keys(model, ["a"])
    assert vector_keys(replace(model, vector_id="cls"), ["a"]) != before
    assert vector_keys(model, ["a"]) == before
    model.tokeniser.max_tokens = 8
    other_limit = vector_keys(model, ["a"])
    tiny.precision = "int8"
    assert len({*before, *other_limit, *vector_keys(model, ["a"])}) == 3


def test_the_store_keeps_float16_and_gives_vectors_of_length_one() -> None:
    vector = unit(0.3, -2, 3, 1e-3)
    value = packed(vector)
    assert len(value) == 8
    back = unpacked(value, 4)
    assert back is not None
    np.testing.assert_allclose(back, vector, atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(back), 1, atol=1e-6)


@pytest.mark.parametrize("value", [b"", b"\0" * 8, b"\0" * 6, np.full(4, np.nan, "<f2").tobytes()])
def test_a_damaged_value_counts_as_none(value: bytes) -> None:
    assert unpacked(value, 4) is None


def test_a_text_that_comes_again_is_not_computed_again(tiny: TinyBackend) -> None:
    with Engine([tiny_model(tiny)], caches={"tiny": Caching(10 * ENTRY)}) as engine:
        first = engine.embed_now(["a", "b"], model="tiny")
        second = asyncio.run(engine.embed(["b", "c", "a"], model="tiny"))
        statistics = engine.statistics().of("tiny")
    np.testing.assert_array_equal(second, vectors_of("b", "c", "a"))
    np.testing.assert_array_equal(first, vectors_of("a", "b"))
    assert (statistics.inputs, statistics.memory_hits, statistics.misses, statistics.rows) == (5, 2, 3, 3)
    assert statistics.cache_bytes == 3 * ENTRY


def test_a_model_without_a_cache_computes_every_text(tiny: TinyBackend) -> None:
    with Engine([tiny_model(tiny)]) as engine:
        for _ in range(3):
            engine.embed_now(["a"], model="tiny")
        assert engine.statistics().of("tiny").rows == 3


async def test_engines_share_vectors_through_the_store() -> None:
    store = Store()
    caches = {"tiny": Caching(10 * ENTRY, store)}
    first, second = TinyBackend(output=unit_of), TinyBackend(output=unit_of)
    with Engine([tiny_model(first)], caches=caches) as engine:
        computed = await engine.embed(["a", "b"], model="tiny", priority=Priority.QUERY)
        await asyncio.sleep(0.01)
    with Engine([tiny_model(second)], caches=caches) as engine:
        stored = await engine.embed(["a", "b", "c"], model="tiny", priority=Priority.QUERY)
        await engine.embed(["a"], model="tiny", priority=Priority.QUERY)
        statistics = engine.statistics().of("tiny")
    assert second.batches == [["c"]]
    np.testing.assert_allclose(stored[:2], computed, atol=1e-3)
    assert (statistics.store_hits, statistics.memory_hits, statistics.misses) == (2, 1, 1)


@pytest.mark.parametrize("fault", ["away", "slow"])
async def test_without_the_store_vectors_are_computed_and_it_is_left_alone_for_a_while(
    tiny: TinyBackend, fault: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_cache, "REST_SECONDS", 0.5)
    store = Store()
    setattr(store, fault, True)
    with Engine([tiny_model(tiny)], caches={"tiny": Caching(0, store)}) as engine:
        async with asyncio.timeout(5):
            for text in "abc":
                vectors = await engine.embed([text], model="tiny", priority=Priority.QUERY)
            np.testing.assert_array_equal(vectors, vectors_of("c"))
            assert store.asked == 1
            assert [record.exc_info for record in caplog.records] == [None]
            await asyncio.sleep(0.6)
            vectors = await engine.embed(["a"], model="tiny", priority=Priority.QUERY)
            assert store.asked == 2
    np.testing.assert_array_equal(vectors, vectors_of("a"))


def test_a_cache_is_refused_for_what_makes_no_vectors_and_for_who_is_not_there(tiny: TinyBackend) -> None:
    with pytest.raises(ValueError, match="makes no vectors"):
        Engine([tiny_model(tiny, task="score")], caches={"tiny": Caching(100)})
    with pytest.raises(ValueError, match="other"):
        Engine([tiny_model(tiny)], caches={"other": Caching(100)})
