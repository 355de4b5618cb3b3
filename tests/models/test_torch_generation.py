import json
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, BartConfig, BartForConditionalGeneration

from models.engine.backend import Row
from models.engine.backends.torch_cpu import TorchCpuBackend
from models.engine.folder import read_facts
from tests.models.backend_cases import TEXTS, rows_of, run
from tests.models.tiny_folders import POSITIONS, SEPARATOR, edit_config, tiny_folder

BART = {
    "vocab_size": 30_522,
    "d_model": 32,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "max_position_embeddings": POSITIONS,
    "init_std": 0.3,
    "bos_token_id": 101,
    "decoder_start_token_id": 101,
    "eos_token_id": SEPARATOR,
    "forced_eos_token_id": None,
    "pad_token_id": 0,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.getbasetemp() / "tiny", "generate")


@pytest.fixture(scope="module")
def backend(folder: Path) -> TorchCpuBackend:
    return TorchCpuBackend(folder, read_facts(folder, "generate"), "generate", "float32")


def greedy(folder: Path, row: Row) -> list[int]:
    """The likeliest token, again and again, without transformers' own generating."""
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    ids = list(row.ids)
    with torch.inference_mode():
        while len(ids) < POSITIONS:
            token = int(model(torch.tensor([ids])).logits[0, -1].argmax())
            if token == SEPARATOR:
                break
            ids.append(token)
    return ids[len(row.ids) :]


def test_each_row_gets_the_likeliest_tokens_whatever_its_batch(
    folder: Path, backend: TorchCpuBackend
) -> None:
    rows = rows_of(folder, read_facts(folder, "generate"), "generate", TEXTS[:4])
    answers = run(backend, rows)
    room = POSITIONS - max(len(row.ids) for row in rows)
    for row, answer in zip(rows, answers, strict=True):
        assert answer.dtype == "int64"
        assert answer.tolist() == greedy(folder, row)[:room]
    assert len({tuple(answer.tolist()) for answer in answers}) > len(rows) // 2


def test_an_answer_ends_before_the_ending_token(folder: Path, tmp_path: Path) -> None:
    other = tiny_folder(tmp_path, "generate")
    row = rows_of(folder, read_facts(folder, "generate"), "generate", ["the red dress"])[0]
    unbounded = greedy(folder, row)
    end = next(token for n, token in enumerate(unbounded) if n > 2 and token not in unbounded[:n])
    edit_config(other, eos_token_id=end)
    (other / "generation_config.json").unlink()
    ending = TorchCpuBackend(other, read_facts(other, "generate"), "generate", "float32")
    long = rows_of(folder, read_facts(folder, "generate"), "generate", [TEXTS[2]])[0]
    (answer, _) = run(ending, [row, long])
    assert answer.tolist() == unbounded[: unbounded.index(end)]


def test_sampling_and_beams_of_the_folder_do_not_count(folder: Path, tmp_path: Path) -> None:
    other = tiny_folder(tmp_path, "generate")
    settings = {"do_sample": True, "temperature": 5.0, "top_k": 3, "num_beams": 4, "max_length": 12}
    (other / "generation_config.json").write_text(json.dumps({**settings, "eos_token_id": SEPARATOR}))
    row = rows_of(folder, read_facts(folder, "generate"), "generate", ["the red dress"])[0]
    (answer,) = run(TorchCpuBackend(other, read_facts(other, "generate"), "generate", "float32"), [row])
    assert answer.tolist() == greedy(folder, row)


def test_a_model_of_sequence_to_sequence_answers_too(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.engine.backends.torch_generation.MOST_NEW_TOKENS", 8)
    torch.manual_seed(3)
    BartForConditionalGeneration(BartConfig.from_dict(BART)).save_pretrained(tmp_path)
    (tmp_path / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
    facts = read_facts(tmp_path, "generate")
    backend = TorchCpuBackend(tmp_path, facts, "generate", "float32")
    rows = rows_of(tmp_path, facts, "generate", TEXTS[:4])
    together, alone = run(backend, rows), [run(backend, [row])[0] for row in rows]
    assert [answer.tolist() for answer in together] == [answer.tolist() for answer in alone]
    assert all(0 < len(answer) <= 8 and answer[0] != BART["decoder_start_token_id"] for answer in together)
    assert len({tuple(answer.tolist()) for answer in together}) > 1
