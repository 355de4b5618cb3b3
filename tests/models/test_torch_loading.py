import json
from pathlib import Path

import pytest
import torch
import transformers

from models.engine.backend import Row, Task
from models.engine.backends.torch_forward import forward, pad, takes_full_mask
from models.engine.backends.torch_loading import load_module, set_precision, weight_bytes
from models.engine.folder import EncoderFacts, read_facts
from models.errors import WeightsUnusable
from tests.models.tiny_folders import BERT, CLASSES, edit_config, tiny_folder

ROWS = [Row([101, 5, 9, 7, 102]), Row([101, 8, 102]), Row([101, 3, 4, 8, 9, 11, 12, 13, 102])]


@pytest.mark.parametrize("task", ["classify", "tag"])
def test_an_encoder_without_a_head_is_refused(tmp_path: Path, task: Task) -> None:
    with pytest.raises(WeightsUnusable, match=r"lacks \d+ weights that .* classifier\.bias"):
        load_module(tiny_folder(tmp_path, "embed"), task)


def test_a_pooler_is_not_missed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tiny_folder(tmp_path, "tag")  # has no pooler, and a head that `embed` does not need
    capfd.readouterr()
    load_module(folder, "embed")
    assert capfd.readouterr() == ("", "")


def test_damaged_weights_say_where(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path, "embed")
    (folder / "model.safetensors").write_bytes(b"\0" * 100)
    with pytest.raises(WeightsUnusable, match=str(folder)):
        load_module(folder, "embed")


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path, "embed")
    edit_config(folder, intermediate_size=65)
    with pytest.raises(WeightsUnusable, match=str(folder)):
        load_module(folder, "embed")


def test_a_model_without_torchs_attention_loads_with_its_own(tmp_path: Path) -> None:
    config = transformers.DebertaV2Config.from_dict(
        {**BERT, "position_buckets": 8, "relative_attention": True}
    )
    transformers.DebertaV2Model(config).save_pretrained(tmp_path)
    assert not takes_full_mask(load_module(tmp_path, "embed"))


def test_heads_stay_in_float32(tmp_path: Path) -> None:
    module = load_module(tiny_folder(tmp_path, "classify"), "classify")
    whole = weight_bytes(module)
    exact = module.get_parameter("classifier.weight").clone()
    set_precision(module, "bfloat16", "classify")
    assert module.get_parameter("bert.embeddings.word_embeddings.weight").dtype is torch.bfloat16
    assert torch.equal(module.get_parameter("classifier.weight"), exact)
    assert 0.5 * whole < weight_bytes(module) < 0.51 * whole


def test_shared_weights_count_once(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path, "generate")
    size = (folder / "model.safetensors").stat().st_size
    assert weight_bytes(load_module(folder, "generate")) == pytest.approx(size, rel=0.01)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("bert", {}),
        ("camembert", {"pad_token_id": 1}),
        ("distilbert", {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64}),
        ("electra", {"embedding_size": 16}),
        ("roberta", {"pad_token_id": 1}),
        ("xlm-roberta", {"pad_token_id": 1}),
    ],
)
def test_a_ready_mask_says_the_same_as_the_lengths(kind: str, settings: dict[str, int]) -> None:
    torch.manual_seed(5)
    config = transformers.AutoConfig.for_model(kind, **{**BERT, "vocab_size": 200, **settings})
    module = transformers.AutoModel.from_config(config, attn_implementation="sdpa").eval()
    facts = EncoderFacts(32, 32, "mean", settings.get("pad_token_id", 0))
    assert takes_full_mask(module)
    for rows in (ROWS, ROWS[:1]):
        for pad_to in (1, 8):
            batch = pad(rows, facts, pad_to)
            ready = forward(module, "embed", facts, batch, full_mask=True)
            plain = forward(module, "embed", facts, batch, full_mask=False)
            assert torch.allclose(ready, plain, atol=1e-6)


def test_pooling_by_the_first_token(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path, "embed")
    module = load_module(folder, "embed")
    facts = EncoderFacts(60, 32, "cls", 0)
    vectors = forward(module, "embed", facts, pad(ROWS, facts, 8), full_mask=True)
    for row, vector in zip(ROWS, vectors, strict=True):
        first = module(torch.tensor([row.ids])).last_hidden_state[0, 0]
        assert torch.allclose(vector, first / first.norm(), atol=1e-5)


def test_rows_are_never_padded_beyond_the_models_limit() -> None:
    facts = EncoderFacts(10, 32, "mean", 7)
    assert pad([Row([1, 2])], facts, 8).ids.tolist() == [[1, 2, 7, 7, 7, 7, 7, 7]]
    batch = pad([Row(list(range(9))), Row([1])], facts, 8)
    assert batch.ids.shape == (2, 10)
    assert batch.lengths.tolist() == [9, 1]
    assert not batch.full
    assert pad([Row([1] * 10)], facts, 8).full


def test_labels_are_the_folders(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path, "classify")
    assert read_facts(folder, "classify").labels == CLASSES
    with pytest.raises(WeightsUnusable, match="3 outputs"):
        read_facts(folder, "score")
    config = json.loads((folder / "config.json").read_text())
    del config["id2label"]
    (folder / "config.json").write_text(json.dumps(config))
    assert read_facts(folder, "classify").labels == ("LABEL_0", "LABEL_1")
    edit_config(folder, id2label={"1": "a", "2": "b"})
    with pytest.raises(WeightsUnusable, match="id2label"):
        read_facts(folder, "classify")
