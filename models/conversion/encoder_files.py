"""Write an encoder folder as transformers and sentence-transformers save one. The same input gives the same bytes."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy.typing as npt


def write_encoder(
    folder: Path, tensors: Mapping[str, npt.NDArray[Any]], tokenizer: str, configs: Mapping[str, Any]
) -> None:
    """Fill an empty folder.

    Args:
        folder: where.
        tensors: the weights, by the names and in the shapes that transformers has.
        tokenizer: content of `tokenizer.json`.
        configs: content of each other file, by its path in the folder.

    Raises:
        OSError: the folder can't be written.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    weights, tokenizer_file = folder / "model.safetensors", folder / "tokenizer.json"
    try:
        save_file(dict(tensors), weights, {"format": "pt"})
    except SafetensorError as error:  # the disk is full
        raise OSError(str(error)) from error
    tokenizer_file.write_text(tokenizer, "utf-8")
    shutil.copymode(tokenizer_file, weights)  # safetensors lets nobody else read its files
    for name, content in configs.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")


def sentence_transformers_configs(
    width: int, positions: int, pooling: Literal["cls", "mean"], prompts: Mapping[str, str]
) -> dict[str, Any]:
    """What sentence-transformers reads beside transformers' own files.

    Args:
        width: of a vector.
        positions: most tokens of a text.
        pooling: what becomes of the tokens' vectors.
        prompts: what comes before a text, by its kind (`query`, `passage`).
    """
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    return {
        "sentence_bert_config.json": {"max_seq_length": positions, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": dict(prompts),
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "modules.json": [
            {
                "idx": place,
                "name": str(place),
                "path": path,
                "type": f"sentence_transformers.models.{kind}",
            }
            for place, (path, kind) in enumerate(modules)
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": width,
            "pooling_mode_cls_token": pooling == "cls",
            "pooling_mode_mean_tokens": pooling == "mean",
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
    }
