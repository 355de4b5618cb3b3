import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from models.errors import WeightsMissing, WeightsUnusable
from models.heads import Head, write_heads
from models.sources import identify, resolve, verify
from models.sources.merging import packed_int8
from models.sources.model_folder import Base, ModelFolder, read_model_folder, write_model_folder
from tests.models.tiny_folders import WIDTH, tiny_folder

QUERY = "encoder.layer.{}.attention.self.query.weight"
RNG = np.random.default_rng(5)


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tiny_folder(tmp_path, "embed")


def made(folder: Path, base: Path, **facts: Any) -> ModelFolder:
    folder.mkdir(exist_ok=True)
    head = Head("stars", "number", ((np.ones((1, WIDTH), np.float32), np.zeros(1, np.float32)),))
    write_heads(folder / "heads.safetensors", {"stars": head})
    known = Base(f"path:{base}", resolve(f"path:{base}").digest)
    return write_model_folder(folder, ModelFolder("mine", "1", "reviews", known, **facts))


def weights(folder: Path) -> dict[str, np.ndarray]:
    return load_file(folder / "model.safetensors")


def test_low_rank_changes_are_added_to_the_base(tmp_path: Path, base: Path) -> None:
    name = QUERY.format(0)
    down, up = (RNG.standard_normal(shape).astype(np.float16) for shape in ((2, WIDTH), (WIDTH, 2)))
    (tmp_path / "mine").mkdir()
    save_file({f"{name}.lora_A": down, f"{name}.lora_B": up}, tmp_path / "mine" / "adapter.safetensors")
    made(tmp_path / "mine", base, scaling=2.0)
    found = resolve(f"path:{tmp_path / 'mine'}")
    before, after = weights(base), weights(found.folder)
    expected = before[name] + 2 * up.astype(np.float32) @ down.astype(np.float32)
    np.testing.assert_allclose(after.pop(name), expected, rtol=1e-5)
    assert all(np.array_equal(before[other], tensor) for other, tensor in after.items())
    assert (found.id, found.version) == ("mine", "1")
    assert (found.folder / "heads.safetensors").is_file()


def test_replaced_tensors_come_back_within_half_a_step_of_int8(tmp_path: Path, base: Path) -> None:
    name, bias = QUERY.format(1), "encoder.layer.1.output.dense.bias"
    matrix = RNG.standard_normal((WIDTH, WIDTH)).astype(np.float32)
    (tmp_path / "mine").mkdir()
    delta = packed_int8({name: matrix, bias: np.ones(WIDTH, np.float32)})
    save_file(delta, tmp_path / "mine" / "delta.safetensors")
    made(tmp_path / "mine", base)
    after = weights(resolve(f"path:{tmp_path / 'mine'}").folder)
    step = np.abs(matrix).max(axis=1, keepdims=True) / 127
    assert (np.abs(after[name] - matrix) <= step * 0.52).all()
    assert (after[bias] == 1).all()


def test_only_the_kept_layers_are_there_and_numbered_anew(tmp_path: Path, base: Path) -> None:
    made(tmp_path / "mine", base, layers=(1,))
    folder = resolve(f"path:{tmp_path / 'mine'}").folder
    before, after = weights(base), weights(folder)
    assert np.array_equal(after[QUERY.format(0)], before[QUERY.format(1)])
    assert QUERY.format(1) not in after
    assert json.loads((folder / "config.json").read_text())["num_hidden_layers"] == 1


def test_what_changes_an_output_changes_the_digest_and_a_card_does_not(tmp_path: Path, base: Path) -> None:
    first = made(tmp_path / "mine", base).identity
    (tmp_path / "mine" / "CARD.md").write_text("# Mine")
    assert made(tmp_path / "mine", base).identity == first
    assert identify(f"path:{tmp_path / 'mine'}") == first
    assert made(tmp_path / "mine", base, scaling=3.0).identity != first
    assert made(tmp_path / "mine", base, layers=(0,)).identity != first


def test_a_damaged_file_is_told_and_not_merged(tmp_path: Path, base: Path) -> None:
    made(tmp_path / "mine", base)
    (tmp_path / "mine" / "heads.safetensors").write_bytes(b"")
    with pytest.raises(WeightsUnusable, match=r"heads\.safetensors is damaged"):
        resolve(f"path:{tmp_path / 'mine'}")
    assert "heads.safetensors is damaged" in verify(f"path:{tmp_path / 'mine'}")[0]


def test_another_base_than_the_one_trained_on_is_refused(tmp_path: Path, base: Path) -> None:
    made(tmp_path / "mine", base)
    other = weights(base)
    other[QUERY.format(0)] += 1
    save_file(other, base / "model.safetensors", {"format": "pt"})
    with pytest.raises(WeightsUnusable, match=r"was trained on path:"):
        resolve(f"path:{tmp_path / 'mine'}")


def test_changes_that_do_not_fit_the_base_are_refused(tmp_path: Path, base: Path) -> None:
    (tmp_path / "mine").mkdir()
    wrong = {
        f"{QUERY.format(0)}.lora_A": np.ones((2, 7), np.float16),
        f"{QUERY.format(0)}.lora_B": np.ones((7, 2), np.float16),
    }
    save_file(wrong, tmp_path / "mine" / "adapter.safetensors")
    made(tmp_path / "mine", base)
    with pytest.raises(WeightsUnusable, match="does not fit the base"):
        resolve(f"path:{tmp_path / 'mine'}")


def test_a_folder_without_or_with_a_damaged_description_is_refused(tmp_path: Path, base: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"shopstream\.json"):
        read_model_folder(base)
    made(tmp_path / "mine", base)
    (tmp_path / "mine" / "shopstream.json").write_text("{}")
    with pytest.raises(WeightsUnusable, match="train or copy"):
        read_model_folder(tmp_path / "mine")
    shutil.rmtree(tmp_path / "mine")


def test_names_of_what_ships_are_told() -> None:
    with pytest.raises(WeightsMissing, match="comes with Shopstream; there are:"):
        resolve("shipped:nonsense")
