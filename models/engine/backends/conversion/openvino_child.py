"""The process that converts one model: this module is run, and reads a job from standard input.

It is a process of its own because torch and nncf take a gigabyte and a half, and a worker needs neither. It runs at low
priority.
"""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from models.engine.backend import Precision, Row, Task
from models.engine.backends.conversion.accuracy import (
    AccuracyRecord,
    Floats,
    compare_logits,
    compare_vectors,
    write_accuracy,
)
from models.engine.backends.conversion.calibration_texts import calibration_texts, held_out_texts
from models.engine.backends.openvino_inputs import IDS, MASK, PAD_TO, TYPES, padded
from models.engine.backends.openvino_runtime import compile_model, core
from models.engine.folder import EncoderFacts, read_facts, read_prompts
from models.engine.tokenising import Pair, Tokeniser

NICENESS = 5
_MOST_ROWS = 4_096
"""No batch has as many. torch wants a bound, or it guards against overflow."""


def main() -> None:
    """Do the job: convert a folder, or make a converted model int8."""
    _send_no_usage_reports()
    os.nice(NICENESS)
    job = json.load(sys.stdin)
    folder, task, write = Path(job["folder"]), job["task"], Path(job["write"])
    with _output_to_errors():  # nncf draws progress bars
        if "from" in job:
            _quantise(Path(job["from"]), folder, task, write, job["calibration"] or calibration_texts())
        else:
            _export(folder, task, write)
    sys.stdout.write("{}\n")


def _send_no_usage_reports() -> None:
    """Both libraries would report to their makers; without this package, and in a test run, they don't."""
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment] # what `import` takes for "not installed"
    os.environ["NNCF_CI"] = "1"


@contextmanager
def _output_to_errors() -> Iterator[None]:
    """Standard output is for the answer."""
    stdout, sys.stdout = sys.stdout, sys.stderr
    try:
        yield
    finally:
        sys.stdout = stdout


def _export(folder: Path, task: Task, write: Path) -> None:
    """Write the model in float32, for all lengths and batches."""
    facts = read_facts(folder, task)  # before what takes long: it may fail

    import openvino
    import torch

    from models.engine.backends.conversion.wrapped import wrapped
    from models.engine.backends.torch_loading import load_module

    module = wrapped(load_module(folder, task), facts, task)
    names = (IDS, MASK, TYPES) if task == "score" and facts.token_types else (IDS, MASK)
    example = tuple(torch.ones((2, min(PAD_TO, facts.max_tokens)), dtype=torch.long) for _ in names)
    shape = {
        0: torch.export.Dim("rows", min=1, max=_MOST_ROWS),
        1: torch.export.Dim("tokens", min=2, max=facts.max_tokens),
    }
    with torch.no_grad():
        # Not traced by torch.jit, which fails on the attention masks of transformers 5.
        program = torch.export.export(module, example, dynamic_shapes=(shape,) * len(names), strict=False)
    converted = openvino.convert_model(program)
    for given, name in zip(converted.inputs, names, strict=True):
        given.get_tensor().set_names({name})
    openvino.save_model(converted, write, compress_to_fp16=False)


def _quantise(plain: Path, folder: Path, task: Task, write: Path, calibration: Sequence[str]) -> None:
    """Write the int8 model, and beside it what it lost on texts that it was not calibrated on."""
    import nncf
    import openvino

    facts = read_facts(folder, task)
    model = core().read_model(plain)
    names = [given.get_any_name() for given in model.inputs]
    batches = [padded([row], facts, names) for row in _rows(folder, facts, task, calibration)]
    quantised = nncf.quantize(
        model,
        nncf.Dataset(batches),
        subset_size=len(batches),
        model_type=nncf.ModelType.TRANSFORMER,
        preset=nncf.QuantizationPreset.PERFORMANCE,
        # Attention in 8 bits is no faster, and loses more than all else together. Embeddings of 8 bits would be widened
        # to a copy in memory by each process; those of 32 stay in the file, which all processes share.
        ignored_scope=nncf.IgnoredScope(types=["ScaledDotProductAttention", "Gather"], validate=False),
    )
    openvino.save_model(quantised, write, compress_to_fp16=False)
    held_out = _rows(folder, facts, task, held_out_texts())
    reference = _outputs(plain, held_out, facts, task, "float32")
    converted = _outputs(write, held_out, facts, task, "int8")
    write_accuracy(write.with_suffix(".json"), _record(task, len(held_out), reference, converted))


def _rows(folder: Path, facts: EncoderFacts, task: Task, texts: Sequence[str]) -> list[Row]:
    """What the model would be given: texts with the encoder's prompts by turns, or pairs."""
    inputs: Sequence[str] | Sequence[Pair] = texts
    if task == "score":
        inputs = list(zip(texts, (*texts[1:], texts[0]), strict=True))
    elif task == "embed":
        prompts = read_prompts(folder)
        by_turns = (prompts.passage, prompts.query)
        inputs = [by_turns[place % 2] + text for place, text in enumerate(texts)]
    return Tokeniser(folder, facts.max_tokens).rows(inputs)


def _outputs(
    file: Path, rows: Sequence[Row], facts: EncoderFacts, task: Task, precision: Precision
) -> Floats:
    """Outputs of the rows, each run alone: float32 [rows, width or classes]; of `tag` [tokens of all, classes]."""
    model = compile_model(file, precision, streams=1, threads=0)
    names = [given.get_any_name() for given in model.inputs]
    outputs = [model(padded([row], facts, names))[0] for row in rows]
    if task == "tag":
        outputs = [output[0, : len(row.ids)] for output, row in zip(outputs, rows, strict=True)]
    stacked: Floats = np.concatenate(outputs)
    return stacked


def _record(task: Task, texts: int, reference: Floats, converted: Floats) -> AccuracyRecord:
    if task == "embed":
        return compare_vectors(reference, converted)
    return compare_logits(reference, converted, texts)


if __name__ == "__main__":
    main()
