"""What an encoder folder says about itself: token limit, pooling, prompts, as sentence-transformers writes them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from models.errors import WeightsUnusable
from models.sources import CONFIG_FILE

Pooling = Literal["mean", "cls"]
DEFAULT_TOKENS = 512
_KNOWN_MODULES = ("Transformer", "Pooling", "Normalize")


@dataclass(frozen=True, slots=True)
class EncoderFacts:
    """How to turn the encoder's hidden states into one vector."""

    max_tokens: int
    width: int
    pooling: Pooling
    pad_id: int


def read_facts(folder: Path) -> EncoderFacts:
    """Read limit, width and pooling from an encoder folder.

    A plain transformers folder, without sentence-transformers' files, is pooled by the mean.

    Raises:
        WeightsUnusable: the folder asks for something that this engine doesn't do.
    """
    config = _json(folder / CONFIG_FILE)
    try:
        width, positions = int(config["hidden_size"]), int(config["max_position_embeddings"])
    except (KeyError, TypeError, ValueError):
        raise WeightsUnusable(
            f"{folder / CONFIG_FILE} lacks hidden_size or max_position_embeddings"
        ) from None
    limit = _json(folder / "sentence_bert_config.json").get("max_seq_length")
    max_tokens = int(limit) if limit else min(DEFAULT_TOKENS, positions)
    return EncoderFacts(max_tokens, width, _pooling(folder), int(config.get("pad_token_id") or 0))


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
