import json
from pathlib import Path
from typing import Any

import pytest

from models import WeightsUnusable
from models.engine.folder import OUTSIDE_KEY, EncoderFacts, read_facts

CONFIG = {"hidden_size": 8, "max_position_embeddings": 512, "pad_token_id": 1}


def write(folder: Path, pooling: dict[str, Any] | None, after: str = "Normalize") -> Path:
    (folder / "config.json").write_text(json.dumps(CONFIG))
    if pooling is not None:
        (folder / "1_Pooling").mkdir()
        (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
        kinds = [("Transformer", ""), ("Pooling", "1_Pooling"), (after, "2")]
        modules = [{"type": f"sentence_transformers.models.{kind}", "path": path} for kind, path in kinds]
        (folder / "modules.json").write_text(json.dumps(modules))
    return folder


def test_a_plain_folder_is_pooled_by_the_mean(tmp_path: Path) -> None:
    assert read_facts(write(tmp_path, None)) == EncoderFacts(512, 8, "mean", 1)


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}, "mean"),
        ({"pooling_mode_cls_token": True}, "cls"),
        ({"pooling_mode": "mean", "include_prompt": True}, "mean"),
        ({"pooling_mode": "cls"}, "cls"),
    ],
)
def test_pooling_is_read_in_both_spellings(tmp_path: Path, pooling: dict[str, Any], expected: str) -> None:
    assert read_facts(write(tmp_path, pooling)).pooling == expected


def test_the_limit_of_sentence_transformers_counts(tmp_path: Path) -> None:
    (tmp_path / "sentence_bert_config.json").write_text('{"max_seq_length": 256}')
    assert read_facts(write(tmp_path, None)).max_tokens == 256


@pytest.mark.parametrize(
    "pooling",
    [
        {"pooling_mode_max_tokens": True},
        {"pooling_mode": "lasttoken"},
        {},
        {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": True},
    ],
)
def test_other_pooling_is_refused(tmp_path: Path, pooling: dict[str, Any]) -> None:
    with pytest.raises(WeightsUnusable, match="mean and cls"):
        read_facts(write(tmp_path, pooling))


def test_a_dense_layer_after_pooling_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnusable, match="Dense"):
        read_facts(write(tmp_path, {"pooling_mode": "mean"}, after="Dense"))


def test_what_formats_add_to_outside_must_be_numbers(tmp_path: Path) -> None:
    folder = write(tmp_path, None)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {OUTSIDE_KEY: {"int8": "much"}}))
    with pytest.raises(WeightsUnusable, match="no number for each number format"):
        read_facts(folder, "tag")


def test_a_config_without_a_width_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(WeightsUnusable, match="hidden_size"):
        read_facts(tmp_path)
