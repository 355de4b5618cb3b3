"""What is told of a model, what is found wrong with one, and which is chosen by what was measured."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from models.engine.choosing.candidates import Candidate
from models.engine.choosing.cost_model import CostModel
from models.engine.choosing.trial import Trial
from models.identity import ModelIdentity
from models.registry.advice import MOST_ROWS, Need, Option, chosen, headline, judged
from models.registry.checking import problems
from models.registry.shelf import Described, describe, engine_task, shipped
from tests.models.plain import PLAIN
from tests.models.tiny_reviews import hollow_base, tiny_reviews

NEED = Need("reviews", texts=1_000, latency_seconds=0.05)
MODEL = Described("path:m", ModelIdentity("m", "1", "d"), "reviews", "embed", None, None, 0, 0)
QUICK = CostModel(0.001, 1e-5, 0.0, 0.0, 0.0)


def measured(
    quality: float | None,
    *,
    rate: float = 100.0,
    load: float = 1.0,
    cost: CostModel = QUICK,
    reason: str = "",
) -> Option:
    report = {"test": {"macro_f1": quality}} if quality is not None else {}
    trial = Trial(
        Candidate("torch", "cpu", "float32"),
        reason=reason,
        texts_per_second=rate,
        load_seconds=load,
        cost=cost,
    )
    return judged(replace(MODEL, report=report), trial, NEED)


def test_a_model_folder_says_what_it_is_and_what_it_changes(tmp_path: Path) -> None:
    base = hollow_base(tmp_path)
    folder = tiny_reviews(tmp_path, "positive", base)
    (folder / "report.json").write_text('{"test": {"macro_f1": 0.75}}')
    found = describe(f"path:{folder}")
    assert (found.identity.id, found.task, found.engine_task) == ("positive", "reviews", "embed")
    assert found.base is not None
    assert found.base[0] == f"path:{base}"
    assert set(found.files) == {"heads.safetensors"}
    assert headline(found.report) == ("macro_f1", 0.75)


def test_what_ships_can_be_described() -> None:
    assert "shipped:reviews" in shipped()
    assert engine_task("shipped:reviews") == "embed"


@pytest.mark.parametrize(
    ("config", "task"),
    [
        ({"architectures": ["BertModel"]}, "embed"),
        ({"architectures": ["BertForSequenceClassification"], "id2label": {"0": "LABEL_0"}}, "score"),
        ({"architectures": ["BertForSequenceClassification"], "id2label": {"0": "a", "1": "b"}}, "classify"),
        ({"architectures": ["BertForTokenClassification"]}, "tag"),
        ({"architectures": ["GPT2LMHeadModel"]}, "generate"),
    ],
)
def test_a_plain_model_is_known_by_its_architecture(
    tmp_path: Path, config: dict[str, object], task: str
) -> None:
    folder = hollow_base(tmp_path)
    (folder / "config.json").write_text(json.dumps(config))
    assert engine_task(f"path:{folder}") == task


def test_a_damaged_file_and_another_base_are_told(tmp_path: Path) -> None:
    base = hollow_base(tmp_path)
    folder = tiny_reviews(tmp_path, "positive", base)
    (base / "model.safetensors").write_bytes((base / "model.safetensors").read_bytes()[:-1] + b"x")
    (problem,) = problems(f"path:{folder}", **PLAIN)
    assert "was trained on" in problem
    heads = folder / "heads.safetensors"
    heads.write_bytes(heads.read_bytes()[:-1])
    (problem,) = problems(f"path:{folder}", **PLAIN)
    assert problem


def test_the_best_that_keeps_the_latency_is_chosen_and_of_equals_what_is_done_first() -> None:
    slow = measured(0.9, cost=CostModel(0.06, 0.0, 0.0, 0.0, 0.0))
    assert "takes 60.0 ms, and may take 50 ms" in slow.why_not
    assert slow.batch_tokens == 0
    better, worse = measured(0.8), measured(0.7, rate=1_000)
    assert chosen([slow, worse, better]) is better
    at_once, at_length = measured(0.8, rate=90, load=0.1), measured(0.801, rate=100, load=8)
    assert chosen([at_length, at_once]) is at_once
    assert chosen([slow, measured(0.95, reason="its self-test failed")]) is None


@pytest.mark.parametrize(("quality", "fits"), [(0.8, True), (0.6, False), (None, False)])
def test_a_quality_that_is_asked_for_has_to_be_known(quality: float | None, fits: bool) -> None:
    option = measured(quality)
    judged_again = judged(option.model, option.trial, replace(NEED, quality=0.7))
    assert (not judged_again.why_not) == fits


def test_batches_are_as_large_as_the_latency_allows() -> None:
    assert measured(0.8).batch_tokens == 96 * 51  # 1 ms + 0.96 ms a text
    free = measured(0.8, cost=CostModel(1e-9, 0.0, 0.0, 0.0, 0.0))
    assert free.batch_tokens == 96 * MOST_ROWS
