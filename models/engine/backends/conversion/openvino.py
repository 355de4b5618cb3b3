"""Models of OpenVINO (`.xml` beside `.bin`) in the cache, converted once, in a process of their own."""

import importlib.metadata
import logging
from pathlib import Path

from models.conversion import made_once
from models.engine.backend import Precision, Task
from models.engine.backends.openvino_runtime import INSTALL
from models.engine.child import ChildFailed, run_child
from models.engine.folder import EncoderFacts
from models.errors import BackendUnusable
from models.sources import CONFIG_FILE, TOKENIZER_FILE, content_digest, weight_files

log = logging.getLogger(__name__)

VERSION = 1
"""Moves whenever the same weights would become another model."""
MODEL_FILE = "model.xml"
_CHILD = "models.engine.backends.conversion.openvino_child"


def openvino_model(folder: Path, facts: EncoderFacts, task: Task, precision: Precision) -> Path:
    """The model of OpenVINO that a folder becomes; converts it where that has not been done yet.

    float32 and bfloat16 are one model: the plugin rounds when it compiles. int8 is made from it, and has beside it what
    it lost (`models.engine.backends.conversion.accuracy`).

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
    runtime = _version("openvino")
    # All that the conversion reads, beside the facts.
    digest = content_digest([*weight_files(folder), folder / CONFIG_FILE, folder / TOKENIZER_FILE])
    kind = f"{digest[:16]}-{task}-{facts.pooling}-c{VERSION}-openvino-{runtime}"

    def plain() -> Path:
        made = made_once(
            f"{kind}-float",
            lambda unfinished: _convert(folder, {"task": task, "write": str(unfinished / MODEL_FILE)}),
        )
        return made / MODEL_FILE

    def quantise(unfinished: Path) -> None:
        # Only now, since finding the float model reads all of it.
        _convert(folder, {"task": task, "from": str(plain()), "write": str(unfinished / MODEL_FILE)})

    if precision != "int8":
        return plain()
    return made_once(f"{kind}-nncf-{_version('nncf')}-int8", quantise) / MODEL_FILE


def _convert(folder: Path, job: dict[str, str]) -> None:
    what = "8 bits" if "from" in job else "OpenVINO"
    log.info("converting %s to %s, once; this takes up to a minute", folder, what)
    try:
        run_child(_CHILD, {"folder": str(folder), **job})
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
