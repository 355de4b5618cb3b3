"""Models of OpenVINO (`.xml` beside `.bin`) in the cache, converted once, in a process of their own."""

import hashlib
import importlib.metadata
import json
import logging
from collections.abc import Sequence
from pathlib import Path

from models.conversion import cache_folder, made_once
from models.engine.backend import Precision, Task
from models.engine.backends.conversion.int8_notes import conversion_key, read_note
from models.engine.backends.openvino_runtime import INSTALL
from models.engine.child import ChildFailed, run_child
from models.engine.folder import EncoderFacts
from models.errors import BackendUnusable

log = logging.getLogger(__name__)

VERSION = 1
"""Moves whenever the same weights would become another model."""
MODEL_FILE = "model.xml"
_CALIBRATION_DIGITS = 12
_CHILD = "models.engine.backends.conversion.openvino_child"


def openvino_model(folder: Path, facts: EncoderFacts, task: Task, precision: Precision) -> Path:
    """The model of OpenVINO that a folder becomes; converts it where that has not been done yet.

    float32 and bfloat16 are one model: the plugin rounds when it compiles. int8 is made from it, and has beside it what
    it lost (`models.engine.backends.conversion.accuracy`). Where a note names another calibration (`int8_notes`), it is
    the one that was made with that.

    Args:
        folder: as transformers saves it.
        facts: pooling, limit and inputs.
        task: all but `generate`.
        precision: `float32`, `bfloat16` or `int8`.

    Returns:
        The `.xml`. Inputs: `input_ids` and `attention_mask`, int64 [rows, tokens], and `token_type_ids` likewise where
        the model has such and scores pairs. One output, float32: embed [rows, width], of length 1; score [rows, 1];
        classify [rows, classes]; tag [rows, tokens, classes].

    Raises:
        BackendUnusable: OpenVINO (or nncf, for int8) is not installed, or can't convert this model.
        WeightsUnusable: the cache is damaged or can't be written.
    """
    if task == "generate":
        raise BackendUnusable("OpenVINO does not generate here; set backend to torch")
    if precision == "float16":
        raise BackendUnusable("OpenVINO on the CPU has no float16; choose int8, bfloat16 or float32")
    kind = _kind(folder, facts, task)
    if precision != "int8":
        return _plain(folder, task, kind)
    calibration = read_note(folder, task).calibration
    if calibration and not (cache_folder() / _int8_name(kind, calibration)).is_dir():
        log.warning(
            "int8 of %s was calibrated on texts of yours, and is not in the cache any more; it is made with ours "
            "(shopstream models quantize --calibration makes it anew)",
            folder,
        )
        calibration = ""
    return _int8(folder, task, kind, calibration, ())


def calibrated_model(folder: Path, facts: EncoderFacts, task: Task, texts: Sequence[str]) -> str:
    """Make int8 with the ranges of other texts; used once a note names it (`int8_notes`).

    Args:
        folder: as in `openvino_model`.
        facts: as in `openvino_model`.
        task: as in `openvino_model`.
        texts: some hundreds, like those that the model will read.

    Returns:
        What the note has to name.

    Raises:
        BackendUnusable, WeightsUnusable: as `openvino_model`.
    """
    hashed = hashlib.sha256(json.dumps(list(texts)).encode())
    calibration = hashed.hexdigest()[:_CALIBRATION_DIGITS]
    _int8(folder, task, _kind(folder, facts, task), calibration, texts)
    return calibration


def _kind(folder: Path, facts: EncoderFacts, task: Task) -> str:
    return f"{conversion_key(folder, task)}-{facts.pooling}-c{VERSION}-openvino-{_version('openvino')}"


def _int8_name(kind: str, calibration: str) -> str:
    name = f"{kind}-nncf-{_version('nncf')}-int8"
    return f"{name}-{calibration}" if calibration else name


def _plain(folder: Path, task: Task, kind: str) -> Path:
    made = made_once(
        f"{kind}-float",
        lambda unfinished: _convert(folder, {"task": task, "write": str(unfinished / MODEL_FILE)}),
    )
    return made / MODEL_FILE


def _int8(folder: Path, task: Task, kind: str, calibration: str, texts: Sequence[str]) -> Path:
    def quantise(unfinished: Path) -> None:
        # Only now, since finding the float model reads all of it.
        plain = _plain(folder, task, kind)
        job = {"task": task, "from": str(plain), "write": str(unfinished / MODEL_FILE)}
        _convert(folder, job, texts)

    # Texts of yours are not kept, so that what was calibrated on them can't be made again.
    return made_once(_int8_name(kind, calibration), quantise, lasting=bool(calibration)) / MODEL_FILE


def _convert(folder: Path, job: dict[str, str], calibration: Sequence[str] = ()) -> None:
    what = "8 bits" if "from" in job else "OpenVINO"
    log.info("converting %s to %s, once; this takes up to a minute", folder, what)
    try:
        run_child(_CHILD, {"folder": str(folder), "calibration": list(calibration), **job})
    except ChildFailed as error:
        raise BackendUnusable(
            f"the model in {folder} can't be converted to {what}: {error}; set backend to torch, or precision to "
            "bfloat16 or float32"
        ) from error


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        raise BackendUnusable(f"{package} is not installed; run: {INSTALL}") from None
