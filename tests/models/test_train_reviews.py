"""`shopstream train reviews`, with the real encoder on small files."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from models.engine.encoder import Encoder
from models.reviews import SHIPPED_HEAD, ReviewReader, SentimentHead
from models.training.embedded import embedded
from models.training.metrics import measure
from models.training.review_data import Columns, read_reviews
from models.training.review_sentiment import HEAD, MAJORITY, SVM, train_review_sentiment
from models.training.sentiment_candidates import Scaling
from streams.cli.train import train
from tests.models.plain import PLAIN_MODELS
from tests.models.review_files import rows, write_csv


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "reviews.csv", rows(300))


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str | Path) -> Any:
    return CliRunner().invoke(train, ["reviews", *map(str, arguments)], env=PLAIN_MODELS)


async def test_a_trained_head_reads_reviews_and_is_reported(
    file: Path, tmp_path: Path, encoder: Encoder
) -> None:
    done = run("--data", file, "--out", "head", "--json", "--data-licence", "CC0 1.0", "--cache", "kept")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["test"][HEAD]["accuracy"] > 0.9 > report["test"][MAJORITY]["accuracy"]
    assert report["test"][SVM]["examples"] == report["test"][HEAD]["examples"]
    head = SentimentHead.load(tmp_path / "head" / "sentiment-head.safetensors")
    assert report["head"]["digest"] == head.identity.digest
    card = (tmp_path / "head" / "CARD.md").read_text()
    assert "Licence: CC0 1.0" in card
    assert "shopstream train reviews --data reviews.csv --out head" in card
    assert str(tmp_path) not in card
    assert len(list((tmp_path / "kept").glob("*.npy"))) == 1
    (reading,) = await ReviewReader(encoder, head).read(["love beautiful perfect gorgeous"])
    assert reading.label == "positive"


def test_the_same_seed_gives_the_same_head(file: Path, encoder: Encoder) -> None:
    data = read_reviews(file, Columns())
    stages: list[tuple[str, int, int]] = []
    heads = [
        train_review_sentiment(data, encoder, seed=3, progress=lambda *stage: stages.append(stage))[0]
        for _ in range(2)
    ]
    for (weight, bias), (other_weight, other_bias) in zip(heads[0].layers, heads[1].layers, strict=True):
        np.testing.assert_array_equal(weight, other_weight)
        np.testing.assert_array_equal(bias, other_bias)
    assert {stage for stage, _, _ in stages} == {"embedding", "candidates", "baselines"}
    assert ("embedding", 300, 300) in stages


def test_the_choice_is_the_best_on_validation(file: Path, encoder: Encoder) -> None:
    _, report = train_review_sentiment(
        read_reviews(file, Columns()), encoder, seed=3, progress=lambda *_: None
    )
    best = max(one.validation.selection_score for one in report.tried)
    assert report.chosen.validation.selection_score == best


def test_scaling_folded_into_a_layer_changes_nothing() -> None:
    random = np.random.default_rng(1)
    vectors = random.normal(3, 0.05, size=(40, 6)).astype(np.float32)
    layer = random.normal(size=(3, 6)).astype(np.float32), random.normal(size=3).astype(np.float32)
    scaling = Scaling.of(vectors)
    ((weight, bias),) = scaling.folded_into((layer,))
    np.testing.assert_allclose(
        vectors @ weight.T + bias, scaling.scaled(vectors) @ layer[0].T + layer[1], rtol=1e-3, atol=1e-3
    )


def test_kept_vectors_are_found_again_for_the_same_texts_only(tmp_path: Path, encoder: Encoder) -> None:
    stages: list[tuple[str, int, int]] = []
    first = embedded(encoder, ["a", "bc"], lambda *stage: stages.append(stage), tmp_path / "kept")
    again = embedded(encoder, ["a", "bc"], lambda *stage: stages.append(stage), tmp_path / "kept")
    other = embedded(encoder, ["ab", "c"], lambda *stage: stages.append(stage), tmp_path / "kept")
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert len(list((tmp_path / "kept").iterdir())) == 2


def test_a_folder_in_use_is_not_overwritten(file: Path, tmp_path: Path) -> None:
    (tmp_path / "head").mkdir()
    (tmp_path / "head" / "mine.txt").write_text("x")
    done = run("--data", file, "--out", "head")
    assert done.exit_code == 2
    assert "is there already" in done.output


def test_the_shipped_head_needs_the_word(file: Path) -> None:
    before = SHIPPED_HEAD.read_bytes()
    assert run("--data", file, "--out", SHIPPED_HEAD.parent).exit_code == 2
    assert run("--data", file, "--out", "x", "--ship").exit_code == 2
    assert SHIPPED_HEAD.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--data", "none.csv"], 1, "kaggle.com"),
        (["--data", "reviews.csv", "--text-column", "nope"], 1, "--text-column"),
        (["--data", "reviews.csv", "--encoder", "package:nope"], 1, "pip install nope"),
        (["--data", "reviews.csv", "--out", "/proc/nothing/here"], 1, "--out"),
        ([], 2, "--data"),
        (["--data", "reviews.csv", "--seed", "-1"], 2, "--seed"),
    ],
)
def test_failures_say_what_to_do(file: Path, arguments: list[str], code: int, said: str) -> None:
    done = run(*arguments)
    assert (done.exit_code, said in done.output) == (code, True), done.output


async def test_the_shipped_head_reads_plain_reviews_as_they_are_meant(encoder: Encoder) -> None:
    """A few plain sentences of each class, written for this test: most must be read as meant."""
    meant = [
        (0, "Returned it. The fabric is thin and scratchy, and a seam ripped on the first day."),
        (0, "So disappointed, it looks nothing like the photo and it is huge on me."),
        (0, "Poor quality, would not recommend to anyone."),
        (1, "It's okay. Pretty color but the fit is odd, so I'm on the fence about keeping it."),
        (2, "Perfect fit and so soft, I bought it in two colors!"),
        (2, "Gorgeous dress, I wore it to a wedding and felt wonderful."),
        (2, "Comfortable jeans, true to size, great with boots."),
    ]
    readings = await ReviewReader(encoder).read([text for _, text in meant])
    said = np.array([int(np.argmax(reading.probabilities)) for reading in readings])
    truth = np.array([label for label, _ in meant])
    assert measure(truth, said, ("negative", "neutral", "positive")).accuracy >= 6 / 7
