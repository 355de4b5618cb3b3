from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.errors import HeadMismatch, WeightsUnusable
from models.heads import Head, read_heads, require_width, write_heads

RNG = np.random.default_rng(3)


def layer(outputs: int, inputs: int) -> tuple[np.ndarray, np.ndarray]:
    return (
        RNG.standard_normal((outputs, inputs)).astype(np.float32),
        RNG.standard_normal(outputs).astype(np.float32),
    )


MOOD = Head("mood", "classes", (layer(5, 8), layer(3, 5)), ("bad", "so-so", "good"), temperature=2.0)
STARS = Head("stars", "number", (layer(1, 8),), bounds=(1.0, 5.0))
VECTORS = RNG.standard_normal((20, 8)).astype(np.float32) * 4


def test_classes_are_probabilities_of_softened_logits() -> None:
    (first, first_bias), (last, last_bias) = MOOD.layers
    logits = np.maximum(VECTORS @ first.T + first_bias, 0) @ last.T + last_bias
    expected = np.exp(logits / 2) / np.exp(logits / 2).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(MOOD(VECTORS), expected, rtol=1e-4)


def test_evidence_is_added_to_the_logits_and_kept(tmp_path: Path) -> None:
    evidence = RNG.standard_normal((20, 4)).astype(np.float32)
    head = replace(MOOD, evidence=RNG.standard_normal((3, 4)).astype(np.float32))
    assert head.evidence is not None
    logits = (MOOD.outputs(VECTORS) + evidence @ head.evidence.T) / 2
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(head(VECTORS, evidence), expected, rtol=1e-4)
    with pytest.raises(HeadMismatch, match="head mood weighs evidence"):
        head(VECTORS)
    write_heads(tmp_path / "heads.safetensors", {"mood": head})
    found = read_heads(tmp_path / "heads.safetensors")["mood"]
    np.testing.assert_allclose(found(VECTORS, evidence), expected, rtol=1e-4)
    wrong = replace(MOOD, evidence=np.zeros((2, 4), np.float32))
    write_heads(tmp_path / "heads.safetensors", {"mood": wrong})
    with pytest.raises(WeightsUnusable, match="hold together"):
        read_heads(tmp_path / "heads.safetensors")


def test_a_number_stays_within_its_bounds() -> None:
    numbers = STARS(VECTORS)
    assert numbers.shape == (20,)
    assert numbers.min() == 1
    assert numbers.max() == 5


def test_heads_come_back_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "heads.safetensors"
    write_heads(file, {"mood": MOOD, "stars": STARS})
    content = file.read_bytes()
    found = read_heads(file)
    assert list(found) == ["mood", "stars"]
    np.testing.assert_allclose(found["mood"](VECTORS), MOOD(VECTORS), atol=0.01)
    assert (found["stars"].bounds, found["mood"].labels) == ((1, 5), ("bad", "so-so", "good"))
    write_heads(file, {"mood": MOOD, "stars": STARS})
    assert file.read_bytes() == content


@pytest.mark.parametrize("damage", ["cut", "other", "gone"])
def test_a_file_that_is_no_heads_is_refused(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "heads.safetensors"
    write_heads(file, {"mood": MOOD})
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-9])
    elif damage == "other":
        file.write_bytes(file.read_bytes().replace(b"shopstream/heads/1", b"shopstream/heads/9"))
    else:
        file.unlink()
    with pytest.raises(WeightsUnusable, match="train"):
        read_heads(file)


def test_vectors_of_another_width_are_refused() -> None:
    require_width({"mood": MOOD}, 8, "mine")
    with pytest.raises(HeadMismatch, match="mood of mine reads vectors of 8 numbers, the encoder makes 384"):
        require_width({"mood": MOOD}, 384, "mine")
