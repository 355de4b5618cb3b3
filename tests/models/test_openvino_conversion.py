"""How weights become models of OpenVINO, and what is recorded of the loss."""

import importlib.metadata
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.engine.backends.conversion import openvino as conversion
from models.engine.backends.conversion.accuracy import (
    Floats,
    LogitAccuracy,
    VectorAccuracy,
    compare_logits,
    compare_vectors,
    read_accuracy,
    write_accuracy,
)
from models.engine.backends.conversion.calibration_texts import calibration_texts, held_out_texts
from models.engine.backends.conversion.int8_notes import Int8Note, read_note, write_note
from models.engine.folder import EncoderFacts
from models.errors import BackendUnusable, WeightsUnusable

FACTS = EncoderFacts(max_tokens=60, width=32, pooling="mean", pad_id=0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What is called as a model's folder; nothing in it can be loaded."""
    made = tmp_path / "folder"
    made.mkdir()
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (made / name).write_text("{}")
    return made


@pytest.fixture
def vectors() -> Floats:
    made = np.random.default_rng(3).normal(size=(40, 16)).astype(np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


def test_calibration_and_held_out_texts_share_nothing() -> None:
    fitted, held_out = calibration_texts(), held_out_texts()
    assert len(set(fitted)) == len(fitted) >= 150
    assert len(set(held_out)) == len(held_out) >= 100
    assert not set(fitted) & set(held_out)
    assert fitted == calibration_texts()


def test_calibration_texts_are_of_many_lengths_and_scripts() -> None:
    texts = calibration_texts()
    lengths = [len(text) for text in texts]
    assert min(lengths) < 10
    assert max(lengths) > 400
    scripts = {"Latin": "a", "Han": "的", "Cyrillic": "ш", "Arabic": "و", "Devanagari": "र"}
    assert {name for name, letter in scripts.items() if any(letter in text for text in texts)} == set(scripts)


def test_equal_vectors_have_a_perfect_record(vectors: Floats) -> None:
    record = compare_vectors(vectors, vectors)
    assert record.texts == 40
    assert record.cosine_min == pytest.approx(1)
    assert record.centred_min == pytest.approx(1)
    assert record.neighbours == 1


def test_a_loss_shows_in_the_centred_figures_where_all_vectors_are_alike(vectors: Floats) -> None:
    cone = vectors + 20 * np.ones(16, np.float32)  # every cosine is near 1
    cone /= np.linalg.norm(cone, axis=1, keepdims=True)
    record = compare_vectors(cone, np.roll(cone, 1, axis=0))  # each text has another's vector
    assert record.cosine_min > 0.99
    assert record.centred_mean < 0.3
    assert record.neighbours < 0.6


def test_logits_are_held_to_decisions_and_size() -> None:
    reference = np.array([[2, 1], [0, 3], [5, 4], [1, 0]], np.float32)
    flipped = reference.copy()
    flipped[0] = (1, 2)
    record = compare_logits(reference, flipped, 4)
    assert record.agreement == 0.75
    assert record.difference_max == 1
    assert record.difference_mean == 0.25
    assert record.spread == pytest.approx(reference.std())


def test_scores_are_held_to_the_order_of_pairs() -> None:
    reference = np.array([[0.0], [1.0], [2.0]], np.float32)
    assert compare_logits(reference, reference * 10, 3).agreement == 1
    assert compare_logits(reference, reference[::-1], 3).agreement == 0


@pytest.mark.parametrize(
    "record", [VectorAccuracy(9, 0.99, 0.9, 0.98, 0.8, 0.95), LogitAccuracy(9, 0.1, 0.3, 2.0, 0.99)]
)
def test_a_record_is_read_as_it_was_written(record: VectorAccuracy | LogitAccuracy, tmp_path: Path) -> None:
    write_accuracy(tmp_path / "model.json", record)
    assert read_accuracy(tmp_path / "model.xml") == record


@pytest.mark.parametrize("content", ["", "[]", '{"texts": 1}'])
def test_a_damaged_record_says_how_to_mend_it(content: str, tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text(content)
    with pytest.raises(WeightsUnusable, match=f"rm -r {tmp_path}"):
        read_accuracy(tmp_path / "model.xml")


def test_what_openvino_does_not_do_is_refused_before_any_work(folder: Path) -> None:
    with pytest.raises(BackendUnusable, match="torch"):
        conversion.openvino_model(folder, FACTS, "generate", "float32")
    with pytest.raises(BackendUnusable, match="bfloat16"):
        conversion.openvino_model(folder, FACTS, "embed", "float16")


def test_without_openvino_the_message_says_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", absent)
    with pytest.raises(BackendUnusable, match="pip install"):
        conversion.openvino_model(folder, FACTS, "embed", "float32")


def test_a_failed_conversion_names_the_way_out_and_leaves_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("openvino")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(BackendUnusable, match="set backend to torch"):  # the child can't read this folder
        conversion.openvino_model(folder, FACTS, "embed", "float32")
    left = [path for path in (tmp_path / "cache" / "shopstream" / "models").iterdir() if path.is_dir()]
    assert left == []


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What conversions are asked of their child, which only writes a file."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "1.2.3")
    asked: list[dict[str, Any]] = []

    def child(module: str, job: dict[str, Any]) -> None:
        asked.append(job)
        Path(job["write"]).write_text("model")

    monkeypatch.setattr(conversion, "run_child", child)
    return asked


def test_a_converted_model_is_not_converted_again(folder: Path, jobs: list[dict[str, Any]]) -> None:
    first = conversion.openvino_model(folder, FACTS, "embed", "float32")
    assert conversion.openvino_model(folder, FACTS, "embed", "bfloat16") == first
    narrow = conversion.openvino_model(folder, FACTS, "embed", "int8")
    assert conversion.openvino_model(folder, FACTS, "embed", "int8") == narrow != first
    assert [job.get("from") for job in jobs] == [None, os.fspath(first)]
    assert [job["calibration"] for job in jobs] == [[], []]
    (folder / "config.json").write_text('{"changed": 1}')
    assert conversion.openvino_model(folder, FACTS, "embed", "float32") != first


def test_int8_of_other_texts_is_used_once_a_note_names_it_and_while_it_is_there(
    folder: Path, tmp_path: Path, jobs: list[dict[str, Any]]
) -> None:
    ours = conversion.openvino_model(folder, FACTS, "embed", "int8")
    calibration = conversion.calibrated_model(folder, FACTS, "embed", ["a text", "another"])
    assert jobs[-1]["calibration"] == ["a text", "another"]
    assert conversion.openvino_model(folder, FACTS, "embed", "int8") == ours
    write_note(folder, "embed", Int8Note(calibration))
    theirs = conversion.openvino_model(folder, FACTS, "embed", "int8")
    assert theirs != ours
    assert conversion.openvino_model(folder, FACTS, "classify", "int8") not in (ours, theirs)
    assert "a text" not in "".join(path.read_text() for path in (tmp_path / "cache").rglob("*.json"))
    shutil.rmtree(theirs.parent)
    assert conversion.openvino_model(folder, FACTS, "embed", "int8") == ours
    write_note(folder, "embed", Int8Note())
    assert read_note(folder, "embed") == Int8Note()
