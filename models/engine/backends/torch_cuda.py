"""Torch on a GPU: bfloat16, float16 or float32, two streams, copies that run beside the arithmetic.

Batches are padded. Attention without padding (`torch.nn.attention.varlen`, from torch 2.10) would save what padding
costs, 4 % once rows are sorted by length, and needs its own forward for each kind of model.

The numbers below are reckoned, not measured: no GPU was at hand. `scripts/bench engine --device cuda` measures them.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from models.engine.backend import Lane, Output, Precision, Row, Task
from models.engine.backends.torch_forward import Padded, forward, pad, split, takes_full_mask
from models.engine.backends.torch_generation import generate, set_greedy
from models.engine.backends.torch_loading import load_module, set_precision, weight_bytes
from models.engine.folder import EncoderFacts
from models.errors import BackendUnusable, EngineBroken, OutOfMemory

if TYPE_CHECKING:
    import torch

TOKEN_BUDGET = 65_536
"""Enough for a small encoder's arithmetic to outlast the launch of its kernels, some milliseconds."""
PAD_TO = 8
"""What tensor cores and the attention kernels need; more would only add padding."""
FILL = 0.25
"""A batch costs its launch up to about this share of the budget, however short it is."""
_NO_MEMORY = ("out of memory", "ALLOC_FAILED")
"""How torch, and cuBLAS and cuDNN through it, say that the device's memory is used up."""
_HIGH, _NORMAL = -1, 0
"""Priorities of streams: kernels of the higher one are taken first whenever one of the lower ends."""


class Waitable(Protocol):
    """A point in a device's work."""

    def synchronize(self) -> None:
        """Wait until the device has passed it, without the interpreter's lock."""


class Queues(Protocol):
    """All that touches the GPU itself: two queues, copies to and from it, its memory."""

    device: "torch.device"

    def on(self, lane: Lane) -> AbstractContextManager[None]:
        """Within this, work of the calling thread goes to the lane's queue."""

    def upload(self, batch: Padded) -> Padded:
        """The batch on the device; returns before it is there."""

    def download(self, outputs: "torch.Tensor", lane: Lane) -> "tuple[torch.Tensor, Waitable]":
        """The outputs on the host, and what to wait for before they are read."""

    def settle(self) -> None:
        """Wait for all that the device was given."""

    def release(self) -> None:
        """Give memory that is cached but not used back to the device."""


class CudaQueues:
    """The queues of one GPU.

    Buffers on the host are pinned. Torch keeps them for reuse, and hands none out again before the device is done with
    it; device memory is reused within its stream only. So nothing here has to be kept alive.

    Args:
        device: `cuda:N`.
    """

    def __init__(self, device: "torch.device") -> None:
        import torch

        self.device = device
        self._torch = torch
        self._streams = {
            Lane.URGENT: torch.cuda.Stream(device, priority=_HIGH),
            Lane.BULK: torch.cuda.Stream(device, priority=_NORMAL),
        }

    def on(self, lane: Lane) -> AbstractContextManager[None]:
        """See `Queues`."""
        stream: AbstractContextManager[None] = self._torch.cuda.stream(self._streams[lane])
        return stream

    def upload(self, batch: Padded) -> Padded:
        """See `Queues`."""
        return batch.pinned().on(self.device)

    def download(self, outputs: "torch.Tensor", lane: Lane) -> "tuple[torch.Tensor, Waitable]":
        """See `Queues`."""
        host = self._torch.empty(outputs.shape, dtype=outputs.dtype, pin_memory=True)
        host.copy_(outputs, non_blocking=True)
        # Who waits for a bulk batch sleeps; for an urgent one it spins, which answers sooner.
        event = self._torch.cuda.Event(blocking=lane is Lane.BULK)
        event.record(self._streams[lane])
        return host, event

    def settle(self) -> None:
        """See `Queues`."""
        self._torch.cuda.synchronize(self.device)

    def release(self) -> None:
        """See `Queues`."""
        self._torch.cuda.empty_cache()


@dataclass(frozen=True, slots=True)
class Running:
    """One batch on its way.

    Attributes:
        outputs: on the host, complete once `ready` has happened.
        ready: when that is.
        lengths: tokens of each row.
    """

    outputs: "torch.Tensor"
    ready: Waitable
    lengths: list[int]


