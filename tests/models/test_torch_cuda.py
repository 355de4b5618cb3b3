"""The CUDA backend: on a stand-in for the GPU everywhere, and on the GPU where there is one."""

import gc
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest
import torch

from models.engine.backend import Backend, Lane, Precision, Task
from models.engine.backends.torch_cuda import TorchCudaBackend
from models.engine.backends.torch_forward import Padded
from models.engine.folder import EncoderFacts, read_facts
from models.errors import BackendUnusable, EngineBroken, OutOfMemory
from tests.models.backend_cases import BackendCases, PairCases, rows_of, run
from tests.models.tiny_folders import tiny_folder


class Happened:
    """An event that waits for nothing, unless the device has failed."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure

    def synchronize(self) -> None:
        if self.failure is not None:
            raise self.failure


class HostQueues:
    """The host in the place of a GPU. It notes what a device would have been told."""

    device = torch.device("cpu")

    def __init__(self) -> None:
        self.calls: list[object] = []
        self.failure: Exception | None = None
        self.lanes: list[Lane] = []

    @contextmanager
    def on(self, lane: Lane) -> Iterator[None]:
        self.lanes.append(lane)
        yield

    def upload(self, batch: Padded) -> Padded:
        self.calls.append("upload")
        return batch.on(self.device)

    def download(self, outputs: torch.Tensor, lane: Lane) -> tuple[torch.Tensor, Happened]:
        self.calls.append(("download", lane))
        return outputs.clone(), Happened(self.failure)

    def settle(self) -> None:
        self.calls.append("settle")

    def release(self) -> None:
        self.calls.append("release")


class TestOnTheHost(BackendCases, PairCases):
    tolerance = 0.04

    @pytest.fixture(scope="class", params=["embed", "tag"])
    @classmethod
    def task(cls, request: pytest.FixtureRequest) -> Task:
        return cast("Task", request.param)

    @classmethod
    def make(cls, folder: Path, facts: EncoderFacts, task: Task) -> Backend:
        return TorchCudaBackend(folder, facts, task, "bfloat16", queues=HostQueues())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
class TestOnAGpu(BackendCases, PairCases):
    tolerance = 0.04

    @classmethod
    def make(cls, folder: Path, facts: EncoderFacts, task: Task) -> Backend:
        precision: Precision = (
            "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"
        )
        return TorchCudaBackend(folder, facts, task, precision)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.getbasetemp() / "tiny", "embed")


@pytest.fixture
def queues() -> HostQueues:
    return HostQueues()


@pytest.fixture
def backend(tiny: Path, queues: HostQueues) -> TorchCudaBackend:
    return TorchCudaBackend(tiny, read_facts(tiny), "embed", "float32", queues=queues)


def test_each_lane_has_its_queue(backend: TorchCudaBackend, queues: HostQueues, tiny: Path) -> None:
    rows = rows_of(tiny, read_facts(tiny), "embed")
    run(backend, rows, Lane.URGENT)
    run(backend, rows, Lane.BULK)
    assert queues.lanes == [Lane.URGENT, Lane.BULK]
    uploads = ["upload", ("download", Lane.URGENT), "upload", ("download", Lane.BULK)]
    assert queues.calls == ["settle", *uploads]


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    ],
)
def test_memory_is_given_back_before_a_batch_counts_as_too_large(
    tiny: Path,
    backend: TorchCudaBackend,
    queues: HostQueues,
    monkeypatch: pytest.MonkeyPatch,
    error: RuntimeError,
) -> None:
    rows = rows_of(tiny, read_facts(tiny), "embed")
    held: list[weakref.ref[torch.Tensor]] = []

    def fail(input_ids: torch.Tensor, **named: object) -> None:
        held.append(weakref.ref(input_ids))
        raise type(error)(str(error))

    monkeypatch.setattr(backend._module, "forward", fail)
    monkeypatch.setattr(queues, "release", lambda: queues.calls.append(("release", held[0]() is None)))
    with pytest.raises(OutOfMemory, match=str(error)[:20]):
        backend.core(rows, Lane.BULK)
    assert queues.calls[-1] == ("release", True)


def test_an_error_of_the_batch_alone_stays_what_it_is(
    tiny: Path, backend: TorchCudaBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**named: object) -> None:
        raise RuntimeError("expected a tensor")

    monkeypatch.setattr(backend._module, "forward", fail)
    with pytest.raises(RuntimeError, match="expected a tensor"):
        backend.core(rows_of(tiny, read_facts(tiny), "embed"), Lane.BULK)


def test_a_failed_device_breaks_the_engine(
    backend: TorchCudaBackend, queues: HostQueues, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rows_of(tiny, read_facts(tiny), "embed")
    queues.failure = RuntimeError("CUDA error: an illegal memory access was encountered")
    running = backend.core(rows, Lane.BULK)
    with pytest.raises(EngineBroken, match="illegal memory access"):
        backend.post(running)
    monkeypatch.setattr(queues, "upload", lambda batch: Happened(queues.failure).synchronize())
    with pytest.raises(EngineBroken, match="start the process anew"):
        backend.core(rows, Lane.BULK)


def test_weights_that_do_not_fit_are_out_of_memory(
    tiny: Path, queues: HostQueues, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(module: torch.nn.Module, device: torch.device) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(torch.nn.Module, "to", fail)
    with pytest.raises(OutOfMemory, match="weights do not fit"):
        TorchCudaBackend(tiny, read_facts(tiny), "embed", "float32", queues=queues)
    assert queues.calls == ["release"]


def test_closing_frees_the_weights(backend: TorchCudaBackend, queues: HostQueues) -> None:
    weights = weakref.ref(next(backend._module.parameters()))
    backend.close()
    gc.collect()
    assert weights() is None
    assert queues.calls[-1] == "release"


@pytest.mark.parametrize("device", ["cuda:99", "abacus", "meta", "cpu"])
def test_a_device_that_is_not_there_is_refused(tiny: Path, device: str) -> None:
    with pytest.raises(BackendUnusable, match=device):
        TorchCudaBackend(tiny, read_facts(tiny), "embed", "float32", device)
