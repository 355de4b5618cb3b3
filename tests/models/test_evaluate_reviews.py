"""`shopstream evaluate reviews` and `aspects`: figures of known readings, and the commands on a tiny model."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from models.errors import TrainingDataError
from models.evaluation.aspects import MODEL, WORDS, evaluate_aspects, labelled_reviews
from models.evaluation.reviews import Told, compared, figures, judged
from models.reviews.aspect_words import NEGATIVE, POSITIVE, aspects_by_words
from models.reviews.aspects import ASPECT_LABELS, ASPECTS, AspectReading, decided
from models.reviews.reader import Reading
from models.training.fixed_heads import fit_fixed_head
from models.training.review_extras import there_threshold
from models.training.review_files import Review, ReviewSource
from models.training.splits import Part, part_of
from streams.cli.evaluate import evaluate
from tests.models.plain import PLAIN_MODELS
from tests.models.review_files import rows, write_csv
from tests.models.tiny_reviews import tiny_reviews

NEGATIVE_SAID = (0.7, 0.2, 0.1)
NEUTRAL_SAID = (0.3, 0.6, 0.1)
POSITIVE_SAID = (0.1, 0.2, 0.7)


def source(*reviews: tuple[str, int, int | None]) -> ReviewSource:
    made = tuple(Review(text, text, label, stars) for text, label, stars in reviews)
    return ReviewSource("r", "0", made, len(made), {}, {})


def told(*said: tuple[float, float, float], stars: float | None = None) -> Told:
    return Told(tuple(Reading("any", one, stars) for one in said), 1.0)


def run(*arguments: str | Path) -> Any:
    return CliRunner().invoke(evaluate, [*map(str, arguments)], env=PLAIN_MODELS)


def test_figures_are_those_of_the_file() -> None:
    known = judged(source(("a", 0, 1), ("b", 1, 3), ("c", 2, 5), ("C ", 2, 5), ("d", 2, 4)), "all")
    assert (len(known.reviews), known.repeated, known.classes) == (4, 1, (0, 1, 2))
    found = figures(known, told(NEGATIVE_SAID, POSITIVE_SAID, POSITIVE_SAID, POSITIVE_SAID, stars=3.0))
    assert found.accuracy.value == found.metrics.accuracy == 0.75
    assert found.accuracy.low <= 0.75 <= found.accuracy.high
    assert found.macro_f1.value == pytest.approx((1 + 0 + 0.8) / 3)
    assert found.stars is not None
    assert found.stars.error.value == pytest.approx((2 + 0 + 2 + 1) / 4)
    assert found.stars.mean_error == pytest.approx((2.25 + 0.25 + 1.75 + 0.75) / 4)


def test_without_neutral_reviews_the_likelier_of_the_others_counts() -> None:
    known = judged(source(("a", 0, None), ("b", 2, None)), "all")
    found = figures(known, told(NEUTRAL_SAID, POSITIVE_SAID, stars=3.0))
    assert list(found.metrics.per_class) == ["negative", "positive"]
    assert found.accuracy.value == found.macro_f1.value == 1
    assert found.stars is None
    assert found.metrics.ece == pytest.approx(1 - (0.75 + 0.875) / 2)  # .3 and .1; .1 and .7


def test_the_test_part_is_what_a_training_leaves_alone() -> None:
    every = source(*((f"text {number}", number % 3, None) for number in range(60)))
    chosen = judged(every, "test").reviews
    assert 0 < len(chosen) < 30
    assert all(part_of(one.body) is Part.TEST for one in chosen)
    with pytest.raises(TrainingDataError, match="no reviews to judge by"):
        judged(source(), "all")


def test_two_models_are_compared_on_the_same_reviews() -> None:
    known = judged(source(*((f"text {number}", 2 * (number % 2), 5) for number in range(40))), "all")
    right = told(*([NEGATIVE_SAID, POSITIVE_SAID] * 20), stars=4.0)
    wrong = told(*([POSITIVE_SAID, POSITIVE_SAID] * 20), stars=3.0)
    found = compared(known, right, wrong)
    assert (found.mcnemar.only_first, found.mcnemar.only_second) == (20, 0)
    assert found.accuracy.value == 0.5
    assert found.accuracy.low > 0.25
    assert found.stars_error is not None
    assert (found.stars_error.value, found.stars_error.high) == (-1, -1)
    assert compared(known, right, told(*([POSITIVE_SAID] * 40))).stars_error is None


def test_aspects_are_compared_with_word_lists() -> None:
    texts = ["The size is far too small.", "Beautiful color, but expensive.", "Nothing of note."]
    reviews = source(*((text, 0, None) for text in texts))
    keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    labels = {
        keys[0]: {"fit": NEGATIVE},
        keys[1]: {"look": POSITIVE, "price": NEGATIVE},
        keys[2]: {},
        "x": {},
    }
    known = labelled_reviews([reviews], labels)
    readings = [
        Reading("any", NEGATIVE_SAID, aspects=(AspectReading("fit", "negative", 0.9),)),
        Reading("any", NEGATIVE_SAID, aspects=(AspectReading("look", "negative", 0.9),)),
        Reading("any", NEGATIVE_SAID, aspects=(AspectReading("price", "negative", 0.9),)),
    ]
    report = evaluate_aspects(known, readings)
    assert (report.reviews, report.missing) == (3, 1)
    model = report.systems[MODEL]
    assert {name: one.there for name, one in model.aspects.items()} == {"fit": 1, "look": 1, "price": 0}
    assert model.aspects["look"].by_sentiment == {"positive": 0}
    assert model.there.value == pytest.approx(2 / 3)
    assert model.sentiment.value == pytest.approx(1 / 3)
    assert report.systems[WORDS].there.value > model.there.value
    assert report.gain_there.value < 0
    with pytest.raises(TrainingDataError, match="no labelled text"):
        labelled_reviews([reviews], {"x": {}})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The fabric is thin and scratchy.", {"quality": "negative", "comfort": "negative"}),
        ("Not expensive at all, I love it", {"price": "positive"}),
        ("快递很快，但是质量差", {"delivery": "positive", "quality": "negative"}),
        ("Hmm.", {}),
    ],
)
def test_word_lists_find_what_is_written_out(text: str, expected: dict[str, str]) -> None:
    found = {aspect: ASPECT_LABELS[label] for aspect, label in aspects_by_words(text).items()}
    assert found == expected
    assert set(found) <= set(ASPECTS)


def test_a_head_on_fixed_vectors_learns_what_is_there_and_tells_classes_without_examples_apart() -> None:
    random = np.random.default_rng(2)
    truth = random.integers(0, 2, 200) * 3
    vectors = random.normal(size=(200, 16))
    vectors[:, 0] += truth
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    fitted = fit_fixed_head("aspect.fit", ASPECT_LABELS, vectors, truth, seed=1)
    assert fitted is not None
    probabilities = fitted.head(vectors)
    assert (probabilities.argmax(axis=1) == truth).mean() > 0.8
    assert (fitted.held_out.argmax(axis=1) == truth).mean() > 0.75
    assert probabilities[:, 1:3].max() < 0.05
    assert fit_fixed_head("aspect.fit", ASPECT_LABELS, vectors, np.zeros(200, np.int64), seed=1) is None


def test_a_head_weighs_words_where_vectors_say_little() -> None:
    random = np.random.default_rng(2)
    truth = random.integers(0, 2, 300) * 3
    vectors = random.normal(size=(300, 16))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    evidence = np.zeros((300, 4), np.float32)
    evidence[truth == 3, 0] = evidence[truth == 3, 3] = 1
    fitted = fit_fixed_head("aspect.fit", ASPECT_LABELS, vectors, truth, 1, evidence)
    assert fitted is not None
    assert (fitted.head(vectors, evidence).argmax(axis=1) == truth).mean() > 0.95
    assert (fitted.held_out.argmax(axis=1) == truth).mean() > 0.95
    assert (fitted.head(vectors, 0 * evidence).argmax(axis=1) == truth).mean() < 0.9


def test_an_aspect_counts_as_there_from_half_of_the_best_f1_on() -> None:
    random = np.random.default_rng(3)
    shares = random.uniform(size=4_000) ** 3
    truth = random.uniform(size=4_000) < shares
    threshold = there_threshold(truth, shares)
    scores = {one: f1(truth, shares > one) for one in np.linspace(0.1, 0.9, 81)}
    assert threshold == pytest.approx(max(scores.values()) / 2, abs=0.01)
    assert f1(truth, shares > threshold) > max(scores.values()) - 0.01
    assert threshold < 0.5
    probabilities = np.array([[0.6, 0.1, 0.1, 0.2], [0.7, 0.1, 0.1, 0.1]])
    assert decided(probabilities).tolist() == [0, 0]
    assert decided(probabilities, 0.35).tolist() == [3, 0]


def f1(truth: np.ndarray, told: np.ndarray) -> float:
    return float(2 * (truth & told).sum() / (truth.sum() + told.sum()))


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return f"path:{tiny_reviews(tmp_path)}"


@pytest.mark.slow
def test_the_command_judges_tables_and_labelled_lines(tmp_path: Path, model: str) -> None:
    table = write_csv(tmp_path / "r.csv", rows(30))
    done = run("reviews", "--data", table, "--model", model, "--against", model, "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert (report["examples"], report["model"]["id"]) == (30, "positive")
    assert report["accuracy"]["value"] == pytest.approx(1 / 3)
    assert report["against"]["confusion"] == report["confusion"] == [[0, 0, 10]] * 3
    assert report["difference"]["mcnemar"]["p_value"] == 1
    lines = tmp_path / "r.tsv.gz"
    with gzip.open(lines, "wt") as stream:
        stream.write("1\t很好\n0\t很差\n1\t不错\n")
    shown = run("reviews", "--data", lines, "--model", model)
    assert shown.exit_code == 0, shown.output
    assert "3 reviews" in shown.stdout


@pytest.mark.slow
def test_the_command_judges_aspects(tmp_path: Path, model: str) -> None:
    made = rows(3)
    labels = tmp_path / "labels.jsonl"
    key = hashlib.sha256(made[0]["Review Text"].encode()).hexdigest()
    labels.write_text(json.dumps({"sha256": key, "aspects": {"fit": "negative"}}) + "\n")
    table = write_csv(tmp_path / "r.csv", made)
    done = run("aspects", "--labels", labels, "--data", table, "--model", model, "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["systems"]["model"]["there"]["value"] == 0
    assert report["reviews"] == 1


def test_what_can_not_be_measured_is_said(tmp_path: Path, model: str) -> None:
    done = run("reviews", "--data", tmp_path / "none.csv", "--model", model)
    assert (done.exit_code, "there is no file" in done.output) == (1, True)
    table = write_csv(tmp_path / "r.csv", rows(3))
    done = run("reviews", "--data", table, "--model", "package:nope")
    assert (done.exit_code, "pip install nope" in done.output) == (1, True), done.output
