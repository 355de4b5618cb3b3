"""A model folder and its base become one folder that an engine can load. Plain numpy; no torch."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.conversion import made_once
from models.errors import WeightsUnusable
from models.sources.folder import CONFIG_FILE, weight_files
from models.sources.model_folder import (
    ADAPTER_FILE,
    DELTA_FILE,
    HEADS_FILE,
    OVERRIDES_FILE,
    TERMS_FILE,
    ModelFolder,
    damaged_files,
)

VERSION = 1
"""Moves whenever the same folders would become other weights."""
_LAYER = re.compile(r"^(.*\blayer\.)(\d+)(\..*)$")
Tensors = dict[str, npt.NDArray[Any]]


def merged(folder: Path, model: ModelFolder, base: Path) -> Path:
    """The merged folder in the cache; made once for each content.

    Args:
        folder: the model folder.
        model: what it says of itself.
        base: the base's folder.

    Raises:
        WeightsUnusable: a file is damaged, or does not belong to the base.
    """
    if problems := damaged_files(folder, model):
        raise WeightsUnusable(f"{problems[0]}; copy or train the model anew")
    name = f"{model.task}-{model.identity.digest[:16]}-m{VERSION}"
    return made_once(name, lambda target: _merge(folder, model, base, target))


def _merge(folder: Path, model: ModelFolder, base: Path, target: Path) -> None:
    from safetensors.numpy import save_file

    weights = [path.name for path in weight_files(base)]
    left_out = shutil.ignore_patterns(
        *weights, "*.md", "*.bin", "*.onnx", "manifest.json", ".*", "__pycache__"
    )
    shutil.copytree(base, target, ignore=left_out, dirs_exist_ok=True)
    tensors = kept_layers(_read(weight_files(base)), model.layers)
    _replace(tensors, _optional(folder / DELTA_FILE), folder / DELTA_FILE)
    _add_low_rank(tensors, _optional(folder / ADAPTER_FILE), model.scaling, folder / ADAPTER_FILE)
    save_file(tensors, target / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((base / CONFIG_FILE).read_text("utf-8"))
    if model.layers is not None:
        config["num_hidden_layers"] = len(model.layers)
    if (folder / OVERRIDES_FILE).is_file():
        config |= json.loads((folder / OVERRIDES_FILE).read_text("utf-8"))
    (target / CONFIG_FILE).write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    for name in (HEADS_FILE, TERMS_FILE):
        if (folder / name).is_file():
            shutil.copyfile(folder / name, target / name)


def kept_layers(tensors: Tensors, layers: tuple[int, ...] | None) -> Tensors:
    """The tensors of some layers, numbered anew from 0, and all that is in no layer."""
    if layers is None:
        return tensors
    places = {layer: place for place, layer in enumerate(layers)}
    kept = {}
    for name, tensor in tensors.items():
        found = _LAYER.match(name)
        if found is None:
            kept[name] = tensor
        elif (layer := int(found[2])) in places:
            kept[f"{found[1]}{places[layer]}{found[3]}"] = tensor
    return kept


def packed_int8(tensors: Mapping[str, npt.NDArray[np.float32]]) -> Tensors:
    """Matrices as int8 with a float16 scale for each row (symmetric, largest value 127), all else as float16."""
    packed: Tensors = {}
    for name, tensor in tensors.items():
        if tensor.ndim != 2:  # noqa: PLR2004 - a matrix
            packed[name] = tensor.astype(np.float16)
            continue
        scale = np.maximum(np.abs(tensor).max(axis=1) / 127, 1e-7).astype(np.float16)
        packed[f"{name}.int8"] = (
            np.rint(tensor / scale.astype(np.float32)[:, None]).clip(-127, 127).astype(np.int8)
        )
        packed[f"{name}.scale"] = scale
    return packed


def _replace(tensors: Tensors, delta: Tensors, path: Path) -> None:
    for name in delta:
        plain = name.removesuffix(".int8")
        if name.endswith(".scale"):
            continue
        value = delta[name].astype(np.float32)
        if plain != name:
            value *= delta[f"{plain}.scale"].astype(np.float32)[:, None]
        # A head of its own, such as a token classifier's, is not in the base.
        if plain in tensors and tensors[plain].shape != value.shape:
            raise WeightsUnusable(f"{path}: {plain} has shape {value.shape}, the base {tensors[plain].shape}")
        tensors[plain] = value


def _add_low_rank(tensors: Tensors, adapter: Tensors, scaling: float, path: Path) -> None:
    for name, down, up in _pairs(adapter, path):
        if name not in tensors or tensors[name].shape != (up.shape[0], down.shape[1]):
            raise WeightsUnusable(f"{path}: {name} does not fit the base")
        tensors[name] = tensors[name].astype(np.float32) + scaling * (up @ down)


def _pairs(
    adapter: Tensors, path: Path
) -> Iterator[tuple[str, npt.NDArray[np.float32], npt.NDArray[np.float32]]]:
    for name, down in adapter.items():
        if name.endswith(".lora_A"):
            weight = name.removesuffix(".lora_A")
            up = adapter.get(f"{weight}.lora_B")
            if up is None:
                raise WeightsUnusable(f"{path}: {weight} has no lora_B")
            yield weight, down.astype(np.float32), up.astype(np.float32)


def _optional(path: Path) -> Tensors:
    return _read([path]) if path.is_file() else {}


def _read(paths: list[Path]) -> Tensors:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    tensors: Tensors = {}
    for path in paths:
        try:
            tensors |= load_file(path)
        except (SafetensorError, TypeError, KeyError) as error:  # bfloat16 is unknown to numpy
            raise WeightsUnusable(f"{path} can't be read ({error}); save it as float32 or float16") from error
    return tensors