class TorchCudaBackend:
    """One model in torch on one GPU.

    Args:
        folder: a folder as transformers saves it.
        facts: what `read_facts` read there for the task.
        task: what the model does.
        precision: `bfloat16`, `float16` or `float32`.
        device: `cuda:N`, or `cuda` for the first.
        queues: what stands for the GPU; None is that device itself.

    Raises:
        WeightsUnusable: the folder's model can't do the task.
        BackendUnusable: the device is not there, or can't compute in the precision.
        OutOfMemory: the weights do not fit on the device.
    """

    name = "torch"
    computes_in_caller = False
    slots = 2  # one batch computes while the next one is prepared, and the last one's outputs are copied
    token_budget = TOKEN_BUDGET
    pad_to = PAD_TO
    fill = FILL

    def __init__(
        self,
        folder: Path,
        facts: EncoderFacts,
        task: Task,
        precision: Precision,
        device: str = "cuda:0",
        *,
        queues: Queues | None = None,
    ) -> None:
        self._queues: Queues = CudaQueues(_usable(device, precision)) if queues is None else queues
        self.device = str(self._queues.device)
        self.precision: Precision = precision
        self._facts, self._task = facts, task
        module = load_module(folder, task)
        set_precision(module, precision, task)
        self._full_mask = takes_full_mask(module)
        if task == "generate":
            set_greedy(module)
        self.memory_bytes = weight_bytes(module)
        self._module = self._moved(module)

    def core(self, rows: Sequence[Row], lane: Lane) -> Running | list[Output]:
        """Give one batch to the device, and return. Generating waits for each token, so it is done by then.

        Raises:
            OutOfMemory: the batch does not fit.
            EngineBroken: the device has failed; nothing runs on it in this process any more.
        """
        try:
            with self._queues.on(lane):
                return self._started(rows, lane)
        except RuntimeError as error:
            message = self._too_large(error)
        # Not in the except clause: the error would hold the failed forward's tensors, which have to go first.
        self._queues.release()
        raise OutOfMemory(message)

    def post(self, running: Running | list[Output]) -> list[Output]:
        """Wait for a batch.

        Raises:
            OutOfMemory, EngineBroken: as in `core`.
        """
        if isinstance(running, list):
            return running
        try:
            running.ready.synchronize()
        except RuntimeError as error:
            message = self._too_large(error)
        else:
            return split(running.outputs, self._task, running.lengths)
        raise OutOfMemory(message)

    def close(self) -> None:
        """Drop the weights, and the device's cached memory."""
        del self._module
        self._queues.release()

    def _started(self, rows: Sequence[Row], lane: Lane) -> Running | list[Output]:
        if self._task == "generate":
            return generate(self._module, rows, self._facts)
        batch = self._queues.upload(pad(rows, self._facts, PAD_TO))
        outputs = forward(self._module, self._task, self._facts, batch, full_mask=self._full_mask)
        host, ready = self._queues.download(outputs, lane)
        return Running(host, ready, [len(row.ids) for row in rows])

    def _moved(self, module: "torch.nn.Module") -> "torch.nn.Module":
        try:
            moved = module.to(self._queues.device)
            self._queues.settle()  # the lanes' streams don't wait for the one that copies the weights
        except RuntimeError as error:
            message = self._too_large(error)
        else:
            return moved
        self._queues.release()
        raise OutOfMemory(f"the weights do not fit on {self.device}: {message}")

    def _too_large(self, error: RuntimeError) -> str:
        """What the error says, if it is one of memory.

        Raises:
            EngineBroken: it is one of the device; CUDA refuses everything after such a one.
            RuntimeError: it is neither, but the batch's own.
        """
        message = str(error)
        if any(sign in message for sign in _NO_MEMORY):
            return message
        if "CUDA error" in message:
            raise EngineBroken(f"{self.device} failed ({message}); start the process anew") from error
        raise error


def _usable(device: str, precision: Precision) -> "torch.device":
    """The device, if it is there and computes in the precision."""
    import torch

    try:
        found = torch.device(device)
    except RuntimeError:
        raise BackendUnusable(f"device {device!r} is not cuda or cuda:N") from None
    count = torch.cuda.device_count()
    index = found.index or 0
    if found.type != "cuda" or index >= count:
        raise BackendUnusable(f"device {device!r} is not there; torch sees {count} CUDA devices")
    with torch.cuda.device(index):
        if precision == "bfloat16" and not torch.cuda.is_bf16_supported(including_emulation=False):
            raise BackendUnusable(f"{torch.cuda.get_device_name()} has no bfloat16; choose float16")
    return torch.device("cuda", index)
