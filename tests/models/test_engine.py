"""The real encoder beside sentence-transformers."""

import asyncio
from typing import Any

import numpy as np
import pytest

from models import resolve
from models.engine import Encoder, Priority
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


def cosines(left: Vectors, right: Vectors) -> "np.ndarray[Any, np.dtype[np.float64]]":
    return np.asarray((left.astype(np.float64) * right).sum(axis=1))


def test_vectors_are_those_of_sentence_transformers(encoder: Encoder, reference: Any) -> None:
    theirs = reference.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    ours = encoder.embed_now(TEXTS)
    assert ours.dtype == np.float32
    assert ours.shape == (len(TEXTS), 384)
    assert cosines(ours, theirs).min() >= 0.9999
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)


def test_a_vector_does_not_depend_on_order_or_company(encoder: Encoder) -> None:
    together = encoder.embed_now(TEXTS)
    backwards = encoder.embed_now(TEXTS[::-1])[::-1]
    alone = np.concatenate([encoder.embed_now([text]) for text in TEXTS])
    urgent = encoder.embed_now(TEXTS[:2], Priority.QUERY)
    np.testing.assert_allclose(together, backwards, atol=2e-6)
    np.testing.assert_allclose(together, alone, atol=2e-6)
    np.testing.assert_allclose(together[:2], urgent, atol=2e-6)


async def test_concurrent_calls_get_their_own_vectors(encoder: Encoder) -> None:
    results = await asyncio.gather(*(encoder.embed([text, "x"]) for text in TEXTS))
    together = await encoder.embed(TEXTS)
    np.testing.assert_allclose(np.stack([one[0] for one in results]), together, atol=2e-6)


def test_a_text_of_100_000_characters_is_cut_at_the_limit(encoder: Encoder) -> None:
    long = "lovely dress " * 7_700
    assert len(long) > 100_000
    cut = "lovely dress " * 127  # 254 word pieces, and the two special ones
    np.testing.assert_allclose(
        encoder.embed_now([long, "x" * 100_000])[0], encoder.embed_now([cut])[0], atol=2e-6
    )


def test_lone_surrogates_count_as_the_replacement_character(encoder: Encoder) -> None:
    odd = encoder.embed_now(["good \ud800 dress", "fine"])
    plain = encoder.embed_now(["good \ufffd dress", "fine"])
    np.testing.assert_allclose(odd, plain, atol=2e-6)


def test_an_encoder_says_what_it_is(encoder: Encoder) -> None:
    source = resolve(ENCODER)
    assert (encoder.id, encoder.version, encoder.digest) == (source.id, source.version, source.digest)
    assert (encoder.width, encoder.runs_on) == (384, "torch cpu float32")
