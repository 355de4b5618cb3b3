"""Intents: data, threshold, reader, figures; and both commands, on a tiny encoder."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from models.engine.encoder import Encoder
from models.errors import HeadMismatch, TrainingDataError
from models.evaluation.intents import MODEL, Said, evaluate_intents
from models.heads import Head, read_heads
from models.sources import HEADS_FILE, TERMS_FILE
from models.support.intents import INTENT, NO_INTENT, IntentReader, intent_code, readings
from models.terms import read_terms
from models.training.intent_data import intent_rows, read_intents, split_intents
from models.training.intent_scope import fit_threshold
from models.training.run_folder import CARD_FILE
from streams.cli.evaluation_intent import intent
from streams.cli.train_support import support
from tests.models.intent_files import beyond, tickets, write_tickets
from tests.models.plain import PLAIN, PLAIN_MODELS
from tests.models.tiny_folders import tiny_folder


def test_intents_become_codes() -> None:
    assert intent_code("Refund / not received?") == "refund_not_received"
    assert intent_code("  CALL_CENTER ") == "call_center"
    assert intent_code("退款") == ""
    assert len(intent_code("x" * 200)) == 60


def test_texts_are_in_one_part_and_those_out_of_scope_are_no_intent() -> None:
    pairs = [*tickets(60), *beyond(60), (" ", "refund"), ("no label", ""), tickets(1)[0]]
    data = split_intents(intent_rows("x", pairs, "OTHER"), scoped=True, tested=True)
    assert data.labels == ("delivery", "refund", "size")
    parts = (data.training, data.validation, data.test)
    texts = [text for part in parts for text in part.texts + part.out_of_scope]
    assert len(texts) == len(set(texts)) == 240
    assert sum(len(part.out_of_scope) for part in parts) == 60
    assert data.rows.skipped == {"without a text": 1, "without an intent": 1, "seen before": 1}
    for part in parts:
        told = {
            text: data.labels[label] for text, label in zip(part.texts, part.labels.tolist(), strict=True)
        }
        assert all(
            "parcel" in text or "courier" in text for text, label in told.items() if label == "delivery"
        )
    whole = split_intents(intent_rows("x", pairs, "OTHER"), scoped=True, tested=False)
    assert not whole.test.texts
    assert len(whole.training.texts) == len(data.training.texts) + len(data.test.texts)
    assert whole.validation.texts == data.validation.texts


def test_data_that_teaches_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match="at least 2 intents"):
        split_intents(intent_rows("x", [(f"text {n}", "one") for n in range(50)]), scoped=False, tested=False)
    with pytest.raises(TrainingDataError, match="no letter a to z"):
        intent_rows("x", [("where is it", "退款")])
    with pytest.raises(TrainingDataError, match="it has message_id, body"):
        read_intents([write_tickets(tmp_path / "a.csv", [("1", "hi")], ("message_id", "body"))])


def test_the_threshold_parts_both_kinds_of_texts() -> None:
    inside, outside = np.array([0.9, 0.8, 0.7, 0.3]), np.array([0.5, 0.4, 0.2])
    right = np.array([True, True, True, False])
    assert 0.5 < fit_threshold(inside, right, outside) < 0.7
    assert fit_threshold(inside, right, np.zeros(0)) == pytest.approx(np.quantile([0.9, 0.8, 0.7], 0.05))
    assert fit_threshold(inside, np.zeros(4, np.bool_), outside) == 0


def test_what_is_too_unsure_is_none() -> None:
    head = Head(
        INTENT,
        "classes",
        ((np.eye(2, dtype=np.float32), np.zeros(2, np.float32)),),
        ("a", "b"),
        threshold=0.6,
    )
    sure, unsure = readings(head, np.array([[0.3, 0.7], [0.55, 0.45]]))
    assert (sure.label, sure.confidence) == ("b", 0.7)
    assert (unsure.label, unsure.confidence) == (NO_INTENT, 0.55)


def test_figures_of_what_was_said() -> None:
    rows = intent_rows(
        "x", [("a", "one"), ("b", "one"), ("c", "two"), ("d", "new"), ("e", "OTHER"), ("f", "OTHER")], "OTHER"
    )
    said = Said(("one", "two", "two", "one", "one", "two"), np.array([0.9, 0.8, 0.9, 0.8, 0.3, 0.9]), 0.5)
    other = Said(("one", "one", "two", "one", "one", "one"))
    report = evaluate_intents(
        rows, {MODEL: said, "other": other}, known=["one", "two"], scoped=True, learned=[" A", "z"]
    )
    figures = report.systems[MODEL]
    assert figures.accuracy.value == 0.5
    assert figures.accuracy.low < 0.5 < figures.accuracy.high
    assert figures.macro_f1.value == pytest.approx((0.5 + 2 / 3 + 0) / 3)
    assert figures.scope is not None
    assert (figures.scope.in_scope_accuracy, figures.scope.out_of_scope_recall) == (0.5, 0.5)
    assert (report.texts, report.out_of_scope, report.unknown, report.seen) == (6, 2, 1, 1)
    assert (report.compared["other"].only_first, report.compared["other"].only_second) == (0, 1)
    assert report.per_class["one"].support == 2


def run(command: Any, *arguments: str | Path) -> Any:
    done = CliRunner().invoke(command, [*map(str, arguments), "--json"], env=PLAIN_MODELS)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.slow
async def test_a_trained_model_tells_intents_and_is_measured(tmp_path: Path) -> None:
    base = f"path:{tiny_folder(tmp_path, 'embed')}"
    data = write_tickets(tmp_path / "a.csv", tickets(80) + beyond(60))
    quick = ("--base", base, "--epochs", "4", "--threads", "1", "--out-of-scope", "OTHER")
    out = tmp_path / "mine"
    # So slowly that it learns no certainty, which would leave a threshold nothing to part.
    trained = run(
        support, "--data", data, "--out", out, *quick, "--learning-rate", "0.002", "--data-licence", "CC0"
    )
    assert trained["test"]["this model"]["accuracy"] > 0.9 > trained["test"]["commonest class"]["accuracy"]
    assert 0 < trained["threshold"] < 1
    assert trained["scope"]["in_scope_accuracy"] > 0.7
    assert trained["scope"]["out_of_scope_recall"] > 0.5
    card = (out / CARD_FILE).read_text()
    assert "Licence of the data: CC0" in card
    assert str(tmp_path) not in card.replace(base, "")

    asked = write_tickets(
        tmp_path / "b.csv", tickets(20, start=80) + beyond(20, start=60), ("query", "category")
    )
    measured = run(intent, "--model", f"path:{out}", "--test", asked, "--out-of-scope", "OTHER")
    assert measured["model"]["digest"] == trained["model"]["digest"]
    assert measured["systems"]["model"]["accuracy"]["value"] > 0.9
    scope = measured["systems"]["model"]["scope"]
    assert scope["threshold"] == pytest.approx(trained["threshold"])
    assert scope["in_scope_accuracy"] > 0.7

    with Encoder.load(f"path:{out}", **PLAIN) as encoder:
        reader = IntentReader(encoder, read_heads(out / HEADS_FILE), read_terms(out / TERMS_FILE))
        (reading,) = await reader.read(["please where is my parcel"])
        with pytest.raises(HeadMismatch, match="shopstream train support"):
            IntentReader(encoder, {})
    assert reading.label == "delivery"


@pytest.mark.slow
async def test_words_stand_beside_an_encoder_that_has_learned_little(tmp_path: Path) -> None:
    base, data = f"path:{tiny_folder(tmp_path, 'embed')}", write_tickets(tmp_path / "a.csv", tickets(80))
    out = tmp_path / "mine"
    quick = ("--base", base, "--epochs", "1", "--learning-rate", "1e-6", "--threads", "1")
    trained = run(support, "--data", data, "--out", out, *quick)
    assert trained["test"]["this model"]["accuracy"] > 0.9
    assert "for the head intent" in (out / CARD_FILE).read_text()
    with Encoder.load(f"path:{out}", **PLAIN) as encoder:
        heads = read_heads(out / HEADS_FILE)
        reader = IntentReader(encoder, heads, read_terms(out / TERMS_FILE))
        asked = ["please where is my parcel", "hello which size fits me"]
        read = await reader.read(asked)
        assert [one.label for one in read] == ["delivery", "size"]
        np.testing.assert_allclose(
            [one.confidence for one in read], reader.probabilities_now(asked).max(axis=1), rtol=1e-3
        )
        with pytest.raises(HeadMismatch, match="weighs words"):
            IntentReader(encoder, heads)


@pytest.mark.slow
def test_a_model_is_trained_only_to_be_measured(tmp_path: Path) -> None:
    base = f"path:{tiny_folder(tmp_path, 'embed')}"
    learned = write_tickets(tmp_path / "a.csv", tickets(80))
    asked = write_tickets(tmp_path / "b.csv", tickets(20, start=75))
    quick = ("--base", base, "--epochs", "6", "--learning-rate", "0.02", "--threads", "1")
    report = run(intent, "--train", learned, "--test", asked, *quick)
    assert set(report["systems"]) == {"model", "TF-IDF + linear SVM"}
    assert report["systems"]["model"]["accuracy"]["value"] > 0.8
    assert report["systems"]["model"]["scope"] is None
    assert report["seen"] == 15
