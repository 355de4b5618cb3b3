"""What a model's folder says about itself: token limit, pooling, labels, prompts.

Read as transformers and sentence-transformers write them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from models.engine.backend import Task
from models.errors import WeightsUnusable
from models.sources import CONFIG_FILE

Pooling = Literal["mean", "cls"]
DEFAULT_TOKENS = 512
"""Where inputs are cut if the folder names no limit of its own, or a wider one by its positions only."""
MOST_NEW_TOKENS = 128
"""Most tokens that one text is answered with, for `generate`."""
OUTSIDE_KEY = "outside_logits"
"""Ours, in a tagger's config.json: see `EncoderFacts.outside`."""
_KNOWN_MODULES = ("Transformer", "Pooling", "Normalize")
# Kinds of models have their own names for the same thing.
_WIDTH = ("hidden_size", "n_embd", "d_model", "dim")
_POSITIONS = ("max_position_embeddings", "n_positions")


@dataclass(frozen=True, slots=True)
class EncoderFacts:
    """How to feed a model, and what its outputs mean.

    Attributes:
        max_tokens: where inputs are cut, special tokens included. Nothing may be padded beyond it either.
        width: numbers in one hidden state.
        pooling: how the hidden states of a text become its one vector; for `embed` only.
        pad_id: the token that rows are padded with.
        labels: names of the classes, in the order of the outputs; empty for `embed` and `generate`.
        token_types: whether the model is told, by a second input, which tokens are a pair's second text.
        outside: by number format, what is added to a token's logit of `O`, for `tag`; 0 in formats that are not named.
            Of formats with the same weights, one may find half as many spans again as another.
    """

    max_tokens: int
    width: int
    pooling: Pooling
    pad_id: int
    labels: tuple[str, ...] = ()
    token_types: bool = False
    outside: Mapping[str, float] = field(default_factory=dict)


def read_facts(folder: Path, task: Task = "embed") -> EncoderFacts:
    """Read a model's folder.

    A plain transformers folder, without sentence-transformers' files, is pooled by the mean.

    Args:
        folder: as `models.sources` resolves it.
        task: what the model will do. Pooling is read for `embed`, labels for `score`, `classify` and `tag`.

    Raises:
        WeightsUnusable: the folder asks for something that this engine doesn't do.
    """
    config = _json(folder / CONFIG_FILE)
    width, positions = _number(config, _WIDTH), _number(config, _POSITIONS)
    # Models that generate may count distances instead of positions; then any length will do.
    if not width or not (positions or task == "generate"):
        raise WeightsUnusable(f"{folder / CONFIG_FILE} lacks hidden_size or max_position_embeddings")
    return EncoderFacts(
        max_tokens=_limit(folder, config, positions or DEFAULT_TOKENS, task),
        width=width,
        pooling=_pooling(folder) if task == "embed" else "mean",
        pad_id=int(config.get("pad_token_id") or 0),
        labels=_labels(folder, config, task),
        token_types=(_number(config, ("type_vocab_size",)) or 0) > 1,
        outside=_outside(folder, config) if task == "tag" else {},
    )


@dataclass(frozen=True, slots=True)
class Prompts:
    """What comes before a query and before a passage, so that the encoder knows which it sees; often nothing."""

    query: str = ""
    passage: str = ""


def read_prompts(folder: Path) -> Prompts:
    """Read the prompts of an encoder folder; a passage's is called `passage` or `document` there.

    Raises:
        WeightsUnusable: a prompt is not text.
    """
    path = folder / "config_sentence_transformers.json"
    named = _json(path).get("prompts") or {}
    query, passage = named.get("query") or "", named.get("passage") or named.get("document") or ""
    if not isinstance(query, str) or not isinstance(passage, str):
        raise WeightsUnusable(f"{path} has a prompt that is not text")
    return Prompts(query, passage)


def _number(config: dict[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:
        if isinstance(config.get(name), int):
            return int(config[name])
    return None


def _limit(folder: Path, config: dict[str, Any], positions: int, task: Task) -> int:
    named = _json(folder / "sentence_bert_config.json").get("max_seq_length")
    if named:
        return int(named)
    if task == "generate" and not config.get("is_encoder_decoder"):
        positions -= min(MOST_NEW_TOKENS, positions // 2)  # the answer follows the text, in the same window
    return min(DEFAULT_TOKENS, positions)


def _labels(folder: Path, config: dict[str, Any], task: Task) -> tuple[str, ...]:
    if task in ("embed", "generate"):
        return ()
    # transformers leaves the names out where they are its own, and their number where there are two.
    names = config.get("id2label") or {
        str(n): f"LABEL_{n}" for n in range(int(config.get("num_labels") or 2))
    }
    try:
        labels = tuple(str(names[str(n)]) for n in range(len(names)))
    except KeyError:
        raise WeightsUnusable(f"{folder / CONFIG_FILE} has an id2label that is not numbered from 0") from None
    if task == "score" and len(labels) != 1:
        raise WeightsUnusable(f"the model in {folder} has {len(labels)} outputs; one that scores pairs has 1")
    return labels


def _outside(folder: Path, config: dict[str, Any]) -> Mapping[str, float]:
    named = config.get(OUTSIDE_KEY) or {}
    if not isinstance(named, dict) or not all(isinstance(one, int | float) for one in named.values()):
        raise WeightsUnusable(f"{folder / CONFIG_FILE}: {OUTSIDE_KEY} names no number for each number format")
    return named


def _pooling(folder: Path) -> Pooling:
    pooling: Pooling = "mean"
    for module in _modules(folder):
        kind = str(module.get("type", "")).rpartition(".")[2]
        if kind not in _KNOWN_MODULES:
            raise WeightsUnusable(f"{folder} has a {kind} module after the encoder, which is not supported")
        if kind == "Pooling":
            pooling = _pooling_mode(_json(folder / str(module.get("path", "")) / CONFIG_FILE), folder)
    return pooling


def _pooling_mode(config: dict[str, Any], folder: Path) -> Pooling:
    if isinstance(config.get("pooling_mode"), str):
        modes = [config["pooling_mode"]]
    else:
        prefix = "pooling_mode_"
        modes = [
            key.removeprefix(prefix) for key, on in config.items() if key.startswith(prefix) and on is True
        ]
    if modes in (["mean"], ["mean_tokens"]):
        return "mean"
    if modes in (["cls"], ["cls_token"]):
        return "cls"
    raise WeightsUnusable(f"{folder} pools by {' and '.join(modes) or 'nothing'}; mean and cls are supported")


def _modules(folder: Path) -> list[dict[str, Any]]:
    path = folder / "modules.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else []


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}
