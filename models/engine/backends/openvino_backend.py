"""The OpenVINO backend: float32, bfloat16 and int8 on the CPU, one thread a stream."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import numpy as np

from models.engine.backend import Lane, Output, Precision, Row, Task
from models.engine.backends.conversion.accuracy import AccuracyRecord, read_accuracy
from models.engine.backends.conversion.int8_notes import read_note
from models.engine.backends.conversion.openvino import openvino_model
from models.engine.backends.openvino_inputs import PAD_TO, Inputs, padded
from models.engine.backends.openvino_runtime import compile_model, core, in_background
from models.engine.cpu_features import usable_cores
from models.engine.folder import EncoderFacts
from models.errors import OutOfMemory

if TYPE_CHECKING:
    import openvino

TOKEN_BUDGET = 512
FILL = 0.6
"""One thread is as fast with 320 tokens (4 rows of 80) as with any more."""
URGENT_THREADS = 4
"""So that on a large machine a query leaves most cores to bulk work and to other workers."""
_BULK_THREADS = "shopstream-bulk"
_MEMORY_WORDS = ("bad_alloc", "out of memory", "could not allocate", "cannot allocate")


@dataclass(frozen=True, slots=True)
class Running:
    """A batch that was started. It keeps the inputs, which the request reads where they lie."""

    lane: Lane
    request: "openvino.InferRequest"
    inputs: Inputs
    lengths: list[int]


class OpenVinoBackend:
    """One model on the CPU, compiled twice from the same weights.

    For bulk work there are as many streams as threads, of one thread each and the lowest priority; for urgent work one
    stream of at most 4 threads, of normal priority.

    Args:
        folder: as transformers saves it; converted once, see `models.engine.backends.conversion.openvino`.
        facts: limit, pooling, inputs.
        task: all but `generate`.
        precision: `float32`, `bfloat16` or `int8`.
        threads: of the bulk lane; 0 is every core that the process may use.

    Raises:
        BackendUnusable: OpenVINO is not installed, or can't convert or compile the model.
        WeightsUnusable: the cache of converted models is damaged or can't be written.
    """

    name = "openvino"
    computes_in_caller = False
    device = "cpu"
    pad_to = PAD_TO
    fill = FILL

    def __init__(
        self, folder: Path, facts: EncoderFacts, task: Task, precision: Precision, threads: int = 0
    ) -> None:
        self._file = openvino_model(folder, facts, task, precision)
        self._facts, self._task, self._precision = facts, task, precision
        self.refused = read_note(folder, task).refused if precision == "int8" else ""
        """Why `shopstream models quantize` found that its int8 form loses too much; empty where it has not."""
        self.slots = threads or usable_cores()
        # Read once, so that both share the file's pages, of which only those in use take memory.
        model = core().read_model(self._file)
        self._names = [given.get_any_name() for given in model.inputs]
        compiling = partial(compile_model, model, precision)
        # The urgent one first: OpenVINO's own pool of threads, which it uses, begins with normal priority.
        compiled = {
            Lane.URGENT: compiling(streams=1, threads=min(self.slots, URGENT_THREADS)),
            Lane.BULK: in_background(
                partial(compiling, streams=self.slots, threads=self.slots), _BULK_THREADS
            ),
        }
        self._compiled = compiled
        self._idle: dict[Lane, SimpleQueue[openvino.InferRequest]] = {lane: SimpleQueue() for lane in Lane}

    @property
    def precision(self) -> Precision:
        """Number format; of `int8` that of the linear layers."""
        return self._precision

    @property
    def token_budget(self) -> int:
        """Padded tokens of one batch above which throughput no longer grows."""
        return max(TOKEN_BUDGET, self._facts.max_tokens)

    @property
    def memory_bytes(self) -> int:
        """Size of the weights' file, which processes share. Each adds two rearranged copies of the linear layers."""
        return self._file.with_suffix(".bin").stat().st_size

    @property
    def conversion(self) -> str:
        """Names what was converted, and by which versions: others give other numbers."""
        return self._file.parent.name

    @property
    def accuracy(self) -> AccuracyRecord | None:
        """What int8 lost when it was made, on texts that it was not fitted to; None for the other formats.

        Raises:
            WeightsUnusable: the record is damaged.
        """
        return read_accuracy(self._file) if self._precision == "int8" else None

    def core(self, rows: Sequence[Row], lane: Lane) -> Running:
        """Start a batch.

        Raises:
            OutOfMemory: the batch does not fit; a smaller one may.
        """
        inputs = padded(rows, self._facts, self._names)
        try:
            request = self._idle[lane].get_nowait()
        except Empty:
            request = self._compiled[lane].create_infer_request()
        try:
            request.start_async(inputs, share_inputs=True)
        except RuntimeError as error:
            raise _told(error) from error
        return Running(lane, request, inputs, [len(row.ids) for row in rows])

    def post(self, running: Running) -> list[Output]:
        """Wait for a batch; its outputs, row by row.

        Raises:
            OutOfMemory: as in `core`.
        """
        try:
            running.request.wait()
        except RuntimeError as error:  # the request is not used again
            raise _told(error) from error
        outputs = np.array(running.request.get_output_tensor(0).data)  # the request's memory is used again
        self._idle[running.lane].put(running.request)
        if self._task == "tag":
            return [output[:length] for output, length in zip(outputs, running.lengths, strict=True)]
        return list(outputs)

    def close(self) -> None:
        """Free models and threads."""
        for idle in self._idle.values():
            with suppress(Empty):
                while True:
                    idle.get_nowait()
        self._compiled.clear()


def _told(error: RuntimeError) -> Exception:
    """The error that the engine knows; others as they are."""
    said = str(error).lower()
    if any(word in said for word in _MEMORY_WORDS):
        return OutOfMemory("OpenVINO has no memory for this batch")
    return error
