"""Torch on the CPU: float32 everywhere, bfloat16 where the processor computes in it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from models.engine.backend import Lane, Output, Precision, Row, Task
from models.engine.backends.torch_forward import forward, pad, split, takes_full_mask
from models.engine.backends.torch_generation import generate, set_greedy
from models.engine.backends.torch_loading import load_module, set_precision, weight_bytes
from models.engine.cpu_features import usable_cores
from models.engine.folder import EncoderFacts
from models.errors import BackendUnusable, OutOfMemory

TOKEN_BUDGET: dict[Precision, int] = {"float32": 1_024, "bfloat16": 2_048}
"""What a core's caches hold. Batches four times as large cost 12 % more in float32, and 9 % in bfloat16."""
PAD_TO: dict[Precision, int] = {"float32": 8, "bfloat16": 16}
"""In bfloat16 other lengths leave a part of the matrix units idle, and cost 20 % more for each token."""
FILL = 0.25
"""A forward costs as much as some 100 tokens before its first: small batches are worth some padding."""
_NO_MEMORY = ("can't allocate memory", "not enough memory", "std::bad_alloc", "could not create a memory")
"""How torch and oneDNN say, in a plain RuntimeError, that an allocation failed."""


class TorchCpuBackend:
    """One model in torch on the CPU.

    A batch runs on one thread, several run beside each other. Torch's own threads wait for each other some hundred
    times in a forward: beside other busy processes two of them were 6 times slower than two batches on one each, and a
    query took 800 ms instead of 55.

    Args:
        folder: a folder as transformers saves it.
        facts: what `read_facts` read there for the task.
        task: what the model does.
        precision: `float32` or `bfloat16`.
        threads: bulk batches at once; 0 is every core of the process.

    Raises:
        WeightsUnusable: the folder's model can't do the task.
        BackendUnusable: the precision is another.
    """

    name = "torch"
    computes_in_caller = True
    device = "cpu"
    fill = FILL

    def __init__(
        self, folder: Path, facts: EncoderFacts, task: Task, precision: Precision, threads: int = 0
    ) -> None:
        if precision not in PAD_TO:
            raise BackendUnusable(f"torch on the CPU runs in {' or '.join(PAD_TO)}, not in {precision}")
        _keep_own_threads()
        self.precision: Precision = precision
        self.slots = threads or usable_cores()
        self.token_budget = TOKEN_BUDGET[precision]
        self.pad_to = PAD_TO[precision]
        self._facts, self._task = facts, task
        self._module = load_module(folder, task)
        set_precision(self._module, precision, task)
        self._full_mask = takes_full_mask(self._module)
        if task == "generate":
            set_greedy(self._module)
        self.memory_bytes = weight_bytes(self._module)

    def core(self, rows: Sequence[Row], lane: Lane) -> list[Output]:
        """Run one batch to its end in the calling thread, whose priority is the lane's.

        Raises:
            OutOfMemory: the batch does not fit.
        """
        del lane
        try:
            with _one_thread():
                return self._finished(rows)
        except (MemoryError, RuntimeError) as error:
            if not _is_of_memory(error):
                raise
        # Not in the except clause: the error would hold the failed forward's tensors until it is dealt with.
        raise OutOfMemory("a batch does not fit into the machine's memory")

    def post(self, running: list[Output]) -> list[Output]:
        """The outputs, which `core` made."""
        return running

    def close(self) -> None:
        """Drop the weights."""
        del self._module

    def _finished(self, rows: Sequence[Row]) -> list[Output]:
        if self._task == "generate":
            return generate(self._module, rows, self._facts)
        batch = pad(rows, self._facts, self.pad_to)
        outputs = forward(self._module, self._task, self._facts, batch, full_mask=self._full_mask)
        return split(outputs, self._task, [len(row.ids) for row in rows])


@contextmanager
def _one_thread() -> Iterator[None]:
    """For the calling thread, whose number torch keeps apart from those of others; it has its own again afterwards."""
    import torch

    before = torch.get_num_threads()
    if before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _keep_own_threads() -> None:
    """Fix the calling thread's number, which would else be the last one that any thread has set: training needs all."""
    import torch

    torch.get_num_threads()


def _is_of_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError) or any(sign in str(error) for sign in _NO_MEMORY)
