"""What `scripts/bench engine` compares, on the same weights: Shopstream's engine and sentence-transformers."""

import csv
import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from models.conversion.cache import cache_folder
from models.engine.backend import Vectors
from models.engine.encoder import Encoder
from models.sources import WeightSource

BATCH = 32
"""Of sentence-transformers' `encode`, by default."""
OPENVINO_FILE = "openvino/openvino_model_qint8_quantized.xml"
CALIBRATION_TEXTS = 300
MISSING = """the peer is missing; scripts/setup installs it, or:
.venv/bin/uv pip install 'sentence-transformers[openvino]' datasets"""


@dataclass(frozen=True, slots=True)
class System:
    """Something that turns texts into vectors.

    Attributes:
        name: short.
        about: versions, number format, device.
        encode: texts to float vectors [n, width], tokenisation included.
    """

    name: str
    about: str
    encode: Callable[[Sequence[str]], Any]

    def unit_vectors(self, texts: Sequence[str]) -> Vectors:
        """Float32 vectors of length 1."""
        found = np.asarray(self.encode(texts), np.float32)
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def without_network() -> None:
    """Keeps the peers' libraries from asking a hub; they look at this when they are imported."""
    os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}


def ours(encoder: Encoder) -> System:
    """Shopstream's engine."""
    return System("shopstream", encoder.runs_on, encoder.embed_now)


def sentence_transformers(
    folder: Path, device: str | None = "cpu", *, half: bool = False, batch: int = BATCH, max_tokens: int = 0
) -> System:
    """sentence-transformers on torch: float32 and batches of 32, which are its defaults, unless told otherwise."""
    import torch

    # Said also where it is the default: some folders' configurations ask for float16, which most processors emulate.
    kwargs = {"dtype": torch.float16 if half else torch.float32}
    model = _transformer(folder, device=device, model_kwargs=kwargs)
    if max_tokens:
        model.max_seq_length = max_tokens
    precision = "float16" if half else "float32"
    return System(
        f"sentence-transformers {precision}",
        f"sentence-transformers {version('sentence-transformers')}, torch {torch.__version__}, {precision}, "
        f"batch {batch}, {model.device}",
        lambda texts: model.encode(list(texts), batch_size=batch, show_progress_bar=False),
    )


def sentence_transformers_int8(weights: WeightSource, calibration: Sequence[str]) -> System:
    """sentence-transformers' own OpenVINO backend, quantised by its own `export_static_quantized_openvino_model`.

    Made once with that function's defaults (static int8 of nncf by optimum-intel, 128 samples padded to 384 tokens),
    calibrated on 300 reviews that are not among the timed ones, given as a local CSV so that no hub is asked.
    """
    folder = quantised(weights, list(calibration)[:CALIBRATION_TEXTS])
    model = _transformer(folder, device="cpu", backend="openvino", model_kwargs={"file_name": OPENVINO_FILE})
    return System(
        "sentence-transformers OpenVINO int8",
        f"sentence-transformers {version('sentence-transformers')}, backend openvino {version('openvino')}, "
        f"optimum-intel {version('optimum-intel')}, static int8, batch {BATCH}",
        lambda texts: model.encode(list(texts), batch_size=BATCH, show_progress_bar=False),
    )


def _transformer(folder: Path, **arguments: Any) -> Any:  # noqa: ANN401 - has no useful types
    try:
        from sentence_transformers import SentenceTransformer
    except ModuleNotFoundError:
        raise SystemExit(MISSING) from None
    return SentenceTransformer(str(folder), **arguments)


def quantised(weights: WeightSource, calibration: list[str]) -> Path:
    """The folder of the int8 model; made where it is not there yet."""
    key = "\n".join(
        [
            weights.digest,
            *(version(name) for name in ("sentence-transformers", "optimum-intel", "openvino", "nncf")),
            *calibration,
        ]
    )
    folder = cache_folder().parent / "benchmarks" / hashlib.sha256(key.encode()).hexdigest()[:16]
    if (folder / OPENVINO_FILE).is_file():
        return folder
    from sentence_transformers import export_static_quantized_openvino_model

    unfinished = folder.with_name(f".{folder.name}.{os.getpid()}")
    data = unfinished / "calibration"
    data.mkdir(parents=True)
    try:
        with (data / "texts.csv").open("w", newline="") as file:
            csv.writer(file).writerows([["text"], *([text] for text in calibration)])
        with redirect_stdout(sys.stderr):  # where this program's result goes
            model = _transformer(weights.folder, device="cpu", backend="openvino")
            model.save_pretrained(str(unfinished))
            export_static_quantized_openvino_model(
                model,
                None,
                str(unfinished),
                dataset_name=str(data),
                dataset_config_name="default",
                dataset_split="train",
                column_name="text",
            )
        shutil.rmtree(data)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder
