"""`shopstream train search`, on tiny models: what it learns is what it writes."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from models.errors import TrainingDataError
from models.evaluation.rerank import MODEL, SEARCH, evaluate_reranking, judged_ndcg, reranked
from models.sources import resolve
from models.sources.model_folder import Base, ModelFolder, write_model_folder
from models.training.bert import LORA_ALPHA_PER_RANK
from models.training.cross_encoder import CrossEncoder
from models.training.dropout import Noise
from models.training.loop import Schedule
from models.training.search_rerank import RerankOptions, rerank_data, train_reranker
from models.training.splits import Part
from streams.cli.train_search import search
from tests.models.plain import PLAIN_MODELS
from tests.models.tiny_folders import tiny_folder

COLOURS = ("red", "blue", "green", "black")
THINGS = (
    "apron",
    "kettle",
    "lamp",
    "chair",
    "towel",
    "mirror",
    "candle",
    "basket",
    "clock",
    "vase",
    "rug",
    "bowl",
)
TEXTS = {f"{colour}-{thing}": f"{thing} {colour}" for colour in COLOURS for thing in THINGS}
JUDGED = {
    f"{thing} {colour}": {
        f"{colour}-{thing}": 1.0,
        **{f"{other}-{thing}": 0.0 for other in COLOURS if other != colour},
    }
    for colour in COLOURS
    for thing in THINGS
}


def test_a_query_is_in_one_part_and_too_few_are_refused() -> None:
    data = rerank_data(TEXTS, JUDGED)
    assert sum(len(queries) for queries in data.parts.values()) == len(JUDGED)
    pairs, gains = data.pairs(Part.TRAIN)
    assert len(pairs) == 4 * len(data.parts[Part.TRAIN])
    assert max(gains) == 1
    with pytest.raises(TrainingDataError, match="too few judged queries"):
        rerank_data(TEXTS, dict(list(JUDGED.items())[:1]))


def test_products_are_ranked_by_their_scores() -> None:
    texts = {"a": "x", "b": "xx", "c": "xxx"}
    found = {"q": ["a", "b", "c"]}

    def by_length(pairs: object) -> np.ndarray:
        return np.array([len(text) for _, text in pairs], np.float32)  # type: ignore[attr-defined]

    ranked = reranked(found, texts, by_length)
    assert ranked == {"q": ["c", "b", "a"]}
    judged = {"q": {"c": 1.0, "a": 0.0}}
    assert judged_ndcg(judged, texts, by_length) == 1
    report = evaluate_reranking(judged, {SEARCH: found, MODEL: ranked})
    assert report.ndcg[SEARCH].value == pytest.approx(0.5)
    assert report.ndcg[MODEL].value == 1
    assert report.compared[SEARCH].value == pytest.approx(0.5)


@pytest.mark.slow
def test_a_cross_encoder_learns(tmp_path: Path) -> None:
    data, noise = rerank_data(TEXTS, JUDGED), Noise()
    model = CrossEncoder(f"path:{tiny_folder(tmp_path, 'score')}", 8, 0.0, 40, noise, 1)
    pairs, gains = data.pairs(Part.TRAIN)

    def error() -> float:
        return float(np.square(1 / (1 + np.exp(-model.scores(pairs))) - gains).mean())

    before = error()
    options = RerankOptions(batch_size=16, schedule=Schedule(learning_rate=0.01, epochs=4, patience=4))
    told: list[float] = []

    def score(scorer: object) -> float:
        told.append(judged_ndcg(data.parts[Part.VALIDATION], TEXTS, scorer))  # type: ignore[arg-type]
        return len(told)

    outcome = train_reranker(model, data, options, noise, score)
    assert outcome.best.number == len(told) - 1 == 3
    assert error() < before * 0.8

    written = tmp_path / "written"
    written.mkdir()
    model.write(written)
    base = Base(model.source, model.base.digest)
    write_model_folder(written, ModelFolder("x", "1", "search", base, scaling=LORA_ALPHA_PER_RANK))
    merged = CrossEncoder(f"path:{written}", 1, 0.0, 40, Noise(), 1)
    assert merged.scores(pairs) == pytest.approx(model.scores(pairs), abs=0.1)
    assert np.corrcoef(merged.scores(pairs), model.scores(pairs))[0, 1] > 0.99


@pytest.mark.slow
def test_the_command_writes_a_model_and_its_report(tmp_path: Path) -> None:
    catalog, judgments = tmp_path / "c.jsonl", tmp_path / "j.jsonl"
    catalog.write_text("".join(json.dumps({"id": key, "title": text}) + "\n" for key, text in TEXTS.items()))
    judgments.write_text(
        "".join(
            json.dumps({"query": query, "id": key, "gain": gain}) + "\n"
            for query, gains in JUDGED.items()
            for key, gain in gains.items()
        )
    )
    base, encoder = (f"path:{tiny_folder(tmp_path, task)}" for task in ("score", "embed"))
    out = tmp_path / "mine"
    arguments = [
        "--catalog",
        catalog,
        "--judgments",
        judgments,
        "--out",
        out,
        "--base",
        base,
        "--encoder",
        encoder,
    ]
    quick = ["--epochs", "1", "--rank", "4", "--learning-rate", "0.01", "--threads", "1", "--json"]
    done = CliRunner().invoke(search, [*map(str, arguments), *quick], env=PLAIN_MODELS)
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert set(report["test"]["ndcg"]) == {"search", "search + base reranker", "search + this reranker"}
    assert report["data"]["parts"]["test"]["queries"] == report["test"]["queries"] > 0
    pairs = [("apron red", "apron red"), ("apron red", "kettle blue")]
    trained, untrained = (
        CrossEncoder(source, 1, 0.0, 40, Noise(), 1).scores(pairs) for source in (f"path:{out}", base)
    )
    assert np.abs(trained - untrained).max() > 0.01
    assert resolve(f"path:{out}").digest == report["model"]["digest"]
