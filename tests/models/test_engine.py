"""The real encoder beside sentence-transformers."""

import asyncio
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from models import WeightsUnusable, resolve
from models.engine import Engine
from models.engine import device as devices
from models.engine.backend import Vectors
from tests.models.conftest import ENCODER

TEXTS = [
    "Love this dress!",
    "",
    " ",
    "The zipper broke after two days and the seller never answered. " * 3,
    "质量不错，就是有点贵。",
    "Très déçue… 👩‍👩‍👧‍👦 \u202e\u0000\ufeff\u0301\uffff",
    "word " * 1_000,
    "nice",
]
"""Short, empty, long beyond the limit, other scripts, junk."""


@pytest.fixture(scope="module")
def reference() -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(resolve(ENCODER).folder), device="cpu")


@pytest.fixture(scope="module")
def bf16() -> Iterator[Engine]:
    with Engine.load(ENCODER, device="cpu", dtype="bfloat16") as loaded:
        yield loaded


def cosines(left: Vectors, right: Vectors) -> npt.NDArray[np.float64]:
    products: npt.NDArray[np.float64] = left.astype(np.float64) * right
    return np.asarray(products.sum(axis=1))


def test_vectors_are_those_of_sentence_transformers(engine: Engine, reference: Any) -> None:
    theirs = reference.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    ours = engine.embed_now(TEXTS)
    assert ours.dtype == np.float32
    assert ours.shape == (len(TEXTS), 384)
    assert cosines(ours, theirs).min() >= 0.9999
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)


def test_bfloat16_keeps_close_to_sentence_transformers(bf16: Engine, reference: Any) -> None:
    theirs = reference.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    assert bf16.runs_on == "torch cpu bfloat16"
    assert cosines(bf16.embed_now(TEXTS), theirs).min() >= 0.999


def test_a_vector_does_not_depend_on_order_or_company(engine: Engine) -> None:
    together = engine.embed_now(TEXTS)
    backwards = engine.embed_now(TEXTS[::-1])[::-1]
    alone = np.concatenate([engine.embed_now([text]) for text in TEXTS])
    np.testing.assert_allclose(together, backwards, atol=2e-6)
    np.testing.assert_allclose(together, alone, atol=2e-6)


def test_in_bfloat16_company_changes_no_more_than_rounding(bf16: Engine) -> None:
    alone = np.concatenate([bf16.embed_now([text]) for text in TEXTS])
    assert cosines(bf16.embed_now(TEXTS), alone).min() >= 0.999


async def test_concurrent_calls_get_their_own_vectors(engine: Engine) -> None:
    results = await asyncio.gather(*(engine.embed([text, "x"]) for text in TEXTS))
    np.testing.assert_allclose(np.stack([one[0] for one in results]), engine.embed_now(TEXTS), atol=2e-6)


def test_a_text_of_100_000_characters_is_cut_at_the_limit(engine: Engine) -> None:
    long = "lovely dress " * 7_700
    assert len(long) > 100_000
    cut = "lovely dress " * 127  # 254 word pieces, and the two special ones
    np.testing.assert_allclose(
        engine.embed_now([long, "x" * 100_000])[0], engine.embed_now([cut])[0], atol=2e-6
    )


def test_lone_surrogates_count_as_the_replacement_character(engine: Engine) -> None:
    odd, plain = (
        engine.embed_now(["good \ud800 dress", "fine"]),
        engine.embed_now(["good \ufffd dress", "fine"]),
    )
    np.testing.assert_allclose(odd, plain, atol=2e-6)


def test_an_engine_says_what_it_is(engine: Engine) -> None:
    source = resolve(ENCODER)
    assert (engine.id, engine.version, engine.digest) == (source.id, source.version, source.digest)
    assert (engine.width, engine.runs_on, engine.waiting) == (384, "torch cpu float32", 0)


@pytest.mark.parametrize(
    ("device", "dtype"), [("abacus", "auto"), ("meta", "auto"), ("cpu", "int3"), ("cuda:99", "auto")]
)
def test_an_unusable_device_or_format_is_refused(device: str, dtype: str) -> None:
    with pytest.raises(WeightsUnusable, match=f"{device}|{dtype}"):
        Engine.load(ENCODER, device=device, dtype=dtype)


def test_automatic_bfloat16_that_fails_its_self_test_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    monkeypatch.setattr(devices, "LEAST_COSINE", 1.1)
    with Engine.load(ENCODER, device="cpu") as loaded:
        assert loaded.runs_on == "torch cpu float32"


def test_no_native_bfloat16_means_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True})
    assert devices.choose_dtype("auto", torch.device("cpu")) is torch.float32


def test_weights_that_are_no_weights_are_refused(tmp_path: Any) -> None:
    source = resolve(ENCODER)
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((source.folder / name).read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(WeightsUnusable):
        Engine.load(f"path:{tmp_path}", device="cpu")
