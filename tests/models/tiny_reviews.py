"""Tiny models of reviews: one encoder with random weights, and heads that say the same of every text."""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from models.heads import Head, write_heads
from models.reviews import LABELS
from models.sources import HEADS_FILE, identify
from models.sources.model_folder import Base, ModelFolder, write_model_folder
from tests.models.tiny_folders import WIDTH, tiny_folder


def tiny_reviews(root: Path, label: str = "positive", base: Path | None = None) -> Path:
    """The folder of a model to which every review is `label`, written where it isn't there yet.

    Its base is a tiny encoder, or a folder that the caller has.
    """
    folder, source = root / label, f"path:{base or tiny_folder(root, 'embed')}"
    if folder.exists():
        return folder
    folder.mkdir()
    bias = np.array([9.0 if one == label else 0.0 for one in LABELS], np.float32)
    head = Head("sentiment", "classes", ((np.zeros((len(LABELS), WIDTH), np.float32), bias),), LABELS)
    write_heads(folder / HEADS_FILE, {"sentiment": head})
    write_model_folder(folder, ModelFolder(label, "1", "reviews", Base(source, identify(source).digest)))
    return folder


def hollow_base(root: Path) -> Path:
    """The folder of an encoder that has the files of one, and can't be run."""
    folder = root / "base"
    folder.mkdir()
    save_file({"weight": np.ones(4, np.float32)}, folder / "model.safetensors")
    for name in ("config.json", "tokenizer.json"):
        (folder / name).write_text("{}")
    return folder
